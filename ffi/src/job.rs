//! Work that a program starts and looks after from an event loop: no thread of the library's calls into it.

use std::collections::VecDeque;
use std::ffi::{CString, c_char};
use std::ops::ControlFlow;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domaindesk_sync::report::ProgressEvent;
use domaindesk_sync::{Canceller, Error, ProgressSink, SyncOptions};
use serde::Serialize;
use tokio::sync::Notify;

use crate::batch::selection;
use crate::boundary::{Out, enter, json, text};
use crate::calls::{domain_ref, registrar_ref};
use crate::error::{Failure, dds_code, dds_error};
use crate::handle::{dds_sync, usable};
use crate::options::{dds_options, read};
use crate::runtime::Threads;

/// dds_job_poll(): it is at work, and there is nothing to be had.
pub const DDS_JOB_RUNNING: i32 = 0;
/// dds_job_poll(): dds_job_next_event() has something.
pub const DDS_JOB_EVENT: i32 = 1;
/// dds_job_poll(): it has ended, every event was taken, and dds_job_result() does not block.
pub const DDS_JOB_DONE: i32 = 2;

/// How many events wait for the program. With more the work waits, so that memory stays what it is.
const MOST_EVENTS: usize = 256;

/// A sync that is under way by itself.
///
/// It is started by one of the dds_job_sync_ functions and driven by an event loop: dds_job_fd() becomes readable when there
/// is something to be had, dds_job_next_event() takes progress, dds_job_result() the end. No thread of the library's calls
/// into the program. Free it, with dds_job_free(), before its handle.
pub struct dds_job {
    shared: Arc<Shared>,
    canceller: Canceller,
    /// Outlive the work.
    threads: Arc<Threads>,
    pid: u32,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Told when an event was taken, or none is wanted any more.
    room: Notify,
    signal: OwnedFd,
}

#[derive(Default)]
struct State {
    events: VecDeque<CString>,
    /// Whether events are kept for the program.
    listens: bool,
    /// Whether the descriptor is readable.
    is_signalled: bool,
    is_done: bool,
    result: Option<Result<CString, Failure>>,
}

impl Shared {
    fn new(listens: bool) -> Result<Self, Failure> {
        // SAFETY: plain numbers; the result is checked.
        let descriptor = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if descriptor < 0 {
            return Err(Failure::Threads(std::io::Error::last_os_error()));
        }
        // SAFETY: it was just opened, and is nobody else's.
        let signal = unsafe { OwnedFd::from_raw_fd(descriptor) };
        let state = Mutex::new(State { listens, ..State::default() });
        Ok(Self { state, changed: Condvar::new(), room: Notify::new(), signal })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the descriptor readable while there is something to be had, and not readable otherwise.
    fn signal(&self, state: &mut State) {
        let is_due = state.is_done || !state.events.is_empty();
        if is_due == state.is_signalled {
            return;
        }
        let (descriptor, mut number) = (self.signal.as_raw_fd(), 1_u64);
        let place = (&raw mut number).cast();
        // SAFETY: a descriptor of this object's, and eight bytes of this frame, which is what an eventfd takes and gives.
        let moved =
            unsafe { if is_due { libc::write(descriptor, place, 8) } else { libc::read(descriptor, place, 8) } };
        if moved == 8 {
            state.is_signalled = is_due;
        }
        self.changed.notify_all();
    }

    fn push(&self, events: Vec<CString>) {
        let mut state = self.state();
        if state.listens {
            state.events.extend(events);
            self.signal(&mut state);
        }
    }

    /// Ends when there is room for more events.
    async fn room(&self) {
        loop {
            let taken = self.room.notified();
            {
                let state = self.state();
                if !state.listens || state.events.len() < MOST_EVENTS {
                    return;
                }
            }
            taken.await;
        }
    }

    /// Wants no event any more, and lets go of those that wait.
    fn stop_listening(&self) {
        let mut state = self.state();
        state.listens = false;
        state.events.clear();
        self.signal(&mut state);
        self.room.notify_waiters();
    }

    fn finish(&self, result: Result<CString, Failure>) {
        let mut state = self.state();
        state.result = Some(result);
        state.is_done = true;
        self.signal(&mut state);
        self.changed.notify_all();
    }

    /// Waits for the end, or as long as this.
    fn wait_done(&self, limit: Option<Duration>) -> MutexGuard<'_, State> {
        self.wait_until(limit, |state| state.is_done)
    }

