//! By the sentences of the page; the numbers are its sections.

use super::*;
use crate::world::{PriceAction, PriceTable, WorldConfig};

const NOW: i64 = 1_795_435_200;

fn account(domains: u64) -> Account {
    let world = World::generate(WorldConfig { seed: 5, domains, tlds: Vec::new(), now: NOW });
    Account::new("jane".to_owned(), "simulated".to_owned(), world)
}

fn ask_as(account: &mut Account, common: &str, query: &str, twist: Twist) -> String {
    let query = format!("{common}&Command=namecheap.{query}");
    let answer = Namecheap.answer(&Call::new("GET", "xml.response", &query), account, twist);
    assert_eq!((answer.status, answer.content_type), (200, "text/xml; charset=utf-8"));
    String::from_utf8(answer.body).unwrap()
}

fn ask(account: &mut Account, query: &str) -> String {
    ask_as(account, "ApiUser=jane&ApiKey=simulated&UserName=jane&ClientIp=127.0.0.1", query, Twist::default())
}

fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text}");
}

fn active(account: &Account) -> SimDomain {
    let is_plain = |domain: &SimDomain| {
        domain.current_status == "Active" && !is_held(domain) && !is_expired(domain, NOW) && !domain.privacy
    };
    account.world.domains().find(is_plain).unwrap()
}

#[test]
fn information_has_dates_hosts_and_neither_contacts_nor_locks_1() {
    let mut account = account(50);
    let domain = active(&account);
    let text = ask(&mut account, &format!("domains.getInfo&DomainName={}", domain.name));
    has(&text, "<RequestedCommand>namecheap.domains.getinfo</RequestedCommand>");
    has(&text, &format!("DomainName=\"{}\"", domain.name));
    has(&text, &format!("<ExpiredDate>{}</ExpiredDate><NumYears>", date(domain.expires.unwrap(), domain.index)));
    has(&text, "<LockDetails />");
    assert_eq!(text.matches("<Nameserver>").count(), domain.nameservers.len());
    let text = ask(&mut account, &format!("domains.getContacts&DomainName={}", domain.name));
    has(&text, "<Registrant ReadOnly=\"false\"><OrganizationName>");
    has(&text, "<AuxBilling");
}

#[test]
fn what_is_not_the_account_s_own_is_told_by_its_absence_1_8() {
    let mut account = account(50);
    let name = active(&account).name;
    let mut word = |word: &str| {
        account.world.update(&name, |domain| domain.current_status = word.to_owned());
        ask(&mut account, &format!("domains.getInfo&DomainName={name}"))
    };
    let shared = word("Shared").to_lowercase();
    has(&shared, "isowner=\"false\"");
    has(&shared, "status=\"ok\"");
    let free = word("FreeDNS");
    assert!(!free.contains("<DomainGetInfoResult Status=") && !free.contains("</CreatedDate><ExpiredDate>"), "{free}");
    has(&word("Pending Delete Restorable"), "<Error Number=\"2019166\">");
    has(&word("Suspended"), "<DomainGetInfoResult Status=\"Locked\"");
    has(&word("Marinated"), "<DomainGetInfoResult Status=\"Marinated\"");
}

#[test]
fn pages_show_every_own_domain_once_in_the_order_of_names_2() {
    let mut account = account(250);
    let mut names = Vec::new();
    for page in 1..=3 {
        let text = ask(&mut account, &format!("domains.getList&Page={page}&PageSize=100&SortBy=NAME"));
        has(&text, &format!("<CurrentPage>{page}</CurrentPage>"));
        let rows = text.split("Name=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        names.extend(rows);
    }
    assert!(names.is_sorted());
    let own = account.world.domains().filter(|domain| is_own(&domain.current_status)).count();
    assert_eq!(names.len(), own);
    has(&ask(&mut account, "domains.getList&Page=4&PageSize=100"), "<DomainGetListResult />");
    for wrong in ["PageSize=9", "PageSize=101", "Page=0", "Page=x", "SortBy=SIZE"] {
        has(&ask(&mut account, &format!("domains.getList&{wrong}")), "Status=\"ERROR\"");
    }
}

#[test]
fn a_transfer_in_is_listed_until_it_is_done_2() {
    let mut account = account(5_000);
    let is_arriving = |domain: &SimDomain| domain.action_type.as_deref() == Some("AddTransferDomain");
    let names: Vec<_> = account.world.domains().filter(is_arriving).map(|domain| domain.name).collect();
    assert!(names.len() > 2);
    for name in &names {
        has(&ask(&mut account, &format!("domains.transfer.getList&SearchTerm={name}")), "StatusID=\"14\"");
        has(&ask(&mut account, &format!("domains.getInfo&DomainName={name}")), "2019166");
    }
}

#[test]
fn a_price_is_per_year_or_a_total_and_a_promotion_hides_3() {
    let mut account = account(5);
    let text = ask(&mut account, "users.getPricing&ProductType=DOMAIN&ActionName=RENEW&ProductName=COM");
    // 11.99 a year in the world, 0.20 of it on top.
    has(
        &text,
        "<Price Duration=\"2\" DurationType=\"YEAR\" Price=\"11.79\" PricingType=\"MULTIPLE\" AdditionalCost=\"0.20\"",
    );
    account.world.set_price("net", PriceTable::Reseller, PriceAction::Register, Some(1), Some("3.20"));
    let text = ask(&mut account, "users.getPricing&ProductType=DOMAIN&ActionName=REGISTER&ProductName=net");
    has(&text, "RegularPrice=\"12.79\" RegularPriceType=\"MULTIPLE\" YourPrice=\"3.00\" YourPriceType=\"ABSOLUTE\"");
    has(&text, "PromotionPrice=\"0.0\"");
}

#[test]
fn refusals_are_http_200_with_a_number_and_junk_beside_it_5() {
    let mut account = account(5);
    let mut number = |common: &str, query: &str| {
        let text = ask_as(&mut account, common, query, Twist::default());
        has(&text, "Status=\"ERROR\"");
        text.split("Number=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let user = "ApiUser=jane&ApiKey=simulated&UserName=jane";
    assert_eq!(number(user, "users.getBalances"), "1010105");
    assert_eq!(number(&format!("{user}&ClientIp=::1"), "users.getBalances"), "1011105");
    assert_eq!(number("ApiUser=jane&UserName=x&ClientIp=127.0.0.1", "users.getBalances"), "1019103");
    assert_eq!(number(&format!("{user}&ClientIp=127.0.0.1"), "domains.getInfo&DomainName=none.example"), "2019166");
    assert_eq!(number(&format!("{user}&ClientIp=127.0.0.1"), "domains.getContacts&DomainName=none.example"), "3019510");
    assert!(String::from_utf8(Namecheap.refuse_login().body).unwrap().contains("1011102"));
    assert_eq!((Namecheap.over_limit().status, Namecheap.over_limit().content_type), (405, "text/html; charset=UTF-8"));
}
