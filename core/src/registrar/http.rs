//! One HTTP client for every adapter: kept alive, bounded in time and size, and silent about secrets.

use std::fmt;
use std::sync::{Arc, Once};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota};
use tokio::sync::Semaphore;
use url::Url;

use super::CallContext;
use crate::config::RegistrarConfig;
use crate::{Error, ErrorKind, Result};