    fn wait_until(&self, limit: Option<Duration>, is_over: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        let mut state = self.state();
        while !is_over(&state) {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                break;
            }
            state = match left {
                Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
        state
    }
}

/// The work's end of a job.
#[derive(Clone)]
struct Teller {
    shared: Arc<Shared>,
}

#[async_trait]
impl ProgressSink for Teller {
    async fn progress(&mut self, events: Vec<ProgressEvent>) -> ControlFlow<()> {
        // One that cannot be written as JSON is left out; the result tells of the domain all the same.
        self.shared.push(events.iter().filter_map(|event| json(event).ok()).collect());
        self.shared.room().await;
        ControlFlow::Continue(())
    }
}

/// Starts work as a job.
///
/// # Safety
/// `sync` is NULL or a handle that was not freed, `options` is NULL or options, and `out` and `error` are NULL or places for
/// a pointer.
unsafe fn start<T, F>(
    sync: *mut dds_sync,
    options: *const dds_options,
    listens: i32,
    out: *mut *mut dds_job,
    error: *mut *mut dds_error,
    work: impl FnOnce(domaindesk_sync::RegistrarSync, SyncOptions, Teller) -> Result<F, Failure>,
) -> dds_code
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: Serialize + Send + 'static,
{
    let body = || {
        // SAFETY: the caller's promise.
        let out = unsafe { Out::new(out, "out") }?;
        // SAFETY: the caller's promise.
        let sync = unsafe { usable(sync) }?;
        // SAFETY: the caller's promise.
        let mut options = unsafe { read(options) }?;
        let listens = match listens {
            0 => false,
            1 => true,
            other => return Err(Error::config("events", format_args!("expected 0 or 1, got {other}")).into()),
        };
        let canceller = sync.job_canceller();
        options.canceller = Some(canceller.clone());
        let shared = Arc::new(Shared::new(listens)?);
        let teller = Teller { shared: Arc::clone(&shared) };
        let threads = sync.threads();
        let task = threads.handle().spawn(work(sync.engine(), options, teller)?);
        let finishing = Arc::clone(&shared);
        threads.handle().spawn(async move {
            let result = match task.await {
                Ok(done) => done.map_err(Failure::Core).and_then(|done| json(&done)),
                Err(error) => Err(match error.try_into_panic() {
                    Ok(panic) => Failure::of_panic(&*panic),
                    Err(_) => Failure::Ended,
                }),
            };
            finishing.finish(result);
        });
        out.give(Box::into_raw(Box::new(dds_job { shared, canceller, threads, pid: std::process::id() })));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { enter(error, body) }
}

/// Starts what dds_sync_domains() does, and returns at once. `domains`, `count` and `options` are as there, and are read
/// before it returns. `events` is 1 when the program will take progress with dds_job_next_event(), and 0 when it will not:
/// the work waits while 256 events wait for it.
///
/// On success *out receives a job that the caller frees with dds_job_free(), before `sync`; on failure NULL. `options` and
/// `error` may be NULL. Any thread may call it.
///
/// DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_INTERNAL: the system gives no descriptor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_sync_domains(
    sync: *mut dds_sync,
    domains: *const *const c_char,
    count: usize,
    options: *const dds_options,
    events: i32,
    out: *mut *mut dds_job,
    error: *mut *mut dds_error,
) -> dds_code {
    // SAFETY: the pointers are as the header says.
    unsafe {
        start(sync, options, events, out, error, |engine, options, mut teller| {
            // SAFETY: NULL or a list, as the header says.
            let selection = selection(domains, count)?;
            Ok(async move { engine.sync_domains_to(selection, options, &mut teller).await })
        })
    }
}

/// Starts what dds_sync_domain_statuses() does; otherwise as dds_job_sync_domains().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_sync_domain_statuses(
    sync: *mut dds_sync,
    domains: *const *const c_char,
    count: usize,
    options: *const dds_options,
    events: i32,
    out: *mut *mut dds_job,
    error: *mut *mut dds_error,
) -> dds_code {
    // SAFETY: the pointers are as the header says.
    unsafe {
        start(sync, options, events, out, error, |engine, options, mut teller| {
            // SAFETY: NULL or a list, as the header says.
            let selection = selection(domains, count)?;
            Ok(async move { engine.sync_domain_statuses_to(selection, options, &mut teller).await })
        })
    }
}

