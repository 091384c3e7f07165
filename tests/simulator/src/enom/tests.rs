//! By the sentences of the page; the numbers are its sections.

use super::*;
use crate::world::{PriceAction, PriceTable, WorldConfig};

const NOW: i64 = 1_795_435_200;

fn account(domains: u64) -> Account {
    let world = World::generate(WorldConfig { seed: 5, domains, tlds: Vec::new(), now: NOW });
    Account::new("jane".to_owned(), "simulated".to_owned(), world)
}

fn ask_with(account: &mut Account, query: &str, twist: Twist) -> String {
    let query = format!("uid=jane&PW=simulated&ResponseType=XML&{query}");
    let answer = Enom.answer(&Call::new("GET", "interface.asp", &query), account, twist);
    assert_eq!((answer.status, answer.content_type), (200, "text/xml; charset=utf-8"));
    String::from_utf8(answer.body).unwrap()
}

fn ask(account: &mut Account, query: &str) -> String {
    ask_with(account, query, Twist::default())
}

fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text}");
}

fn find_in(account: &Account, what: &str, fits: impl Fn(&SimDomain) -> bool) -> SimDomain {
    account.world.domains().find(|domain| fits(domain)).unwrap_or_else(|| panic!("a world without {what}"))
}

fn about(domain: &SimDomain) -> String {
    let tld = domain.tld().unwrap().extension;
    format!("sld={}&tld={tld}", domain.name.strip_suffix(tld).unwrap().trim_end_matches('.'))
}

#[test]
fn a_name_is_found_only_when_it_is_split_where_its_registry_does_1() {
    let mut account = account(300);
    let domain =
        find_in(&account, "a .co.uk", |domain| domain.name.ends_with(".co.uk") && !is_away(&domain.current_status));
    has(
        &ask(&mut account, &format!("command=GetDomainInfo&{}", about(&domain))),
        &format!(">{}</domainname>", domain.name),
    );
    let label = domain.name.strip_suffix(".co.uk").unwrap();
    has(&ask(&mut account, &format!("command=GetDomainInfo&sld={label}.co&tld=uk")), "Domain name not found");
    has(&ask(&mut account, "command=GetDomainInfo&sld=none&tld=example"), "<ResponseNumber>316153</ResponseNumber>");
}

#[test]
fn information_has_hosts_in_one_entry_and_no_contacts_1() {
    let mut account = account(60);
    let domain =
        find_in(&account, "an active one", |domain| domain.current_status == "Active" && stage(domain, NOW).is_none());
    let text = ask(&mut account, &format!("command=GETDOMAININFO&{}", about(&domain)));
    has(&text, "<registrationstatus>Registered</registrationstatus><purchase-status>Paid</purchase-status>");
    has(&text, &element("expiration", &wall_clock(domain.expires.unwrap())));
    assert_eq!(text.matches("<dns>").count(), domain.nameservers.len());
    let text = ask(&mut account, &format!("command=GetContacts&{}", about(&domain)));
    has(&text, "<AuxBillingFirstName>");
    has(&text, "<BillingFirstName>Rita</BillingFirstName>");
    has(&text, "<errcount>0</errcount>");
}

#[test]
fn a_hold_shows_in_the_registration_status_alone_8() {
    let mut account = account(2_000);
    let held = find_in(&account, "a held one", |domain| domain.current_status == "Suspended");
    has(&ask(&mut account, &format!("command=GetDomainInfo&{}", about(&held))), "<registrationstatus>Registered<");
    has(&ask(&mut account, &format!("command=GetRegistrationStatus&{}", about(&held))), "<RegistrarHold>True<");
    let waiting = find_in(&account, "one that is on its way", SimDomain::is_pending);
    has(&ask(&mut account, &format!("command=GetDomainInfo&{}", about(&waiting))), "<registrationstatus>Processing<");
}

#[test]
fn the_lists_tell_of_every_domain_and_a_stage_of_the_expired_2() {
    let mut account = account(2_000);
    let all = ask(&mut account, "command=GetAllDomains");
    let expired = ask(&mut account, "command=GetExpiredDomains");
    for domain in account.world.domains() {
        let row = format!("<DomainName>{}</DomainName>", domain.name);
        let is_listed = !is_away(&domain.current_status) && !domain.is_pending();
        let is_restorable = domain.current_status == "Pending Delete Restorable";
        assert_eq!(all.contains(&row), is_listed && !is_restorable, "{domain:?}");
        assert_eq!(expired.contains(&row), stage(&domain, NOW).is_some(), "{domain:?}");
    }
    for word in ["Expired", "RGP", "Extended RGP"] {
        has(&expired, &format!("<status>{word}</status>"));
    }
    has(&all, &format!("<domaincount>{}</domaincount>", all.matches("<DomainDetail>").count()));
    let cut = ask_with(&mut account, "command=GetAllDomains", Twist { empty_page: true, ..Twist::default() });
    assert!(!cut.contains("<DomainDetail>") && !cut.contains("<domaincount>0<"));
}

#[test]
fn prices_are_per_year_within_a_bracket_and_may_have_commas_3() {
    let mut account = account(5);
    account.world.set_price("com", PriceTable::Cost, PriceAction::Register, Some(2), Some("1234567.5"));
    account.world.set_price("net", PriceTable::Cost, PriceAction::Transfer, None, None);
    let text = ask(&mut account, "command=PE_GetRetailPricing&TLDOnly=1&Years=2");
    has(
        &text,
        "<tld><tld>com</tld><tldid>0</tldid><registerprice>14.28</registerprice><resellerpricereg>1,234,567.50</resellerpricereg>",
    );
    has(&text, "<resellerpricetran>0.00</resellerpricetran><transferenabled>False</transferenabled>");
    assert!(!text.contains("<product>"));
    has(&ask(&mut account, "command=PE_GetRetailPricing&Years=3"), "<ErrCount>1</ErrCount>");
}

#[test]
fn without_asking_for_xml_the_answer_is_text_1_5() {
    let mut account = account(5);
    let mut text = |query| {
        let answer = Enom.answer(&Call::new("GET", "interface.asp", query), &mut account, Twist::default());
        String::from_utf8(answer.body).unwrap()
    };
    assert!(text("command=GetAllDomains").starts_with("ErrCount=0\r\n"));
    has(&text("command=GetDNS&sld=x&tld=y"), "Err1=Domain name not found");
    has(&String::from_utf8(Enom.refuse_login().body).unwrap(), "<Err1>Bad User name or Password</Err1>");
}

#[test]
fn a_wall_clock_is_pacific_time_with_its_summers_9() {
    for (seconds, text) in [
        (1_801_358_580, "1/30/2027 5:23:00 PM"),
        (1_814_746_980, "7/4/2027 5:23:00 PM"),
        // The last second of winter, the first of summer; the last of summer, the first of winter.
        (1_805_018_399, "3/14/2027 1:59:59 AM"),
        (1_805_018_400, "3/14/2027 3:00:00 AM"),
        (1_793_523_599, "11/1/2026 1:59:59 AM"),
        (1_793_523_600, "11/1/2026 1:00:00 AM"),
        (1_798_790_400, "1/1/2027 12:00:00 AM"),
    ] {
        assert_eq!(wall_clock(seconds), text);
    }
}
