//! The things of the trade as types: parsed once at the edge, never passed around as bare strings.

mod contact;
mod domain;
pub(crate) mod lease;
mod name;
mod nameservers;
mod price;
mod status;

pub use contact::{Contact, ContactField, ContactType, Contacts};
pub use domain::{
    DomainId, DomainRef, Field, LocalContact, LocalDomain, PartnerId, RegistrarId, RegistrarRecord, RegistrarRef,
    RemoteDomain, RemoteStatus, StatusMeaning, TldId, UserId,
};
pub use lease::Lease;
pub use name::{DomainName, NameError};
pub use nameservers::Nameservers;
pub use price::{Currency, PriceAction, PriceQuote, TldPrices, TldRecord};
pub use status::DomainStatus;
