//! What is Laravel's and is needed without PHP: encrypted columns, names of classes, and how dates and JSON are
//! written.

pub mod api_class;
pub mod dates;
pub mod encryption;
pub mod json;
