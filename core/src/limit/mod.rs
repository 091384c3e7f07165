//! What keeps an account at a registrar welcome: rate limits, room for a person, retries in measure (S6.2, S7.1, S7.4).
//!
//! Each file is one decision that can be read and tested alone. [`Limiter`] stands before every request, [`Gate`] before
//! every call of a registrar, whichever batch or process it is for.

mod budget;
mod gate;
mod limiter;
mod repeats;
mod share;
mod shared;
mod windows;

pub(crate) use gate::{Gate, Terms};
pub(crate) use limiter::Limiter;
pub(crate) use shared::Shared;
pub(crate) use windows::Urgency;