/// Starts what dds_sync_domain() does, or dds_sync_domain_status() where `status_only` is 1. It has no events; otherwise as
/// dds_job_sync_domains().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_sync_domain(
    sync: *mut dds_sync,
    domain: *const c_char,
    status_only: i32,
    options: *const dds_options,
    out: *mut *mut dds_job,
    error: *mut *mut dds_error,
) -> dds_code {
    // SAFETY: the pointers are as the header says.
    unsafe {
        start(sync, options, 0, out, error, |engine, options, _| {
            // SAFETY: NULL or a text, as the header says.
            let domain = domain_ref(text(domain, "domain")?)?;
            if !matches!(status_only, 0 | 1) {
                return Err(Error::config("status_only", format_args!("expected 0 or 1, got {status_only}")).into());
            }
            Ok(async move {
                match status_only {
                    0 => engine.sync_domain(domain, &options).await,
                    _ => engine.sync_domain_status(domain, &options).await,
                }
            })
        })
    }
}

/// Starts what dds_sync_tld_prices() does; otherwise as dds_job_sync_domains().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_sync_tld_prices(
    sync: *mut dds_sync,
    registrar: *const c_char,
    options: *const dds_options,
    events: i32,
    out: *mut *mut dds_job,
    error: *mut *mut dds_error,
) -> dds_code {
    // SAFETY: the pointers are as the header says.
    unsafe {
        start(sync, options, events, out, error, |engine, options, teller| {
            // SAFETY: NULL or a text, as the header says.
            let registrar = registrar_ref(text(registrar, "registrar")?)?;
            Ok(async move {
                // A registrar has some hundred TLDs at most: their events may all wait.
                let tell = |event: &domaindesk_sync::report::PriceProgress| {
                    teller.shared.push(json(event).ok().into_iter().collect());
                };
                engine.sync_tld_prices(registrar, options, tell).await
            })
        })
    }
}

/// A job that can be used here.
///
/// # Safety
/// `job` is NULL or a job that is not freed during `'a`.
unsafe fn usable_job<'a>(job: *mut dds_job) -> Result<&'a dds_job, Failure> {
    // SAFETY: the caller's promise; nobody ever writes to it.
    let job = unsafe { job.as_ref() }.ok_or(Failure::Null("job".into()))?;
    if job.pid == std::process::id() { Ok(job) } else { Err(Failure::Forked) }
}

/// Tells what is to be had, waiting for `timeout_ms` at most: 0 does not wait, less than 0 waits without end. *state receives
/// DDS_JOB_RUNNING, DDS_JOB_EVENT or DDS_JOB_DONE; on failure 0.
///
/// `error` may be NULL. Any thread may call it, several at a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_poll(
    job: *mut dds_job,
    timeout_ms: i32,
    state: *mut i32,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = || {
        if state.is_null() {
            return Err(Failure::Null("state".into()));
        }
        // SAFETY: not NULL, and so a place for a number, as the header says.
        unsafe { state.write(DDS_JOB_RUNNING) };
        // SAFETY: NULL or a job that was not freed, as the header says.
        let job = unsafe { usable_job(job) }?;
        let limit = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
        let now = job.shared.wait_until(limit, |state| state.is_done || !state.events.is_empty());
        let found = match (now.events.is_empty(), now.is_done) {
            (false, _) => DDS_JOB_EVENT,
            (true, true) => DDS_JOB_DONE,
            (true, false) => DDS_JOB_RUNNING,
        };
        // SAFETY: as above.
        unsafe { state.write(found) };
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}

