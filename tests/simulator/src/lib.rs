//! The registrars' APIs over real HTTP, so that a client can be tested against everything a registrar does and everything
//! that goes wrong on the way, without a registrar.
//!
//! The crate knows nothing of the engine: it is written from the registrar's documents alone, so that client and simulator
//! check each other. A [`World`] is what the registrar knows: domains, contacts and prices, all made from a seed. A
//! registrar's own file (`resellerclub`, `namecheap` …) turns a request and the world into an answer. Everything else is shared: the
//! server, [`Faults`] that befall answers, a [`RateLimit`], [`Stats`], and a control plane for programs in other languages.
//!
//! ```
//! use domaindesk_simulator::{Fault, FaultRule, Faults, Simulator, SimulatorConfig};
//!
//! let simulator = Simulator::start(SimulatorConfig::with_domains(50));
//! let name = simulator.with_world(|world| world.domain(0).unwrap().name);
//! simulator.with_world(|world| world.update(&name, |domain| domain.current_status = "Suspended".to_owned()));
//! simulator.set_faults(Faults::one(FaultRule::always(Fault::Reset).on_path("domains/search.json").for_next(1)));
//! assert!(simulator.url().ends_with("/api/"));
//! assert_eq!(simulator.stats().requests, 0);
//! ```
//!
//! # Control plane
//!
//! On the same port, outside limits, faults and statistics; JSON in and out, for the first account unless `?account=` names
//! another one's login:
//!
//! | | |
//! |---|---|
//! | `GET /_control/stats` | [`Stats`] |
//! | `POST /_control/reset-stats` | |
//! | `POST /_control/change` | `{"fraction": 0.1, "seed": 7}`; answers `{"changed": [names]}` |
//! | `GET /_control/domain?name=…` | a [`SimDomain`] |
//! | `GET /_control/domains?from=0&count=100` | `{"total": …, "domains": [SimDomain]}` by index |
//! | `POST /_control/domain` | `{"name": …}` and the fields of a [`DomainEdit`] |
//! | `POST /_control/add` | `{"name": …}`: a further order |
//! | `POST /_control/remove` | `{"name": …}` |
//! | `POST /_control/faults` | [`Faults`]; `{}` clears them |
//! | `POST /_control/limit` | [`RateLimit`]; `null` lifts it |
//! | `POST /_control/prices` | `{"product": "com", "table": "cost", "action": "renew", "years": 1, "price": "12.50"}`; no `years`: all, `price` null: off sale |

// A simulator that cannot do its work has to fail the test that uses it, loudly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod btcl;
mod calendar;
mod call;
mod control;
mod enom;
mod faults;
mod godaddy;
mod json;
mod limits;
mod namecheap;
mod namecom;
mod registrar;
mod resellerclub;
mod running;
mod server;
mod stats;
mod tls;
mod wire;
mod world;
mod xml;

pub use faults::{Fault, FaultRule, Faults};
pub use limits::{OverLimit, RateLimit};
pub use registrar::Api;
pub use running::{AccountConfig, RunningSimulator, Simulator, SimulatorConfig};
pub use stats::Stats;
pub use tls::{ClientPem, TlsMode};
pub use world::{
    DomainEdit, PriceAction, PriceTable, PriceText, Prices, SimContact, SimDomain, TLDS, Tenures, Tld, World,
    WorldConfig, product_key, tld_of,
};
