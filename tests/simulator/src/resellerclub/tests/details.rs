//! One domain.

use super::*;

#[test]
fn details_have_every_key_of_the_field_map_1() {
    let mut account = account(500);
    let domain = find(&account, "an ordinary domain", |domain| {
        domain.current_status == "Active" && domain.raa.is_some() && of_tld("com")(domain)
    });
    let value = details(&mut account, &domain.name);
    assert_eq!(value["domainname"], json!(domain.name));
    assert_eq!(value["description"], json!(domain.name));
    assert_eq!(value["currentstatus"], json!("Active"));
    assert_eq!(value["endtime"], json!(domain.expires.unwrap().to_string()));
    assert_eq!(value["creationtime"], json!(domain.created.to_string()));
    assert_eq!(value["productkey"], json!("domcno"));
    assert_eq!(value["noOfNameServers"], json!(domain.nameservers.len().to_string()));
    for (place, host) in domain.nameservers.iter().enumerate() {
        assert_eq!(value[format!("ns{}", place + 1)], json!(host));
    }
    assert_eq!(value["orderstatus"], json!(domain.order_status));
    assert_eq!(value["recurring"], json!(domain.auto_renew.to_string()));
    assert_eq!(value["isprivacyprotected"], json!(domain.privacy.to_string()));
    assert_eq!(value["domsecret"], json!(domain.auth_code));
    assert_eq!(value["registrantcontact"]["emailaddr"], json!(domain.contacts[0].email));
    assert_eq!(value["billingcontactid"], json!(domain.contacts[3].contact_id.to_string()));
    assert!(value.get("status").is_none(), "(5): a success has no status");
}

#[test]
fn every_scalar_is_a_string_10() {
    fn check(value: &Value) {
        match value {
            Value::Object(object) => object.values().for_each(check),
            Value::Array(list) => list.iter().for_each(check),
            Value::String(_) => (),
            other => panic!("{other}"),
        }
    }
    let mut account = account(50);
    let names: Vec<String> = account.world.domains().map(|domain| domain.name).collect();
    for name in names {
        check(&details(&mut account, &name));
    }
    check(&ask(&mut account, "domains/search.json", "no-of-records=50&page-no=1"));
}

#[test]
fn details_by_order_id_are_the_same_answer_and_the_order_id_is_a_bare_number_1() {
    let mut account = account(50);
    let domain = account.world.domain(11).unwrap();
    let by_order = ask(&mut account, "domains/details.json", &format!("order-id={}&options=All", domain.order_id));
    assert_eq!(by_order, details(&mut account, &domain.name));
    let number = ask(&mut account, "domains/orderid.json", &format!("domain-name={}", domain.name));
    assert_eq!(number, json!(domain.order_id));
}

#[test]
fn options_are_required_case_sensitive_and_repeated_1() {
    let mut account = account(50);
    let name = find(&account, "a .com", of_tld("com")).name;
    let path = "domains/details-by-name.json";
    for options in ["", "&options=", "&options=all", "&options=OrderDetails,NsDetails", "&options[]=All"] {
        let message = refusal(&mut account, path, &format!("domain-name={name}{options}"));
        assert!(message.starts_with("{options="), "{message}");
    }
    let some = ask(&mut account, path, &format!("domain-name={name}&options=OrderDetails&options=NsDetails"));
    let there = keys(&some);
    assert!(there.contains(&"orderstatus") && there.contains(&"ns1") && there.contains(&"classkey"), "{there:?}");
    // OrderDetails has no currentstatus; contacts come with All.
    for absent in ["currentstatus", "domainstatus", "registrantcontact", "registrantcontactid"] {
        assert!(!there.contains(&absent), "{absent}");
    }
    let ids = ask(&mut account, path, &format!("domain-name={name}&options=ContactIds"));
    assert!(ids.get("techcontactid").is_some() && ids.get("techcontact").is_none());
}