/// A descriptor for poll(), select() or epoll: readable while there is an event, and from the job's end on. -1 where there
/// is none: for NULL, and in a forked child.
///
/// It belongs to the job: never read from it, and close it never. dds_job_free() does. Any thread may call it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_fd(job: *mut dds_job) -> i32 {
    // SAFETY: NULL or a job that was not freed, as the header says.
    unsafe { usable_job(job) }.map_or(-1, |job| job.shared.signal.as_raw_fd())
}

/// Takes the next event, without waiting. On success *event_json receives an object, as a dds_progress_fn is told, that the
/// caller frees with dds_string_free(), or NULL where there is none just now; on failure NULL.
///
/// `error` may be NULL. Any thread may call it; each event is taken once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_next_event(
    job: *mut dds_job,
    event_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = || {
        // SAFETY: NULL or a place for a pointer, as the header says.
        let out = unsafe { Out::new(event_json, "event_json") }?;
        // SAFETY: NULL or a job that was not freed, as the header says.
        let job = unsafe { usable_job(job) }?;
        let mut state = job.shared.state();
        if let Some(event) = state.events.pop_front() {
            job.shared.signal(&mut state);
            drop(state);
            job.shared.room.notify_waiters();
            out.give(event.into_raw());
        }
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}

/// Stops this job and no other work: as dds_cancel(), which stops the jobs of a handle too. NULL does nothing.
///
/// Any thread may call it, a signal handler too: it only counts up a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_cancel(job: *mut dds_job) {
    // SAFETY: NULL or a job that was not freed, as the header says.
    if let Some(job) = unsafe { job.as_ref() } {
        job.canceller.cancel();
    }
}

/// Takes the end of a job, once: what the blocking function would have given. It waits for the end where that has not come;
/// events that were not taken until then are dropped.
///
/// On success *result_json receives an object that the caller frees with dds_string_free(); on failure NULL. `error` may be
/// NULL. Any thread may call it.
///
/// The codes are those of the blocking function; DDS_ERR_CONFIG where the result was taken before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_result(
    job: *mut dds_job,
    result_json: *mut *mut c_char,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = || {
        // SAFETY: NULL or a place for a pointer, as the header says.
        let out = unsafe { Out::new(result_json, "result_json") }?;
        // SAFETY: NULL or a job that was not freed, as the header says.
        let job = unsafe { usable_job(job) }?;
        job.shared.stop_listening();
        let result = job.shared.wait_done(None).result.take();
        out.give(result.ok_or_else(|| Error::config("job", "its result was taken before"))??.into_raw());
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}

/// Frees a job, once. One that is under way is stopped and waited for: what is being written is finished. NULL does nothing.
///
/// No thread may use the job afterwards. In a forked child it does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_job_free(job: *mut dds_job) {
    let body = || {
        // SAFETY: NULL or a job, as the header says.
        match unsafe { job.as_ref() } {
            None => return Ok(()),
            // The work is the parent's.
            Some(job) if job.pid != std::process::id() => return Ok(()),
            Some(_) => {}
        }
        // SAFETY: it was made by `Box::into_raw` in `start`, and is not used after, as the header says.
        let job = *unsafe { Box::from_raw(job) };
        job.canceller.cancel();
        job.shared.stop_listening();
        drop(job.shared.wait_done(None));
        drop(job.threads);
        Ok(())
    };
    // SAFETY: no place for an error is given.
    unsafe { enter(std::ptr::null_mut(), body) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_work_waits_while_too_many_events_wait_and_goes_on_when_they_are_taken_or_not_wanted() {
        let shared = Arc::new(Shared::new(true).unwrap());
        shared.push(vec![CString::default(); MOST_EVENTS]);
        let soon = Duration::from_millis(50);
        assert!(tokio::time::timeout(soon, shared.room()).await.is_err());
        shared.state().events.pop_front();
        shared.room.notify_waiters();
        assert!(tokio::time::timeout(soon, shared.room()).await.is_ok());
        shared.push(vec![CString::default(); 5]);
        let waiting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move { shared.room().await }
        });
        shared.stop_listening();
        assert!(tokio::time::timeout(Duration::from_secs(5), waiting).await.is_ok());
        assert!(shared.state().events.is_empty());
    }
}
