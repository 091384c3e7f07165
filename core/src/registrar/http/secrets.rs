//! The credentials of one account: into the query of a request, out of every text.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

/// What stands where a secret stood.
const HIDDEN: &str = "[hidden]";
/// From this length on a secret is replaced wherever it occurs. A shorter one, such as a reseller's number, also occurs
/// inside unrelated numbers; it is replaced where it stands alone.
const UNMISTAKABLE: usize = 8;

/// Credentials that no one may see.
#[derive(Default)]
pub(crate) struct Secrets {
    /// What goes into a query or a form, by name.
    parameters: Vec<(String, SecretString)>,
    /// What goes into a header.
    hidden: Vec<SecretString>,
    /// What is of the way to the registrar and not of the account.
    of_the_way: Vec<SecretString>,
}

impl Secrets {
    pub(crate) fn new(parameters: Vec<(String, SecretString)>) -> Self {
        Self { parameters, ..Self::default() }
    }

    /// Secrets that no query and no form has.
    pub(super) fn elsewhere(hidden: Vec<SecretString>) -> Self {
        Self { hidden, ..Self::default() }
    }

    /// With what no text may show either and no request to the registrar has, such as a proxy's password.
    pub(super) fn and_of_the_way(self, of_the_way: Vec<SecretString>) -> Self {
        Self { of_the_way, ..self }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter().map(|(_, secret)| secret);
        self.hidden.iter().chain(parameters).map(ExposeSecret::expose_secret)
    }

    /// What tells this account from others. Never to be shown or sent.
    pub(super) fn identity(&self) -> String {
        self.all().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn append_to<T: form_urlencoded::Target>(&self, pairs: &mut form_urlencoded::Serializer<'_, T>) {
        for (name, value) in &self.parameters {
            pairs.append_pair(name, value.expose_secret());
        }
    }

    /// The text with every secret in it replaced, as it is or as it stands in a URL.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let of_the_way = self.of_the_way.iter().map(ExposeSecret::expose_secret);
        for secret in self.all().chain(of_the_way) {
            let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let percent = form.replace('+', "%20");
            let mut spellings = vec![secret, &form, &percent];
            spellings.dedup();
            for spelling in spellings {
                if !spelling.is_empty() && text.contains(spelling) {
                    text = hide(&text, spelling);
                }
            }
        }
        text
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.parameters.iter().map(|(name, _)| name)).finish()
    }
}

fn hide(text: &str, secret: &str) -> String {
    if secret.chars().count() >= UNMISTAKABLE {
        return text.replace(secret, HIDDEN);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, found) = rest.split_at(at);
        let after = &found[secret.len()..];
        let joined_before =
            before.chars().next_back().or_else(|| cleaned.chars().next_back()).is_some_and(char::is_alphanumeric);
        let joined_after = after.chars().next().is_some_and(char::is_alphanumeric);
        cleaned.push_str(before);
        cleaned.push_str(if joined_before || joined_after { secret } else { HIDDEN });
        rest = after;
    }
    cleaned.push_str(rest);
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(values: &[&str]) -> Secrets {
        Secrets::new(values.iter().map(|value| ("key".to_owned(), SecretString::from(*value))).collect())
    }

    #[test]
    fn a_secret_is_hidden_in_every_spelling_of_a_url() {
        let secrets = secrets(&["k/é +1&long"]);
        for text in ["k/é +1&long", "a=k%2F%C3%A9+%2B1%26long&b", "k%2F%C3%A9%20%2B1%26long", "xk/é +1&longx"] {
            let scrubbed = secrets.scrub(text);
            assert!(scrubbed.contains(HIDDEN), "S6.9 {scrubbed}");
            assert!(!scrubbed.contains("long"), "S6.9 {scrubbed}");
        }
    }

    #[test]
    fn a_short_secret_is_hidden_where_it_stands_alone() {
        let secrets = secrets(&["777"]);
        assert_eq!(
            secrets.scrub("reseller 777, order 97771 and id=777"),
            "reseller [hidden], order 97771 and id=[hidden]",
            "S6.9"
        );
        assert_eq!(secrets.scrub("777777"), "777777");
    }

    #[test]
    fn what_a_header_holds_is_hidden_tells_accounts_apart_and_goes_into_no_query() {
        let header = |key: &str| Secrets::elsewhere(vec![SecretString::from(format!("sso-key {key}:s")), key.into()]);
        let one = header("abcdefgh");
        assert_eq!(one.scrub("sso-key abcdefgh:s and abcdefgh"), "[hidden] and [hidden]", "S6.9");
        assert_ne!(one.identity(), header("abcdefgi").identity(), "S7.1");
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        one.append_to(&mut pairs);
        assert_eq!((pairs.finish().as_str(), format!("{one:?}").as_str()), ("", "[]"), "S6.9");
    }

    #[test]
    fn what_is_of_the_way_is_hidden_and_tells_no_accounts_apart() {
        let secrets = secrets(&["abcdefgh"]).and_of_the_way(vec!["hunter2+".into()]);
        assert_eq!(secrets.scrub("hunter2+ abcdefgh hunter2%2B"), "[hidden] [hidden] [hidden]", "S6.9");
        assert_eq!(secrets.identity(), "abcdefgh", "S7.1: one account, whatever the way");
    }

    #[test]
    fn a_text_without_secrets_is_left_as_it_is() {
        assert_eq!(secrets(&["", "abcdefgh"]).scrub("nothing here"), "nothing here");
    }

    #[test]
    fn debug_output_names_the_parameters_and_hides_their_values() {
        assert_eq!(format!("{:?}", secrets(&["abcdefgh"])), r#"["key"]"#, "S6.9");
    }
}
