//! Values that the tests beside the code share.

use crate::model::{
    Contact, ContactField, ContactType, DomainId, DomainName, DomainStatus, Field, LocalContact, LocalDomain,
    Nameservers, PartnerId, RegistrarId, RemoteDomain, RemoteStatus, StatusMeaning,
};

/// A person with every field.
pub(crate) fn jane() -> Contact {
    [
        (ContactField::FirstName, "Jane"),
        (ContactField::LastName, "Doe"),
        (ContactField::Organization, "Example Ltd"),
        (ContactField::Email, "jane@example.com"),
        (ContactField::Phone, "+44.2079460000"),
        (ContactField::Address, "1 High Street"),
        (ContactField::City, "London"),
        (ContactField::State, "Greater London"),
        (ContactField::PostalCode, "EC1A 1AA"),
        (ContactField::Country, "GB"),
    ]
    .into_iter()
    .fold(Contact::default(), |contact, (field, value)| contact.with(field, value))
}

/// An active domain with two nameservers and a registrant.
pub(crate) fn local(name: &str) -> LocalDomain {
    LocalDomain {
        id: DomainId(1),
        name: name.to_owned(),
        partner_id: PartnerId(1),
        registrar_id: Some(RegistrarId(1)),
        status: DomainStatus::Active,
        expires_at: Some("2027-11-14T22:13:20Z".parse().unwrap()),
        last_synced_at: None,
        metadata: None,
        metadata_text: None,
        nameservers: vec!["ns1.example.net".into(), "ns2.example.net".into()],
        contacts: vec![LocalContact { id: 7, kind: ContactType::Registrant, contact: jane() }],
    }
}

/// What a registrar says of the same domain when all is in step.
pub(crate) fn remote(name: &str) -> RemoteDomain {
    let local = local(name);
    let mut contacts = crate::model::Contacts::default();
    contacts.set(ContactType::Registrant, jane());
    RemoteDomain {
        name: DomainName::parse(name).unwrap(),
        remote_id: Some("84372632".into()),
        status: RemoteStatus { words: "Active".into(), meaning: StatusMeaning::Known(DomainStatus::Active) },
        expires_at: Field::Known(local.expires_at.unwrap()),
        nameservers: Field::Known(Nameservers::parse(&local.nameservers).0),
        contacts,
        change_marker: Some("2024-11-29 21:49:58.18267+00".into()),
        warnings: Vec::new(),
    }
}
