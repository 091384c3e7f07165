//! The same limits over all processes and machines, through Redis (S7.1).
//!
//! One script on the server does what [`Windows`](super::windows::Windows) does in the process, at the server's own time. A
//! request that is under way holds its place for a minute, so that one whose process died gives it back.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::Script;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::windows::Urgency;
use crate::config::{RateLimit, RedisConfig};

/// How long Redis may take. One that hangs is as good as gone; one that is merely slow on a busy machine is not.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a Redis that is gone is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How long a request that is under way holds its place.
const HOLD_MS: u64 = 60_000;
/// How long a person waits for the place that is kept for one, in milliseconds.
const PERSON_MS: u64 = 900;

/// `KEYS`: the account's requests; there while a person waits for a place, which then is left to the person. `ARGV`: this request, `1` for a person, how long it holds its place, how long a person
/// waits, and `most, length` of each window; times in milliseconds. Answers how long to wait, 0 when the place is taken.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local longest, wait = 0, 0
local batch = ARGV[2] ~= '1'
local person = batch and redis.call('EXISTS', KEYS[2]) == 1
for i = 5, #ARGV, 2 do
  local most, length = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  longest = math.max(longest, length)
  local since = '(' .. string.format('%.0f', now - length)
  local room = most - redis.call('ZCOUNT', KEYS[1], since, '+inf')
  if room < 2 then
    local first = redis.call('ZRANGEBYSCORE', KEYS[1], since, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    local free = first[2] and first[2] + length - now or 0
    if room < 1 then
      wait = math.max(wait, free, 1)
    elseif batch and most > 1 and person then
      wait = math.max(wait, free, 1)
    elseif batch and most > 1 and free > tonumber(ARGV[4]) then
      wait = math.max(wait, free - tonumber(ARGV[4]))
    end
  end
end
if wait > 0 then
  if not batch then redis.call('SET', KEYS[2], '1', 'PX', string.format('%.0f', wait + ARGV[4])) end
  return wait
end
if not batch then redis.call('DEL', KEYS[2]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - longest))
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], longest + ARGV[3])
return 0";

/// The request of `ARGV` was answered: its place comes free a window's length from here.
const ANSWERED: &str = r"
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), ARGV[1])";

/// One account's limits in Redis.
pub(crate) struct Shared {
    connection: ConnectionManager,
    key: String,
    limits: Vec<RateLimit>,
    take: Script,
    answered: Script,
    registrar: String,
    /// Tells this process's requests from those of others.
    process: u64,
    requests: AtomicU64,
    health: Mutex<Health>,
}

/// How Redis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    /// It was never asked, or answers.
    Well,
    /// It answers again, and until then may not know of all that was sent without it.
    Settling(Instant),
    /// It is gone since then, and is looked for again then.
    Gone { since: Instant, again: Instant },
}

/// What Redis says.
pub(super) enum Turn {
    /// The request may leave, and is known by this.
    Taken(String),
    /// There is no place for so long.
    Wait(Duration),
    /// Redis is not there, since then.
    Gone(Instant),
}

impl Shared {
    /// The limits of the account that `account` tells from others; it may be made of credentials, since only its hash is
    /// sent. `None` where the address is none that the client understands, which is warned of.
    pub(crate) fn new(redis: &RedisConfig, registrar: &str, account: &str, limits: &[RateLimit]) -> Option<Self> {
        let connection = redis::Client::open(redis.url.expose_secret()).and_then(|client| {
            let config = ConnectionManagerConfig::new()
                .set_response_timeout(Some(PATIENCE))
                .set_connection_timeout(Some(PATIENCE))
                .set_number_of_retries(1);
            ConnectionManager::new_lazy_with_config(client, config)
        });
        let connection = match connection {
            Ok(connection) => connection,
            Err(error) => {
                // Its text may quote the address, which may hold a password.
                tracing::warn!(registrar, kind = ?error.kind(), "config `redis` is no address that can be used: limits are the process's own");
                return None;
            }
        };
        let hash = <sha2::Sha256 as sha2::Digest>::digest(account.as_bytes());
        let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Some(Self {
            connection,
            key: format!("{}domaindesk-sync:limit:{registrar}:{hash}", redis.prefix),
            limits: limits.to_vec(),
            take: Script::new(TAKE),
            answered: Script::new(ANSWERED),
            registrar: registrar.to_owned(),
            // Its keys are random in every process.
            process: RandomState::new().hash_one(std::process::id()),
            requests: AtomicU64::new(0),
            health: Mutex::new(Health::Well),
        })
    }

