//! Trying again within a call (S6.2).

use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::Instant;

use crate::config::RetryConfig;
use crate::registrar::CallContext;
use crate::{Error, ErrorKind, Result};

/// The longest wait between two attempts that backoff alone chooses.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Whether a request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// After so long.
    After(Duration),
    /// It is not, though the rules would allow it.
    No,
}

/// Sends a request until it succeeds, fails for good, or runs out of attempts or time. Tells how often it was sent.
///
/// Waits exponentially longer with jitter, and never less than the registrar asked for. `again` is told of every failure
/// that may pass, and of that wait, and has the last word. Where the wait would end beyond `timeout`, the last error is
/// returned at once. What `context` waits for its turn is no part of `timeout`.
pub(super) async fn retry<T, F>(
    rules: RetryConfig,
    timeout: Duration,
    context: &CallContext,
    mut again: impl FnMut(&Error, Duration) -> Again,
    mut send: impl FnMut() -> F,
) -> (Result<T>, u32)
where
    F: Future<Output = Result<T>>,
{
    let (start, waited) = (Instant::now(), context.waited());
    let deadline = || start + timeout + context.waited().saturating_sub(waited);
    let mut waits = ExponentialBuilder::new()
        .with_min_delay(rules.delay)
        .with_max_delay(MAX_DELAY.max(rules.delay))
        .with_max_times(rules.max_attempts.saturating_sub(1) as usize)
        .with_jitter()
        .build();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let result = until(deadline, send()).await.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Timeout, format!("no answer within sync_timeout ({} s)", timeout.as_secs())))
        });
        let error = match result {
            Err(error) if error.kind().is_retryable() => error,
            done => return (done, attempts),
        };
        let next = waits.next();
        let wait = next.unwrap_or(rules.delay).max(error.retry_after().unwrap_or_default());
        let Again::After(wait) = again(&error, wait) else { return (Err(error), attempts) };
        if next.is_none() || Instant::now() + wait >= deadline() {
            return (Err(error), attempts);
        }
        tokio::time::sleep(wait).await;
    }
}

/// What a future gives before a deadline that may move; `None` where it gives nothing.
async fn until<T>(deadline: impl Fn() -> Instant, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    loop {
        let end = deadline();
        match tokio::time::timeout_at(end, &mut future).await {
            Ok(done) => return Some(done),
            Err(_) if deadline() <= Instant::now() => return None,
            Err(_) => {}
        }
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
        let context = CallContext::new(chrono::Utc::now());
        let again = |_: &Error, wait| Again::After(wait);
        let (result, attempts) = retry(RULES, Duration::from_secs(120), &context, again, || {
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
        let context = CallContext::new(chrono::Utc::now());
        let again = |_: &Error, wait| Again::After(wait);
        let (result, _) =
            retry(RULES, Duration::from_secs(120), &context, again, std::future::pending::<Result<()>>).await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout, "S6.2");
        assert_eq!(start.elapsed().as_secs(), 120);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_for_one_s_turn_is_no_part_of_the_timeout() {
        let (start, context) = (Instant::now(), CallContext::new(chrono::Utc::now()));
        let send = || async {
            let waiting = context.wait();
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            drop(waiting);
            std::future::pending::<Result<()>>().await
        };
        let again = |_: &Error, wait| Again::After(wait);
        let (result, attempts) = retry(RULES, Duration::from_secs(120), &context, again, send).await;
        assert_eq!((result.unwrap_err().kind(), attempts), (ErrorKind::Timeout, 1), "S7.1");
        assert_eq!(start.elapsed().as_secs(), 3_720);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_asked_may_refuse_another_attempt() {
        let context = CallContext::new(chrono::Utc::now());
        let sent = Cell::new(0);
        let send = || {
            sent.set(sent.get() + 1);
            async { Err::<(), _>(Error::new(ErrorKind::Network, "down")) }
        };
        let (result, attempts) = retry(RULES, Duration::from_secs(120), &context, |_, _| Again::No, send).await;
        assert_eq!((result.unwrap_err().kind(), attempts, sent.get()), (ErrorKind::Network, 1, 1), "S6.2");
    }
}