#[test]
fn what_is_missing_comes_as_http_500_with_a_json_error_5() {
    let mut account = account(50);
    let by_name = refusal(&mut account, "domains/details-by-name.json", "domain-name=nothing.com&options=All");
    assert_eq!(by_name, "Website doesn't exist for nothing.com");
    assert_eq!(refusal(&mut account, "domains/orderid.json", "domain-name=nothing.com"), by_name);
    for (path, query) in [
        ("domains/details.json", "order-id=84372632&options=All"),
        ("domains/locks.json", "order-id=84372632"),
        ("contacts/details.json", "contact-id=99999999"),
    ] {
        assert!(refusal(&mut account, path, query).starts_with("No Entity found for Entityid"), "{path}");
    }
    assert_eq!(refusal(&mut account, "contacts/details.json", "contact-id=-1"), "Invalid contact-id");
}

#[test]
fn keys_vanish_on_pending_orders_10() {
    let mut account = account(5_000);
    let transfer = find(&account, "a transfer", |domain| domain.action_type.as_deref() == Some("AddTransferDomain"));
    let value = details(&mut account, &transfer.name);
    assert_eq!((&value["currentstatus"], &value["actiontype"]), (&json!("InActive"), &json!("AddTransferDomain")));
    for absent in
        ["creationtime", "endtime", "domsecret", "orderstatus", "domainstatus", "registrantcontact", "techcontact"]
    {
        assert!(value.get(absent).is_none(), "{absent}");
    }
    assert!(value.get("registrantcontactid").is_some());
    assert_eq!(value["actionstatus"], json!("Pending"));
    let new = find(&account, "a registration", |domain| domain.action_type.as_deref() == Some("AddNewDomain"));
    assert!(details(&mut account, &new.name).get("registrantcontact").is_some());
    let expired = find(&account, "renewhold", |domain| domain.domain_status == ["renewhold"]);
    let value = details(&mut account, &expired.name);
    assert_eq!((&value["currentstatus"], value.get("raaVerificationStatus")), (&json!("Active"), None));
}

#[test]
fn some_registries_know_fewer_contacts_10() {
    let mut account = account(5_000);
    let british = find(&account, "a .co.uk", of_tld("co.uk")).name;
    let value = details(&mut account, &british);
    assert_eq!(value["admincontactid"], json!("-1"));
    assert!(value["registrantcontact"].is_object());
    assert_eq!(
        (&value["admincontact"], &value["techcontact"], value.get("billingcontact")),
        (&json!([]), &json!({}), None)
    );
    let canadian = find(&account, "a .ca", of_tld("ca")).name;
    let value = details(&mut account, &canadian);
    assert!(value.get("billingcontact").is_none() && value.get("billingcontactid").is_none());
    assert!(value["admincontact"].is_object());
}

#[test]
fn privacy_brings_its_own_contacts_beside_the_real_ones_1() {
    let mut account = account(1_000);
    let domain = find(&account, "privacy", |domain| domain.privacy && !domain.is_pending());
    let value = details(&mut account, &domain.name);
    assert_eq!(value["isprivacyprotected"], json!("true"));
    assert_eq!(value["registrantcontact"]["name"], json!(domain.contacts[0].name));
    assert_eq!(value["privacy-registrantcontact"]["name"], json!("Domain Admin"));
    assert!(value.get("privacyprotectendtime").is_some());
}

#[test]
fn empty_objects_come_in_both_forms_10() {
    let mut account = account(2);
    let names: Vec<String> = account.world.domains().map(|domain| domain.name).collect();
    assert_eq!(details(&mut account, &names[0])["cns"], json!({}));
    assert_eq!(details(&mut account, &names[1])["cns"], json!([]));
}

#[test]
fn thirteen_nameservers_are_flat_keys_in_no_numeric_order_1() {
    let mut account = account(2_000);
    let domain = find(&account, "13 nameservers", |domain| domain.nameservers.len() == 13);
    let query = format!("domain-name={}&options=NsDetails", domain.name);
    let (_, text) = ask_text(&mut account, "domains/details-by-name.json", &query, Twist::default());
    let place = |key: &str| text.find(&format!("\"{key}\":")).unwrap();
    assert!(place("ns10") < place("ns2") && place("ns1") < place("ns10"));
}
