use std::collections::{BTreeMap, HashSet};

use super::*;

const NOW: i64 = 1_795_435_200;

fn world(domains: u64) -> World {
    World::generate(WorldConfig { seed: 5, domains, tlds: Vec::new(), now: NOW })
}

#[test]
fn the_same_seed_makes_the_same_world_and_another_seed_another() {
    let all = |seed| {
        let world = World::generate(WorldConfig { seed, domains: 200, tlds: Vec::new(), now: NOW });
        world.domains().collect::<Vec<_>>()
    };
    assert_eq!(all(1), all(1));
    assert_ne!(all(1), all(2));
}

#[test]
fn every_domain_is_found_by_its_name_its_order_and_its_contacts() {
    let world = world(10_000);
    let mut names = HashSet::new();
    for domain in world.domains() {
        assert_eq!(world.by_name(&domain.name.to_ascii_uppercase()).as_ref(), Some(&domain));
        assert_eq!(world.by_order(domain.order_id).as_ref(), Some(&domain));
        for contact in &domain.contacts {
            assert_eq!(world.contact(contact.contact_id), Some((contact.clone(), domain.customer_id)));
        }
        assert!(domain.name.is_ascii() && (2..=13).contains(&domain.nameservers.len()));
        names.insert(domain.name);
    }
    assert_eq!(names.len(), 10_000);
    assert!(world.by_name("nothing.com").is_none() && world.by_order(80_000_004).is_none());
}

#[test]
fn a_world_has_every_state_mostly_active_ones_and_some_of_everything_rare() {
    let world = world(10_000);
    let mut words = BTreeMap::new();
    let (mut thirteen, mut idn, mut privacy, mut hold, mut sixty) = (0, 0, 0, 0, 0);
    for domain in world.domains() {
        thirteen += u32::from(domain.nameservers.len() == 13);
        idn += u32::from(domain.name.starts_with("xn--"));
        privacy += u32::from(domain.privacy);
        hold += u32::from(domain.domain_status == ["renewhold"]);
        sixty += u32::from(domain.domain_status == ["sixtydaylock"]);
        assert!(domain.created <= NOW, "{domain:?}");
        assert_eq!(domain.expires.is_none(), domain.is_pending(), "{domain:?}");
        let healthy = domain.current_status == "Active" && domain.expires.is_some_and(|expires| expires > NOW);
        *words.entry(domain.current_status).or_insert(0_u32) += 1;
        *words.entry("healthy".to_owned()).or_default() += u32::from(healthy);
    }
    for count in [thirteen, idn, privacy, hold, sixty] {
        assert!((10..1_500).contains(&count), "{thirteen} {idn} {privacy} {hold} {sixty}");
    }
    assert!((9_300..9_700).contains(&words["healthy"]), "{words:?}");
    for word in
        ["Suspended", "InActive", "Pending Delete Restorable", "Pending Verification", "Failed Verification", "Deleted"]
    {
        assert!((5..200).contains(&words[word]), "{words:?}");
    }
}

#[test]
fn an_outline_agrees_with_its_domain() {
    let world = world(2_000);
    for domain in world.domains() {
        let outline = world.outline(domain.index).unwrap();
        assert_eq!(format!("{outline:?}"), format!("{:?}", Outline::from(&domain)));
        assert_eq!(world.instants(domain.index), (domain.created, domain.expires, domain.modified));
        assert_eq!(world.current_status(domain.index), domain.current_status);
    }
}

#[test]
fn an_update_bumps_the_modification_past_all_others_and_leaves_the_identity() {
    let mut world = world(100);
    let before = world.domain(7).unwrap();
    let change = |domain: &mut SimDomain| {
        domain.current_status = "Suspended".to_owned();
        domain.name = "other.com".to_owned();
    };
    assert!(world.update(&before.name, change));
    let first = world.domain(7).unwrap();
    assert_eq!((first.name.as_str(), first.current_status.as_str()), (before.name.as_str(), "Suspended"));
    assert!(world.domains().all(|domain| domain.index == 7 || domain.modified < first.modified));
    assert!(world.update(&before.name, |_| ()));
    assert!(world.domain(7).unwrap().modified > first.modified);
    assert!(!world.update("nothing.com", |_| panic!("there is no such domain")));
}

