//! What every registrar's adapter passes, over its simulator: the same questions, and for each registrar a row that says
//! what is its own.
//!
//! What a registrar does beside that stands in a test file of its own.

mod answers;
mod failures;
mod prices;

use domaindesk_simulator::Api;
use domaindesk_sync::{DomainRef, ErrorKind, RegistrarSync, Selection};
use serde_json::{Value, json};

pub use self::answers::*;
pub use self::failures::*;
pub use self::prices::*;
use crate::{House, forced, name};

/// A registrar, and what is its own.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its slug.
    pub slug: &'static str,
    /// Its simulator.
    pub api: Api,
    /// The keys of its credentials: of the login, of the secret, and others that are neither, with their values.
    pub credentials: (&'static str, &'static str, &'static [(&'static str, &'static str)]),
    /// Settings beside those of every house, as JSON.
    pub settings: &'static str,
    /// Where its ordinary domains are.
    pub tld: &'static str,
    /// The most nameservers that it tells of a domain.
    pub nameservers: usize,
    /// Requests that read one domain whole.
    pub requests: u64,
    /// Requests that read the status of one domain that has expired.
    pub status: u64,
    /// What an answer that is none of the API's is, and how often it is asked for: a web page and no answer at all.
    pub no_answer: (ErrorKind, u64),
    /// How often what cannot be parsed is asked for.
    pub nonsense: u64,
    /// The path of a page of its list, where it has pages.
    pub list: Option<&'static str>,
    /// The body of an answer about this domain that tells nothing of it.
    pub sparse: fn(&str) -> String,
    /// The HTTP status and the body of a refusal in these words.
    pub refusal: fn(&str) -> (u16, String),
}

/// ResellerClub, and its sister brands by other slugs.
const RESELLERCLUB: Row = Row {
    slug: "resellerclub",
    api: Api::ResellerClub,
    credentials: ("auth_userid", "api_key", &[]),
    settings: "{}",
    tld: "com",
    nameservers: 13,
    requests: 1,
    status: 1,
    no_answer: (ErrorKind::InvalidResponse, 1),
    nonsense: 1,
    list: Some("domains/search.json"),
    sparse: |domain| json!({"domainname": domain}).to_string(),
    refusal: |words| (500, json!({"status": "ERROR", "message": words}).to_string()),
};

