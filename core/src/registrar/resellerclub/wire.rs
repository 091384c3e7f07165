//! The shapes that the API sends, read tolerantly: a scalar may be a string, a number or a boolean, an empty object may
//! be an array, and keys vanish.
//!
//! Each value is visited once and borrowed from the answer where it can be. What is not named here, `domsecret` and
//! `passwd` above all, is skipped inside the parser and never becomes a value.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

pub(super) use crate::registrar::loose::{Loose, Scalar, Words};

/// An answer that can be seen to be what was asked for.
pub(super) trait Told {
    /// Whether it names what it is about. An error names nothing.
    fn is_told(&self) -> bool;
}

impl Told for Person<'_> {
    fn is_told(&self) -> bool {
        self.contactid.get().is_some()
    }
}

impl Told for Details<'_> {
    fn is_told(&self) -> bool {
        self.domainname.get().or(self.description.get()).is_some()
    }
}

impl Told for Search<'_> {
    fn is_told(&self) -> bool {
        self.recsonpage.get().is_some() && self.recsindb.get().is_some()
    }
}

/// A contact, inside the details of a domain or by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Person<'a> {
    #[serde(borrow)]
    pub(super) contactid: Scalar<'a>,
    #[serde(borrow)]
    pub(super) currentstatus: Scalar<'a>,
    #[serde(borrow)]
    pub(super) name: Scalar<'a>,
    #[serde(borrow)]
    pub(super) company: Scalar<'a>,
    #[serde(borrow)]
    pub(super) emailaddr: Scalar<'a>,
    #[serde(borrow)]
    pub(super) telnocc: Scalar<'a>,
    #[serde(borrow)]
    pub(super) telno: Scalar<'a>,
    #[serde(borrow)]
    pub(super) address1: Scalar<'a>,
    #[serde(borrow)]
    pub(super) address2: Scalar<'a>,
    #[serde(borrow)]
    pub(super) address3: Scalar<'a>,
    #[serde(borrow)]
    pub(super) city: Scalar<'a>,
    #[serde(borrow)]
    pub(super) state: Scalar<'a>,
    #[serde(borrow)]
    pub(super) zip: Scalar<'a>,
    #[serde(borrow)]
    pub(super) country: Scalar<'a>,
}

/// The answer of `domains/details-by-name.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Details<'a> {
    pub(super) domainname: Scalar<'a>,
    pub(super) description: Scalar<'a>,
    pub(super) orderid: Scalar<'a>,
    pub(super) entityid: Scalar<'a>,
    pub(super) currentstatus: Scalar<'a>,
    pub(super) endtime: Scalar<'a>,
    pub(super) orderstatus: Words<'a>,
    pub(super) domainstatus: Words<'a>,
    pub(super) raa: Scalar<'a>,
    pub(super) actiontype: Scalar<'a>,
    pub(super) isprivacyprotected: Scalar<'a>,
    pub(super) nameserver_count: Scalar<'a>,
    /// The keys `ns1`, `ns2` … by number.
    pub(super) nameservers: Vec<(u64, Scalar<'a>)>,
    /// Registrant, admin, tech, billing, as in all four that follow.
    pub(super) contact_ids: [Scalar<'a>; 4],
    pub(super) contacts: [Person<'a>; 4],
    /// Those of the privacy service.
    pub(super) stand_ins: [Person<'a>; 4],
}

impl<'de: 'a, 'a> Deserialize<'de> for Details<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DetailsVisitor;

        impl<'de> Visitor<'de> for DetailsVisitor {
            type Value = Details<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the details of a domain")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut it = Details::default();
                while let Some(Scalar(key)) = map.next_key()? {
                    match key.as_deref().unwrap_or_default() {
                        "domainname" => it.domainname = map.next_value()?,
                        "description" => it.description = map.next_value()?,
                        "orderid" => it.orderid = map.next_value()?,
                        "entityid" => it.entityid = map.next_value()?,
                        "currentstatus" => it.currentstatus = map.next_value()?,
                        "endtime" => it.endtime = map.next_value()?,
                        "orderstatus" => it.orderstatus = map.next_value()?,
                        "domainstatus" => it.domainstatus = map.next_value()?,
                        "raaVerificationStatus" => it.raa = map.next_value()?,
                        "actiontype" => it.actiontype = map.next_value()?,
                        "isprivacyprotected" => it.isprivacyprotected = map.next_value()?,
                        "noOfNameServers" => it.nameserver_count = map.next_value()?,
                        "registrantcontactid" => it.contact_ids[0] = map.next_value()?,
                        "admincontactid" => it.contact_ids[1] = map.next_value()?,
                        "techcontactid" => it.contact_ids[2] = map.next_value()?,
                        "billingcontactid" => it.contact_ids[3] = map.next_value()?,
                        "registrantcontact" => it.contacts[0] = map.next_value::<Loose<_>>()?.0,
                        "admincontact" => it.contacts[1] = map.next_value::<Loose<_>>()?.0,
                        "techcontact" => it.contacts[2] = map.next_value::<Loose<_>>()?.0,
                        "billingcontact" => it.contacts[3] = map.next_value::<Loose<_>>()?.0,
                        "privacy-registrantcontact" => it.stand_ins[0] = map.next_value::<Loose<_>>()?.0,
                        "privacy-admincontact" => it.stand_ins[1] = map.next_value::<Loose<_>>()?.0,
                        "privacy-techcontact" => it.stand_ins[2] = map.next_value::<Loose<_>>()?.0,
                        "privacy-billingcontact" => it.stand_ins[3] = map.next_value::<Loose<_>>()?.0,
                        other => match nameserver_number(other) {
                            Some(number) => it.nameservers.push((number, map.next_value()?)),
                            None => {
                                map.next_value::<IgnoredAny>()?;
                            }
                        },
                    }
                }
                it.nameservers.sort_by_key(|(number, _)| *number);
                Ok(it)
            }
        }

        deserializer.deserialize_map(DetailsVisitor)
    }
}

