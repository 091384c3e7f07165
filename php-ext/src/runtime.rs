//! The engine's threads: one set a process, started at first use, never shared with a forked child.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ext_php_rs::flags::IniEntryPermission;
use ext_php_rs::types::ZendCallable;
use ext_php_rs::zend::{IniEntryDef, IniEntryDefs};
use tokio::runtime::{Builder, Handle, Runtime};

/// How long the end of the process waits for work that is under way.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// How many threads the engine has. A sync waits more than it works.
pub(crate) const WORKER_THREADS: &str = "domaindesk_sync.worker_threads";

/// What php.ini may say, for a whole process.
static INI: IniEntryDefs<2> = IniEntryDefs::new([
    IniEntryDef::new(c"domaindesk_sync.worker_threads", c"2", IniEntryPermission::System),
    IniEntryDef::end(),
]);

/// Tells PHP of the entries.
pub(crate) fn register_ini(module: i32) {
    IniEntryDef::register(INI.as_slice(), module);
}

/// The configured number of threads, from 1 to 64; 2 where it is none.
pub(crate) fn worker_threads() -> usize {
    let value = ZendCallable::try_from_name("ini_get").and_then(|get| get.try_call(vec![&WORKER_THREADS]));
    let number = value.ok().and_then(|value| value.string()).and_then(|text| text.trim().parse().ok());
    number.filter(|number| (1..=64).contains(number)).unwrap_or(2)
}

/// The threads, and the process that started them.
static RUNTIME: Mutex<Option<(u32, Runtime)>> = Mutex::new(None);

/// Why there is no runtime.
#[derive(Debug)]
pub(crate) enum NoRuntime {
    /// This process is a fork of one that has used the extension: its threads and connections are not here.
    Forked,
    /// The system gave no threads.
    Failed(std::io::Error),
}

/// The runtime of this process, started if need be.
pub(crate) fn handle() -> Result<Handle, NoRuntime> {
    // Asked for before the lock, since PHP code may run.
    let threads = if is_here() { 0 } else { worker_threads() };
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((pid, runtime)) = &*slot {
        return if *pid == std::process::id() { Ok(runtime.handle().clone()) } else { Err(NoRuntime::Forked) };
    }
    let runtime = signals_blocked(|| {
        Builder::new_multi_thread()
            .worker_threads(threads)
            .max_blocking_threads(4)
            .thread_stack_size(1024 * 1024)
            .thread_name("dds-rt")
            .enable_all()
            .build()
    })
    .map_err(NoRuntime::Failed)?;
    let handle = runtime.handle().clone();
    *slot = Some((std::process::id(), runtime));
    Ok(handle)
}

/// Whether the threads run, and in this process.
pub(crate) fn state() -> &'static str {
    match &*RUNTIME.lock().unwrap_or_else(PoisonError::into_inner) {
        None => "not started",
        Some((pid, _)) if *pid == std::process::id() => "running",
        Some(_) => "started by the parent process: not usable here",
    }
}

/// Whether this process started the threads.
pub(crate) fn is_here() -> bool {
    matches!(&*RUNTIME.lock().unwrap_or_else(PoisonError::into_inner), Some((pid, _)) if *pid == std::process::id())
}

/// Starts threads that get no signal but those of a fault of their own: PHP's handlers must run in PHP's thread.
fn signals_blocked<T>(start: impl FnOnce() -> T) -> T {
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

/// Ends the threads with the process that started them. A forked child leaves them alone: they are not its own, and
/// waiting for them would never end.
pub(crate) unsafe extern "C" fn module_shutdown(_type: i32, _module: i32) -> i32 {
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    match slot.take() {
        Some((pid, runtime)) if pid == std::process::id() => runtime.shutdown_timeout(SHUTDOWN),
        Some((_, runtime)) => std::mem::forget(runtime),
        None => {}
    }
    0
}