#[test]
fn a_silent_update_leaves_the_modification() {
    let mut world = world(10);
    let before = world.domain(3).unwrap();
    assert!(world.update_silently(&before.name, |domain| domain.privacy = !domain.privacy));
    let after = world.domain(3).unwrap();
    assert_eq!((after.modified, after.privacy), (before.modified, !before.privacy));
}

#[test]
fn a_removed_domain_is_nowhere() {
    let mut world = world(50);
    let gone = world.domain(20).unwrap();
    assert!(world.remove(&gone.name));
    assert!(!world.remove(&gone.name));
    assert_eq!((world.len(), world.domains().count()), (49, 49));
    assert!(
        world.by_name(&gone.name).is_none() && world.by_order(gone.order_id).is_none() && world.domain(20).is_none()
    );
}

#[test]
fn of_two_orders_of_a_name_the_living_one_answers() {
    let mut world = world(50);
    let first = world.domain(0).unwrap();
    assert!(world.update(&first.name, |domain| domain.current_status = "Deleted".to_owned()));
    let second = world.add(&first.name);
    assert!(second.order_id > first.order_id);
    assert_eq!(world.by_name(&first.name).unwrap().order_id, second.order_id);
    assert!(world.update(&first.name, |domain| domain.current_status = "Archived".to_owned()));
    assert_eq!(world.by_name(&first.name).unwrap().order_id, second.order_id);
    assert_eq!(world.len(), 51);
}

#[test]
fn a_fraction_of_the_domains_changes_in_a_realistic_mix() {
    let mut world = world(1_000);
    let before: Vec<SimDomain> = world.domains().collect();
    let names = world.change_fraction(0.1, 3);
    assert_eq!(names.len(), 100);
    let mut kinds = BTreeMap::new();
    for old in &before {
        let new = world.by_name(&old.name).unwrap();
        assert_eq!(names.contains(&old.name), new.modified > old.modified, "{old:?}");
        if new.modified == old.modified {
            assert_eq!(&new, old);
            continue;
        }
        let kind = match () {
            () if new.current_status != old.current_status => "status",
            () if new.expires != old.expires => "expiry",
            () if new.contacts != old.contacts => "contacts",
            () if new.nameservers != old.nameservers => "nameservers",
            () => "nothing",
        };
        *kinds.entry(kind).or_insert(0) += 1;
    }
    for kind in ["status", "expiry", "contacts", "nameservers"] {
        assert!(kinds.get(kind).is_some_and(|count| *count > 0), "{kinds:?}");
    }
    assert!(!kinds.contains_key("nothing"), "{kinds:?}");
    assert!(kinds["status"] < 15, "{kinds:?}");
}

#[test]
fn prices_are_set_by_tld_or_product_for_one_tenure_or_all() {
    let mut world = world(1);
    let cost = |world: &World, years| {
        world.prices.get("co.uk", PriceTable::Cost, PriceAction::Renew, years).map(str::to_owned)
    };
    assert_eq!(cost(&world, 1).as_deref(), Some("7.99"));
    world.set_price(".org.uk", PriceTable::Cost, PriceAction::Renew, None, Some("9.5"));
    // Both are sold as one product.
    assert_eq!((cost(&world, 1).as_deref(), cost(&world, 10).as_deref()), (Some("9.5"), Some("9.5")));
    world.set_price("thirdleveldotuk", PriceTable::Cost, PriceAction::Renew, Some(1), None);
    assert_eq!((cost(&world, 1), cost(&world, 2).as_deref()), (None, Some("9.5")));
}

#[test]
fn a_world_of_a_million_domains_is_made_at_once() {
    let world = world(1_000_000);
    let last = world.domain(999_999).unwrap();
    assert_eq!(world.by_name(&last.name).unwrap().index, 999_999);
    assert_eq!(world.len(), 1_000_000);
}
