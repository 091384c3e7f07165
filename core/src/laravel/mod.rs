//! What is Laravel's and is needed without PHP: encrypted columns, and how dates and JSON are written.

pub mod dates;
pub mod encryption;
pub mod json;
