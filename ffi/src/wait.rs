//! How a blocking call waits: the work runs on the library's threads, the caller's thread tells the host of it.
//!
//! The caller's thread waits on a plain channel and is never inside the runtime, so a callback may call the library.

use std::ffi::{CStr, CString};
use std::ops::ControlFlow;
use std::sync::mpsc;

use async_trait::async_trait;
use domaindesk_sync::report::{PriceProgress, ProgressEvent};
use domaindesk_sync::{Error, ProgressSink};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::boundary::json;
use crate::error::Failure;

/// What the work says to the thread that waits for it.
enum Message {
    /// Tell the host of these events, and answer whether to go on. The work waits for the answer.
    Told { events: Result<Vec<CString>, Failure>, go_on: oneshot::Sender<bool> },
    /// The work has ended.
    Done,
}

/// The work's end. Nothing is made of events where the host does not listen.
pub(crate) struct Teller(Option<mpsc::Sender<Message>>);

impl Teller {
    /// Tells of a TLD, from a place that cannot await.
    pub(crate) fn tld(&self, event: &PriceProgress) -> bool {
        let Some(to) = &self.0 else { return true };
        let answer = tell(to, json(event).map(|event| vec![event]));
        tokio::task::block_in_place(|| answer.blocking_recv().unwrap_or(false))
    }
}

#[async_trait]
impl ProgressSink for Teller {
    async fn progress(&mut self, events: Vec<ProgressEvent>) -> ControlFlow<()> {
        let Some(to) = &self.0 else { return ControlFlow::Continue(()) };
        let answer = tell(to, events.iter().map(json).collect());
        if answer.await.unwrap_or(false) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// Says it, and gives what the answer comes by. Where nobody waits any more, that is closed.
fn tell(to: &mpsc::Sender<Message>, events: Result<Vec<CString>, Failure>) -> oneshot::Receiver<bool> {
    let (go_on, answer) = oneshot::channel();
    // What cannot be sent is dropped, and the answer's other end with it.
    let _ = to.send(Message::Told { events, go_on });
    answer
}

/// Runs `work` on `threads` to its end. `host` is called here for every event, and says whether to go on.
pub(crate) fn wait<T, F>(
    threads: &Handle,
    work: impl FnOnce(Teller) -> F,
    mut host: Option<&mut dyn FnMut(&CStr) -> bool>,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: Send + 'static,
{
    let (to, messages) = mpsc::channel();
    let (result, mut ended) = oneshot::channel();
    let task = threads.spawn(work(Teller(host.is_some().then(|| to.clone()))));
    threads.spawn(async move {
        let done = match task.await {
            Ok(done) => done.map_err(Failure::Core),
            Err(error) => Err(match error.try_into_panic() {
                Ok(panic) => Failure::of_panic(&*panic),
                Err(_) => Failure::Ended,
            }),
        };
        // Both ends wait below for as long as this may send.
        let _ = result.send(done);
        let _ = to.send(Message::Done);
    });
    let mut problem = None;
    for message in messages {
        let (events, answer) = match message {
            Message::Done => break,
            Message::Told { events, go_on } => (events, go_on),
        };
        let go_on = match events {
            Ok(events) => host.as_mut().is_none_or(|host| events.iter().all(|event| host(event))),
            Err(failure) => {
                problem = Some(failure);
                false
            }
        };
        // The work may be gone already; then nobody waits for the answer.
        let _ = answer.send(go_on);
    }
    match (problem, ended.try_recv()) {
        (Some(failure), _) => Err(failure),
        (None, Ok(done)) => done,
        (None, Err(_)) => Err(Failure::Ended),
    }
}
