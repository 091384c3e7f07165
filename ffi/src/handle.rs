//! The handle: one database and its registrars.

use std::ffi::{CStr, c_char};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use domaindesk_sync::{Canceller, Config, Error, RegistrarSync};
use serde_json::Value;

use crate::boundary::{Out, catch, enter, text};
use crate::error::{Failure, dds_code, dds_error};
use crate::runtime::{self, Threads};
use crate::wait::{Teller, wait};

/// How long the end of a handle waits for its database.
const CLOSE: Duration = Duration::from_secs(5);

/// A handle: one database and its registrars.
#[derive(Debug)]
pub struct dds_sync {
    engine: RegistrarSync,
    canceller: Canceller,
    threads: Arc<Threads>,
    pid: u32,
    poisoned: AtomicBool,
}

impl dds_sync {
    /// The engine, for one call.
    pub(crate) fn engine(&self) -> RegistrarSync {
        self.engine.clone()
    }

    /// What stops one job, and is used with the handle's own.
    pub(crate) fn job_canceller(&self) -> Canceller {
        self.canceller.child()
    }

    /// The library's threads, for a job that keeps them.
    pub(crate) fn threads(&self) -> Arc<Threads> {
        Arc::clone(&self.threads)
    }

    /// Runs work on the library's threads and waits for it.
    pub(crate) fn run<T, F>(&self, work: F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        wait(self.threads.handle(), |_| work, None)
    }

    /// As [`run`](Self::run); `host` is told of each event, and says whether to go on.
    pub(crate) fn run_telling<T, F>(
        &self,
        work: impl FnOnce(Teller) -> F,
        host: Option<&mut dyn FnMut(&CStr) -> bool>,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        wait(self.threads.handle(), work, host)
    }

    /// Runs the body of a call. After a panic, here or on the library's threads, the handle can only be freed.
    pub(crate) fn guard<T>(&self, body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let done = catch(body);
        if matches!(done, Err(Failure::Panic(_))) {
            self.poisoned.store(true, Ordering::Release);
        }
        done
    }

    fn check(&self) -> Result<(), Failure> {
        if self.pid != std::process::id() {
            Err(Failure::Forked)
        } else if self.poisoned.load(Ordering::Acquire) {
            Err(Failure::Poisoned)
        } else {
            Ok(())
        }
    }
}

/// A handle that can be used here and now.
///
/// # Safety
/// `sync` is NULL or a handle that is not freed during `'a`.
pub(crate) unsafe fn usable<'a>(sync: *mut dds_sync) -> Result<&'a dds_sync, Failure> {
    // SAFETY: NULL or a handle, by the caller's promise; nobody ever writes to it.
    let sync = unsafe { sync.as_ref() }.ok_or(Failure::Null("sync".into()))?;
    sync.check()?;
    Ok(sync)
}

/// Makes a handle: reads the configuration, connects to the database and checks that it is DomainDesk's. Nothing is sent
/// to a registrar.
///
/// `config_json` is the application's configuration as a JSON object. "database" must be there: Laravel's connection array
/// or a URL such as "sqlite:/srv/app.sqlite". The others may be: "domain" and "registrar" (the application's config files),
/// "app_key" (opens encrypted credentials), "timezone", "partner_id", "source", "user_id". Numbers may be texts. Unknown
/// keys are ignored.
///
/// On success *out receives a handle that the caller frees with dds_sync_free(); on failure NULL. `error` may be NULL.
/// Any thread may call it. It blocks until the database has answered.
///
/// DDS_ERR_CONFIG names the wrong key. DDS_ERR_STORE says what is wrong with the database. DDS_ERR_FORKED: the process is
/// a fork of one that had used the library. DDS_ERR_INTERNAL: the system gives no threads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_new(
    config_json: *const c_char,
    out: *mut *mut dds_sync,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = || {
        // SAFETY: NULL or a place for a pointer, as the header says.
        let out = unsafe { Out::new(out, "out") }?;
        // SAFETY: NULL or a text, as the header says.
        out.give(connect(Config::from_json(unsafe { text(config_json, "config_json") }?)?)?);
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}

/// Makes a handle as dds_sync_new() does, with the configuration that the environment variables of a Laravel application
/// tell: DB_CONNECTION, DB_DATABASE, DB_URL, APP_KEY, APP_TIMEZONE, DOMAIN_SYNC_..., REGISTRAR_... (all of them are in the
/// table of README.md).
///
/// What `overrides_json` says, a JSON object as for dds_sync_new(), comes before the environment; it may be NULL. The
/// environment is read before the call returns and not after; no thread may change it meanwhile.
///
/// On success *out receives a handle that the caller frees with dds_sync_free(); on failure NULL. `error` may be NULL.
/// Any thread may call it. It blocks until the database has answered.
///
/// DDS_ERR_CONFIG names the wrong variable or key. The others are those of dds_sync_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_new_from_env(
    overrides_json: *const c_char,
    out: *mut *mut dds_sync,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = || {
        // SAFETY: NULL or a place for a pointer, as the header says.
        let out = unsafe { Out::new(out, "out") }?;
        let overrides = if overrides_json.is_null() {
            Value::Null
        } else {
            // SAFETY: a text, as the header says.
            let text = unsafe { text(overrides_json, "overrides_json") }?;
            serde_json::from_str(text).map_err(|error| {
                let place = format_args!("expected a JSON object (line {}, column {})", error.line(), error.column());
                Error::config("overrides_json", place)
            })?
        };
        // What is no UTF-8 is refused as the wrong value that it then is.
        let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
        out.give(connect(Config::from_env_with(variable, overrides)?)?);
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}

