//! How the PHP thread waits: in slices, and never with a borrow or a lock in hand when PHP code runs.

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domaindesk_sync::report::{PriceProgress, ProgressEvent};
use domaindesk_sync::{Error, ErrorKind, ProgressSink};
use ext_php_rs::prelude::*;
use ext_php_rs::types::ZendCallable;
use ext_php_rs::zend::{BailoutGuard, ExecutorGlobals};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};

use crate::exceptions;
use crate::host::{Host, HostCall};
use crate::runtime;

/// How soon a signal or a timeout is seen.
const SLICE: Duration = Duration::from_millis(25);

/// How long work that was stopped may take to finish what it is writing.
const GRACE: Duration = Duration::from_secs(5);

/// What the engine's threads ask of the PHP thread.
pub(crate) enum Payload {
    /// Tell of these domains.
    Domains(Vec<ProgressEvent>),
    /// Tell of this TLD.
    Tld(PriceProgress),
}

/// A question, and where the answer goes: whether to go on.
pub(crate) struct Ask {
    payload: Payload,
    reply: oneshot::Sender<bool>,
}

/// The engine's end of the questions.
#[derive(Clone)]
pub(crate) struct Asker(mpsc::Sender<Ask>);

impl Asker {
    async fn ask(&self, payload: Payload) -> bool {
        let (reply, answer) = oneshot::channel();
        self.0.send(Ask { payload, reply }).await.is_ok() && answer.await.unwrap_or(false)
    }

    /// As `ask`, from a place that cannot await.
    pub(crate) fn ask_blocking(&self, payload: Payload) -> bool {
        tokio::task::block_in_place(|| {
            let (reply, answer) = oneshot::channel();
            self.0.blocking_send(Ask { payload, reply }).is_ok() && answer.blocking_recv().unwrap_or(false)
        })
    }
}

#[async_trait]
impl ProgressSink for Asker {
    async fn progress(&mut self, events: Vec<ProgressEvent>) -> ControlFlow<()> {
        if self.ask(Payload::Domains(events)).await { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// Work on the engine's threads. Dropping it, also when PHP bails out of a callback, stops it.
struct Job<T> {
    task: JoinHandle<T>,
    asks: mpsc::Receiver<Ask>,
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

enum Woken<T> {
    Asked(Ask),
    Called(HostCall),
    Done(Result<T, JoinError>),
    Tick,
}

/// Runs `work` on the engine's threads and waits for it; `answer` is called here for what it asks, and `host` for what it
/// needs of PHP code.
///
/// Where PHP code threw, the work ends in order, and the exception, which stays pending, comes out unchanged: what asked is
/// told not to go on, and `cancel` is called for an exception of a signal handler.
pub(crate) fn wait<T, F>(
    host: &Host,
    work: impl FnOnce(Asker) -> F,
    cancel: impl Fn(),
    answer: &mut dyn FnMut(Payload) -> PhpResult<bool>,
) -> PhpResult<Result<T, Error>>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: Send + 'static,
{
    let handle = runtime::handle().map_err(|error| exceptions::of_runtime(&error))?;
    let (asker, asks) = mpsc::channel(1);
    let task = handle.spawn(work(Asker(asker)));
    let mut job = BailoutGuard::new(Job { task, asks });
    let mut stopped: Option<(Instant, PhpException)> = None;
    loop {
        let woken = {
            let job = job.get_mut();
            // Callbacks may use the connection, and so wait until the engine's transaction on it is over.
            let may_tell = !host.is_open();
            handle.block_on(async {
                tokio::select! {
                    biased;
                    call = host.next() => Woken::Called(call),
                    Some(ask) = job.asks.recv(), if may_tell => Woken::Asked(ask),
                    done = &mut job.task => Woken::Done(done),
                    () = tokio::time::sleep(SLICE) => Woken::Tick,
                }
            })
        };
        let thrown = match woken {
            Woken::Called(call) => {
                host.answer(call);
                // PHP code that was called may have called `exit`.
                let thrown = (stopped.is_none() && ExecutorGlobals::has_exception()).then(pending);
                if thrown.is_some() {
                    cancel();
                }
                thrown
            }
            Woken::Done(done) => {
                host.settle(&handle);
                let done = match done.map_err(JoinError::try_into_panic) {
                    Ok(done) => done,
                    // The border to PHP turns it into an \\Error, as any panic.
                    Err(Ok(panic)) => std::panic::resume_unwind(panic),
                    Err(Err(_)) => Err(Error::new(ErrorKind::Internal, "the work ended early: please report this")),
                };
                return match stopped {
                    Some((_, exception)) => Err(exception),
                    None => Ok(done),
                };
            }
            Woken::Asked(ask) => {
                let (go_on, thrown) = match stopped {
                    Some(_) => (false, None),
                    None => match answer(ask.payload) {
                        Ok(go_on) => (go_on, None),
                        Err(exception) => (false, Some(exception)),
                    },
                };
                // The work may be gone already; then nobody waits for the answer.
                let _ = ask.reply.send(go_on);
                thrown
            }
            Woken::Tick if stopped.is_none() => {
                let thrown = see_signals();
                if thrown.is_some() {
                    cancel();
                }
                thrown
            }
            Woken::Tick => None,
        };
        if let Some(exception) = thrown {
            stopped = Some((Instant::now(), exception));
        }
        if stopped.as_ref().is_some_and(|(since, _)| since.elapsed() > GRACE) {
            job.get_mut().task.abort();
        }
    }
}

/// Lets PHP handle signals and timeouts that came in; the exception, where a handler threw one.
fn see_signals() -> Option<PhpException> {
    if !is_interrupted() {
        return None;
    }
    // After any internal function returns, PHP itself looks after its interrupts. It may run PHP code, throw, or leave
    // this function for good: nothing is borrowed or locked here.
    let called = ZendCallable::try_from_name("time").and_then(|time| time.try_call(vec![]));
    (ExecutorGlobals::has_exception() || called.is_err()).then(pending)
}

/// Stands for the exception that is pending in the engine: throwing it changes nothing.
pub(crate) fn pending() -> PhpException {
    PhpException::from_message("an exception of PHP code is pending".to_owned())
}

fn is_interrupted() -> bool {
    // SAFETY: PHP's executor globals live as long as the process, and this is the thread that they belong to.
    let flag = unsafe { &raw mut (*ext_php_rs::ffi::ext_php_rs_executor_globals()).vm_interrupt };
    // SAFETY: PHP declares the flag as an atomic bool of one byte; signal handlers write it, so it is read atomically.
    unsafe { AtomicBool::from_ptr(flag.cast::<bool>()) }.load(Ordering::Relaxed)
}
