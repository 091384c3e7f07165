//! Nameservers in their canonical form.

use std::collections::HashSet;

use serde::Serialize;

use super::DomainName;

/// Nameservers in the registrar's order, each a lower-case A-label without a trailing dot, none twice (S3.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Nameservers(Vec<DomainName>);

impl Nameservers {
    /// Reads host names in order. Empty entries and repetitions are left out; the second list has those that are no
    /// host names.
    pub fn parse<I>(hosts: I) -> (Self, Vec<String>)
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut kept: Vec<DomainName> = Vec::new();
        let mut unreadable = Vec::new();
        for host in hosts {
            let host = host.as_ref().trim();
            if host.is_empty() {
                continue;
            }
            match DomainName::parse_host(host) {
                // A delegation has at most 13 hosts, so looking through them beats a set.
                Ok(name) if !kept.contains(&name) => kept.push(name),
                Ok(_) => {}
                Err(_) => unreadable.push(host.to_owned()),
            }
        }
        (Self(kept), unreadable)
    }

    /// Whether both name the same hosts, in whatever order (S3.5).
    pub fn same_set(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && {
            let mine: HashSet<_> = self.0.iter().collect();
            other.0.iter().all(|host| mine.contains(host))
        }
    }

    /// The hosts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(DomainName::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_as_a_set_of_canonical_names() {
        let (one, bad) = Nameservers::parse(["NS1.example.net.", "", "ns2.bücher.example", "ns1.example.net"]);
        let (other, _) = Nameservers::parse(["ns2.xn--bcher-kva.example", "ns1.example.net"]);
        assert!(bad.is_empty());
        assert_eq!(one.len(), 2);
        assert!(one.same_set(&other), "S3.5");
        assert!(!one.same_set(&Nameservers::parse(["ns1.example.net"]).0));
    }

    #[test]
    fn what_is_no_host_is_told_apart() {
        let (hosts, bad) = Nameservers::parse(["ns1.example.net", "not a host"]);
        assert_eq!((hosts.len(), bad), (1, vec!["not a host".to_owned()]), "S2.3");
    }
}