fn connect(config: Config) -> Result<*mut dds_sync, Failure> {
    let threads = runtime::acquire()?;
    let engine = wait(threads.handle(), |_| RegistrarSync::connect(config), None)?;
    Ok(Box::into_raw(Box::new(of(engine, threads))))
}

/// A handle of this process.
pub(crate) fn of(engine: RegistrarSync, threads: Arc<Threads>) -> dds_sync {
    let canceller = engine.canceller();
    dds_sync { engine, canceller, threads, pid: std::process::id(), poisoned: AtomicBool::new(false) }
}

/// Frees a handle, once: closes its connections, and with the last handle ends the library's threads. NULL does nothing.
///
/// No call may be under way on the handle, so it must not be freed in a progress callback of its own, and no thread may
/// use it afterwards. It waits some seconds at most. In a forked child it does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_free(sync: *mut dds_sync) {
    let body = || {
        // SAFETY: NULL or a handle, as the header says.
        match unsafe { sync.as_ref() } {
            None => return Ok(()),
            // Its connections and threads are the parent's: to end them here would wait for ever, or say goodbye in the
            // parent's name.
            Some(sync) if sync.pid != std::process::id() => return Ok(()),
            Some(_) => {}
        }
        // SAFETY: it was made by `Box::into_raw` in `dds_sync_new`, and is not used after, as the header says.
        let sync = *unsafe { Box::from_raw(sync) };
        let dds_sync { engine, threads, .. } = sync;
        let (closing, closed) = mpsc::channel::<()>();
        threads.handle().spawn(async move {
            engine.close().await;
            // Let go of on these threads, where its connections are at home.
            drop(engine);
            drop(closing);
        });
        // A database that does not close in time is left to the end of the threads.
        let _ = closed.recv_timeout(CLOSE);
        drop(threads);
        Ok(())
    };
    // SAFETY: no place for an error is given.
    unsafe { enter(std::ptr::null_mut(), body) };
}

/// Stops every call that is under way on the handle; later calls are not affected. NULL does nothing.
///
/// It returns at once. What is being written is finished and nothing else is started: batches then succeed with
/// "cancelled": true and what was done, other calls fail with DDS_ERR_CANCELLED.
///
/// Any thread may call it, a progress callback and a signal handler too: it only counts up a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_cancel(sync: *mut dds_sync) {
    // SAFETY: NULL or a handle that was not freed, as the header says.
    if let Some(sync) = unsafe { sync.as_ref() } {
        sync.canceller.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boundary::call;
    use crate::error::{
        DDS_ERR_FORKED, DDS_ERR_PANIC, DDS_ERR_POISONED, dds_error_code, dds_error_free, dds_error_message,
    };

    /// A handle on an application's database, which goes with the second value.
    fn handle() -> (dds_sync, domaindesk_support::TempDatabase) {
        let database = domaindesk_support::TempDatabase::new();
        let config = Config::new(domaindesk_sync::config::DatabaseConfig::sqlite(database.path()));
        let threads = runtime::acquire().unwrap();
        let engine = wait(threads.handle(), |_| RegistrarSync::connect(config), None).unwrap();
        (of(engine, threads), database)
    }

    /// The code and the message of a call with this body.
    fn call_with(sync: &mut dds_sync, body: impl FnOnce(&dds_sync) -> Result<(), Failure>) -> (dds_code, String) {
        let (mut result, mut error) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: a handle and two places for pointers of this frame.
        let code = unsafe { call(&raw mut *sync, &raw mut result, &raw mut error, body) };
        assert!(result.is_null());
        // SAFETY: the error is that of the call, and is freed once.
        unsafe {
            assert_eq!(dds_error_code(error), code);
            let message = CStr::from_ptr(dds_error_message(error)).to_str().unwrap().to_owned();
            dds_error_free(error);
            (code, message)
        }
    }

    #[test]
    fn after_a_panic_on_the_library_s_threads_a_handle_can_only_be_freed() {
        let (mut sync, _database) = handle();
        let (code, message) = call_with(&mut sync, |sync| sync.run(async { panic!("out of luck") }));
        assert_eq!(code, DDS_ERR_PANIC, "{message}");
        assert!(message.contains("out of luck"), "{message}");
        assert_eq!(call_with(&mut sync, |_| Ok(())).0, DDS_ERR_POISONED);
        let sync = Box::into_raw(Box::new(sync));
        // SAFETY: a handle as `dds_sync_new` makes it, freed once.
        unsafe { dds_sync_free(sync) };
    }

    #[test]
    fn after_a_panic_on_the_caller_s_thread_a_handle_can_only_be_freed() {
        let (mut sync, _database) = handle();
        assert_eq!(call_with(&mut sync, |_| panic!("number {}", 7)).0, DDS_ERR_PANIC);
        assert_eq!(call_with(&mut sync, |_| Ok(())).0, DDS_ERR_POISONED);
    }

    #[test]
    fn a_handle_of_another_process_is_refused() {
        let (mut sync, _database) = handle();
        sync.pid += 1;
        assert_eq!(call_with(&mut sync, |_| panic!("must not run")).0, DDS_ERR_FORKED);
    }
}