/// Every registrar that is asked over a network.
pub const REGISTRARS: &[Row] = &[
    RESELLERCLUB,
    Row {
        slug: "logicboxes",
        refusal: |words| (200, json!({"status": "error", "error": words}).to_string()),
        ..RESELLERCLUB
    },
    Row {
        slug: "namecheap",
        api: Api::Namecheap,
        credentials: ("api_user", "api_key", &[("client_ip", "127.0.0.1")]),
        settings: "{}",
        tld: "com",
        nameservers: 13,
        requests: 2,
        status: 1,
        no_answer: (ErrorKind::Network, 3),
        nonsense: 1,
        list: Some("namecheap.domains.getList"),
        sparse: |domain| {
            format!(
                "<ApiResponse Status='OK'><CommandResponse><DomainGetInfoResult DomainName='{domain}' Status='Ok'/>\
                 <DomainContactsResult Domain='{domain}'/></CommandResponse></ApiResponse>"
            )
        },
        refusal: |words| {
            let error = format!("<Errors><Error Number='2030166'>{words}</Error></Errors>");
            (200, format!("<ApiResponse Status='ERROR'>{error}</ApiResponse>"))
        },
    },
    Row {
        slug: "enom",
        api: Api::Enom,
        credentials: ("uid", "pw", &[]),
        settings: "{}",
        tld: "com",
        nameservers: 13,
        requests: 2,
        status: 2,
        no_answer: (ErrorKind::InvalidResponse, 2),
        nonsense: 2,
        list: None,
        sparse: |domain| {
            format!(
                "<interface-response><GetDomainInfo><domainname>{domain}</domainname></GetDomainInfo><GetContacts>\
                 <Registrant/><Admin>None</Admin></GetContacts><ErrCount>0</ErrCount><Done>true</Done></interface-response>"
            )
        },
        refusal: |words| {
            let error = format!("<ErrCount>1</ErrCount><errors><Err1>{words}</Err1></errors><Done>true</Done>");
            (200, format!("<interface-response>{error}</interface-response>"))
        },
    },
    Row {
        slug: "godaddy",
        api: Api::GoDaddy,
        credentials: ("api_key", "api_secret", &[]),
        settings: "{}",
        tld: "com",
        nameservers: 13,
        requests: 1,
        status: 1,
        no_answer: (ErrorKind::Network, 3),
        nonsense: 1,
        list: Some("list"),
        sparse: |domain| json!({"domain": domain, "contactAdmin": null, "nameServers": null}).to_string(),
        refusal: |words| (422, json!({"code": "INVALID_BODY", "message": words, "fields": [{}]}).to_string()),
    },
    Row {
        slug: "namecom",
        api: Api::NameCom,
        credentials: ("username", "token", &[]),
        settings: "{}",
        tld: "com",
        nameservers: 13,
        requests: 1,
        status: 1,
        no_answer: (ErrorKind::Network, 3),
        nonsense: 1,
        list: Some("list"),
        sparse: |domain| json!({"domainName": domain, "contacts": {"admin": {}}}).to_string(),
        refusal: |words| (422, json!({"message": words}).to_string()),
    },
    Row {
        slug: "btcl",
        api: Api::Btcl,
        credentials: ("username", "password", &[]),
        // As the simulated application sees it; without it there are no days of grace here.
        settings: r#"{"grace_days": {"com.bd": 30}}"#,
        tld: "com.bd",
        nameservers: 3,
        requests: 1,
        status: 1,
        no_answer: (ErrorKind::Network, 3),
        nonsense: 1,
        list: None,
        sparse: |domain| json!({"domain": domain, "responseCode": 2000, "tertiaryDns": null}).to_string(),
        refusal: |words| (200, json!({"responseCode": 4030, "message": words}).to_string()),
    },
];

/// The login of a simulator's account, and its secret.
const LOGIN: &str = "777";
const SECRET: &str = "simulated";

impl Row {
    /// The row of a slug.
    ///
    /// # Panics
    /// Where there is none.
    pub fn of(slug: &str) -> &'static Self {
        REGISTRARS.iter().find(|row| row.slug == slug).unwrap_or_else(|| panic!("no row of {slug}"))
    }

    /// The credentials by which the simulator knows its account.
    pub fn access(&self) -> Value {
        let (login, secret, others) = self.credentials;
        let mut access = json!({ login: LOGIN, secret: SECRET });
        for (key, value) in others {
            access[key] = json!(value);
        }
        access
    }

    /// A house at this registrar, with so many domains.
    pub fn house(&self, domains: u64) -> House {
        let mut house = House::at(self.api, self.slug, self.access(), domains);
        let own: Value = serde_json::from_str(self.settings).unwrap();
        for (key, value) in own.as_object().unwrap() {
            house.config["registrar"]["registrars"][self.slug][key] = value.clone();
        }
        house
    }

    /// The name of a domain that is active at the registrar for another month at least, with ordinary contacts and no
    /// more nameservers than it tells.
    pub fn active(&self, house: &House) -> String {
        self.actives(house, 1).remove(0)
    }

    /// As [`active`](Self::active), several.
    pub fn actives(&self, house: &House, count: usize) -> Vec<String> {
        house.ordinary(&format!(".{}", self.tld), self.nameservers.min(12), count)
    }

    /// All that a house has at this registrar: where it is asked by name only, those below its own TLD.
    fn portfolio(&self, house: &House) -> Selection {
        let is_listed = RegistrarSync::registrars()[self.slug].list.is_some();
        let end = if is_listed { String::new() } else { format!(".{}", self.tld) };
        let rows = house.database.query(&format!("SELECT id FROM domains WHERE name LIKE '%{end}' ORDER BY id"));
        Selection::Domains(rows.iter().map(|row| DomainRef::from(row[0].as_i64().unwrap())).collect())
    }

    /// How many domains a house needs to have some ordinary ones.
    fn enough(&self) -> u64 {
        if self.tld == "com" { 60 } else { 400 }
    }
}
