//! Trying again within a call (S6.2).

use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::Instant;

use crate::config::RetryConfig;
use crate::{Error, ErrorKind, Result};

/// The longest wait between two attempts that backoff alone chooses.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Sends a request until it succeeds, fails for good, or runs out of attempts or time. Tells how often it was sent.
///
/// Waits exponentially longer with jitter, and never less than the registrar asked for. Where that would end beyond
/// `timeout`, the last error is returned at once.
pub(super) async fn retry<T, F>(rules: RetryConfig, timeout: Duration, mut send: impl FnMut() -> F) -> (Result<T>, u32)
where
    F: Future<Output = Result<T>>,
{
    let deadline = Instant::now() + timeout;
    let mut waits = ExponentialBuilder::new()
        .with_min_delay(rules.delay)
        .with_max_delay(MAX_DELAY.max(rules.delay))
        .with_max_times(rules.max_attempts.saturating_sub(1) as usize)
        .with_jitter()
        .build();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let result = tokio::time::timeout_at(deadline, send()).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, format!("no answer within sync_timeout ({} s)", timeout.as_secs())))
        });
        let error = match result {
            Err(error) if error.kind().is_retryable() => error,
            done => return (done, attempts),
        };
        let Some(wait) = waits.next() else { return (Err(error), attempts) };
        let wait = wait.max(error.retry_after().unwrap_or_default());
        if Instant::now() + wait >= deadline {
            return (Err(error), attempts);
        }
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const RULES: RetryConfig = RetryConfig { max_attempts: 3, delay: Duration::from_secs(1) };

    async fn run(failures: u32, error: impl Fn() -> Error) -> (Result<()>, u32, Duration) {
        let start = Instant::now();
        let sent = Cell::new(0);
        let (result, attempts) = retry(RULES, Duration::from_secs(120), || {
            sent.set(sent.get() + 1);
            let fails = sent.get() <= failures;
            let error = error();
            async move { if fails { Err(error) } else { Ok(()) } }
        })
        .await;
        (result, attempts, start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_again_and_what_may_not_is_not() {
        for kind in ErrorKind::ALL {
            let (result, attempts, _) = run(2, || Error::new(kind, "x")).await;
            let wanted = if kind.is_retryable() { (true, 3) } else { (false, 1) };
            assert_eq!((result.is_ok(), attempts), wanted, "S6.2 {kind}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_are_counted_and_bounded() {
        let (result, attempts, _) = run(9, || Error::new(ErrorKind::Network, "down")).await;
        assert_eq!((result.unwrap_err().kind(), attempts), (ErrorKind::Network, 3), "S6.2");
    }

    #[tokio::test(start_paused = true)]
    async fn the_registrar_s_own_wait_is_kept() {
        let (result, _, took) =
            run(1, || Error::new(ErrorKind::RateLimited, "later").with_retry_after(Duration::from_secs(40))).await;
        assert!(result.is_ok() && took >= Duration::from_secs(40), "S6.2 {took:?}");
        let (result, attempts, took) =
            run(1, || Error::new(ErrorKind::RateLimited, "later").with_retry_after(Duration::from_secs(600))).await;
        assert!(result.is_err() && attempts == 1 && took < Duration::from_secs(1), "S6.2: not beyond sync_timeout");
    }

    #[tokio::test(start_paused = true)]
    async fn an_endless_call_ends_at_the_domain_s_timeout() {
        let start = Instant::now();
        let (result, _) = retry(RULES, Duration::from_secs(120), std::future::pending::<Result<()>>).await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout, "S6.2");
        assert_eq!(start.elapsed().as_secs(), 120);
    }
}