/// The number in a key such as `ns1`.
fn nameserver_number(key: &str) -> Option<u64> {
    whole_number(key.strip_prefix("ns")?)
}

/// A text of nothing but decimal digits.
fn whole_number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The answer of `domains/search.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Search<'a> {
    pub(super) recsonpage: Scalar<'a>,
    pub(super) recsindb: Scalar<'a>,
    /// The rows by their number.
    pub(super) rows: Vec<(u64, Row<'a>)>,
}

/// A row of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Row<'a> {
    #[serde(borrow, rename = "orders.orderid")]
    pub(super) orderid: Scalar<'a>,
    #[serde(borrow, rename = "entity.entityid")]
    pub(super) entityid: Scalar<'a>,
    #[serde(borrow, rename = "entity.description")]
    pub(super) name: Scalar<'a>,
    #[serde(borrow, rename = "entity.currentstatus")]
    pub(super) currentstatus: Scalar<'a>,
    #[serde(borrow, rename = "orders.endtime")]
    pub(super) endtime: Scalar<'a>,
    #[serde(borrow, rename = "orders.timestamp")]
    pub(super) timestamp: Scalar<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Search<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SearchVisitor;

        impl<'de> Visitor<'de> for SearchVisitor {
            type Value = Search<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a page of a list")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut it = Search::default();
                while let Some(Scalar(key)) = map.next_key()? {
                    match key.as_deref().unwrap_or_default() {
                        "recsonpage" => it.recsonpage = map.next_value()?,
                        "recsindb" => it.recsindb = map.next_value()?,
                        other => match whole_number(other) {
                            Some(number) => it.rows.push((number, map.next_value::<Loose<_>>()?.0)),
                            None => {
                                map.next_value::<IgnoredAny>()?;
                            }
                        },
                    }
                }
                // The keys come in the order of their texts: 1, 10, 100, 2.
                it.rows.sort_by_key(|(number, _)| *number);
                Ok(it)
            }
        }

        deserializer.deserialize_map(SearchVisitor)
    }
}

/// The part of any answer by which it says that it is an error. Only the top level counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) status: Scalar<'a>,
    #[serde(borrow)]
    pub(super) message: Scalar<'a>,
    #[serde(borrow)]
    pub(super) error: Scalar<'a>,
    #[serde(borrow)]
    pub(super) actionstatusdesc: Scalar<'a>,
    #[serde(borrow)]
    pub(super) errorvalue: Loose<ErrorValue<'a>>,
}

/// The oldest shape of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct ErrorValue<'a> {
    #[serde(borrow)]
    pub(super) error: Scalar<'a>,
}
