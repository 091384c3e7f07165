//! The library's threads: from the first handle to the last, never shared with a forked child.
//!
//! Price: the first handle after the last one starts them again, and a process that has used them once is refused in
//! every child that it forks, since tokio does not support that even with threads of the child's own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Failure;

/// How long the last handle's end waits for work that is under way.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// The threads of the handles that there are.
static GROUP: Mutex<Weak<Threads>> = Mutex::new(Weak::new());

/// The process that has started threads; 0 until then.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// The threads. They end when the last handle lets go of them.
#[derive(Debug)]
pub(crate) struct Threads {
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Threads {
    /// Where work is put.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    fn start() -> Result<Self, Failure> {
        // The number of blocking threads stays tokio's: a price sync keeps one while the host's callback runs, and
        // callbacks that call the library again would wait for each other if there were few.
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2).thread_stack_size(1024 * 1024).thread_name("dds-rt").enable_all();
        let runtime = signals_blocked(|| builder.build()).map_err(Failure::Threads)?;
        let handle = runtime.handle().clone();
        Ok(Self { runtime: Some(runtime), handle })
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(SHUTDOWN);
        }
    }
}

/// The threads, started if need be.
pub(crate) fn acquire() -> Result<Arc<Threads>, Failure> {
    let here = std::process::id();
    // Looked at before the lock, which another thread may have held at the moment of the fork.
    let owner = OWNER.load(Ordering::Acquire);
    if owner != 0 && owner != here {
        return Err(Failure::Forked);
    }
    let mut group = GROUP.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(threads) = group.upgrade() {
        return Ok(threads);
    }
    OWNER.store(here, Ordering::Release);
    let threads = Arc::new(Threads::start()?);
    *group = Arc::downgrade(&threads);
    Ok(threads)
}

/// Starts threads that get no signal but those of a fault of their own: the host's handlers run in its own threads.
pub(crate) fn signals_blocked<T>(start: impl FnOnce() -> T) -> T {
    let mut all = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigfillset` makes the set whole; the others get pointers to sets of this frame, and valid signals.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        for fault in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT, libc::SIGTRAP] {
            libc::sigdelset(all.as_mut_ptr(), fault);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr());
    }
    let started = start();
    // SAFETY: `before` was filled by the call above.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut());
    }
    started
}