    /// Asks for a place.
    pub(super) async fn take(&self, urgency: Urgency) -> Turn {
        let now = Instant::now();
        if let Health::Gone { since, again } = *self.health()
            && now < again
        {
            return Turn::Gone(since);
        }
        let request = format!("{:016x}:{}", self.process, self.requests.fetch_add(1, Ordering::Relaxed));
        let mut call = self.take.key(&self.key);
        call.key(format!("{}:person", self.key));
        call.arg(&request).arg(u8::from(urgency == Urgency::Person)).arg(HOLD_MS).arg(PERSON_MS);
        for limit in &self.limits {
            // A request that was given up may arrive a little later.
            call.arg(limit.max_attempts).arg(u64::from(limit.decay_seconds) * 1_000 + 50);
        }
        let mut connection = self.connection.clone();
        match tokio::time::timeout(2 * PATIENCE, call.invoke_async::<u64>(&mut connection)).await {
            Ok(Ok(wait)) => {
                let mut health = self.health();
                if let Health::Gone { .. } = *health {
                    *health = Health::Settling(Instant::now() + self.memory());
                    tracing::info!(registrar = self.registrar, "Redis is back: the rate limit is shared again");
                }
                drop(health);
                if wait == 0 { Turn::Taken(request) } else { Turn::Wait(Duration::from_millis(wait)) }
            }
            Ok(Err(error)) => self.gone(Some(error.kind())),
            Err(_) => self.gone(None),
        }
    }

    fn gone(&self, kind: Option<redis::ErrorKind>) -> Turn {
        let now = Instant::now();
        let mut health = self.health();
        let since = match *health {
            Health::Gone { since, .. } => since,
            Health::Well | Health::Settling(_) => {
                tracing::warn!(
                    registrar = self.registrar,
                    ?kind,
                    "Redis cannot be reached: until it is back the process keeps to its share of the rate limit"
                );
                now
            }
        };
        *health = Health::Gone { since, again: now + LOOK_AGAIN };
        Turn::Gone(since)
    }

    /// Whether Redis answers again and may not know of all that was sent without it, so that the process's own share holds
    /// as well.
    pub(super) fn is_settling(&self) -> bool {
        let mut health = self.health();
        match *health {
            Health::Settling(until) if Instant::now() < until => true,
            Health::Settling(_) => {
                *health = Health::Well;
                false
            }
            Health::Well | Health::Gone { .. } => false,
        }
    }

    /// How long it takes until what others sent is forgotten: the shortest window, and a minute at most. Longer windows
    /// are not waited for; they hold the process's share.
    pub(super) fn memory(&self) -> Duration {
        let shortest = self.limits.iter().map(|limit| limit.decay_seconds).min().unwrap_or_default();
        Duration::from_secs(shortest.min(60).into())
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that a request was answered. Untold, its place comes free a minute later.
    pub(crate) fn answered(&self, request: &str) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (mut connection, script) = (self.connection.clone(), self.answered.clone());
        let (key, request) = (self.key.clone(), request.to_owned());
        runtime.spawn(async move {
            let mut call = script.key(key);
            call.arg(request);
            // A Redis that is gone is told of by the next request.
            drop(tokio::time::timeout(2 * PATIENCE, call.invoke_async::<i64>(&mut connection)).await);
        });
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("key", &self.key).field("limits", &self.limits).finish_non_exhaustive()
    }
}
