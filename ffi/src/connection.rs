//! A host's own database connection: its functions run on one thread, which is started for it.

use std::ffi::{c_char, c_void};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use async_trait::async_trait;
use domaindesk_sync::store::host::{HostArg, HostConnection, HostDatabase, HostRefusal, HostRows, HostStore};
use domaindesk_sync::{Config, Error, RegistrarSync};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::boundary::{Out, c_text, enter, text};
use crate::error::{Failure, dds_code, dds_error};
use crate::handle::{dds_sync, of};
use crate::host::{dds_answer, sized};
use crate::runtime::{self, signals_blocked};
use crate::wait::wait;

/// dds_connection.database: SQLite 3.35 or newer.
pub const DDS_DATABASE_SQLITE: i32 = 1;
/// dds_connection.database: MariaDB 10.6 or newer, or MySQL 8.0 or newer.
pub const DDS_DATABASE_MYSQL: i32 = 2;
/// dds_connection.database: PostgreSQL 12 or newer.
pub const DDS_DATABASE_POSTGRESQL: i32 = 3;

/// What dds_connection.select and execute return: it was done.
pub const DDS_STATEMENT_DONE: i32 = 0;
/// What dds_connection.select and execute return: the database refuses the values of a row (a constraint, a trigger, a
/// type). Others may pass: what was done since the last savepoint is undone.
pub const DDS_STATEMENT_REFUSED: i32 = 1;
/// What dds_connection.select and execute return: it failed otherwise.
pub const DDS_STATEMENT_FAILED: i32 = 2;

/// A value of a statement's parameter.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct dds_value {
    /// The text; NULL for a number and for SQL's NULL.
    pub text: *const c_char,
    /// The number, where `text` is NULL.
    pub number: i64,
    /// 1 for SQL's NULL, otherwise 0.
    pub is_null: i32,
}

/// A database connection of the program's own: dds_sync_new_over(). Set what is not used to 0: dds_connection c = {0};
///
/// All functions run on one thread, which the library starts for the connection, one at a time; the program may use the
/// connection itself only while no call of the library's is under way on the handle, or must lock it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct dds_connection {
    /// sizeof(dds_connection).
    pub struct_size: usize,
    /// Which database it is: DDS_DATABASE_SQLITE, DDS_DATABASE_MYSQL or DDS_DATABASE_POSTGRESQL.
    pub database: i32,
    /// Handed to the functions.
    pub user_data: *mut c_void,
    /// Called once with `user_data`, on the connection's thread, in dds_sync_free(). May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// Runs a SELECT. A ? in it stands for each of the `count` `args`, in order. dds_answer_set() with the rows as JSON, a list
    /// of lists of texts, numbers and nulls; or with why not, without a value of a row. Returns a DDS_STATEMENT_ number.
    pub select: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            sql: *const c_char,
            args: *const dds_value,
            count: usize,
            answer: *mut dds_answer,
        ) -> i32,
    >,
    /// Runs a statement that changes rows, or one of BEGIN, START TRANSACTION, COMMIT, ROLLBACK, SAVEPOINT and the like, which
    /// have no parameters and which MySQL does not prepare. *changed, 0 until then, gets the number of rows that it met.
    pub execute: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            sql: *const c_char,
            args: *const dds_value,
            count: usize,
            changed: *mut u64,
            answer: *mut dds_answer,
        ) -> i32,
    >,
    /// Whether a transaction of the program's is open: 1 or 0. What a sync writes is then part of it. NULL means that none is.
    pub in_transaction: Option<unsafe extern "C" fn(user_data: *mut c_void) -> i32>,
}

/// What the connection's thread is asked.
enum Job {
    Select(Arc<str>, Vec<HostArg>, oneshot::Sender<Result<HostRows, HostRefusal>>),
    Execute(Arc<str>, Vec<HostArg>, Option<oneshot::Sender<Result<u64, HostRefusal>>>),
    InTransaction(oneshot::Sender<bool>),
}

/// The connection on its thread.
struct OnThread {
    own: dds_connection,
    /// Whether it is the library's to destroy, as it is once a handle was handed out.
    is_kept: Arc<AtomicBool>,
}

// SAFETY: the header says that the functions run on a thread of the library's; it is moved there once.
unsafe impl Send for OnThread {}

impl Drop for OnThread {
    fn drop(&mut self) {
        if let Some(destroy) = self.own.destroy.filter(|_| self.is_kept.load(Ordering::Acquire)) {
            // SAFETY: the program's own function with its own data, once, as the header says.
            unsafe { destroy(self.own.user_data) };
        }
    }
}

impl OnThread {
    fn serve(self, jobs: &mpsc::Receiver<Job>) {
        // Whoever asked may be gone; then nobody waits for the answer.
        for job in jobs {
            match job {
                Job::Select(sql, args, reply) => drop(reply.send(self.select(&sql, &args))),
                Job::Execute(sql, args, reply) => {
                    let done = self.execute(&sql, &args);
                    if let Some(reply) = reply {
                        drop(reply.send(done));
                    }
                }
                Job::InTransaction(reply) => {
                    // SAFETY: the program's own function with its own data.
                    let inside = self.own.in_transaction.is_some_and(|ask| unsafe { ask(self.own.user_data) } != 0);
                    // Nobody may wait for it any more.
                    let _ = reply.send(inside);
                }
            }
        }
    }

    fn select(&self, sql: &str, args: &[HostArg]) -> Result<HostRows, HostRefusal> {
        let (texts, sql) = (texts(args), c_text(sql.to_owned()));
        let values = values(args, &texts);
        let mut answer = dds_answer::new();
        let Some(select) = self.own.select else { return Err(failed("the connection has no select")) };
        // SAFETY: the program's own function with its own data; the texts, values and the place live until it returns.
        let done = unsafe { select(self.own.user_data, sql.as_ptr(), values.as_ptr(), values.len(), &raw mut answer) };
        let rows = outcome(done, answer)?.ok_or_else(|| failed("select set no answer"))?;
        let rows: Vec<Vec<Value>> = serde_json::from_str(&rows)
            .map_err(|error| failed(&format!("the rows of select are no JSON list: {error}")))?;
        rows.into_iter().map(|row| row.into_iter().map(column).collect()).collect()
    }

    fn execute(&self, sql: &str, args: &[HostArg]) -> Result<u64, HostRefusal> {
        let (texts, sql) = (texts(args), c_text(sql.to_owned()));
        let values = values(args, &texts);
        let (mut answer, mut changed) = (dds_answer::new(), 0);
        let Some(execute) = self.own.execute else { return Err(failed("the connection has no execute")) };
        let (values, count) = (values.as_ptr(), values.len());
        // SAFETY: as in `select`.
        let done =
            unsafe { execute(self.own.user_data, sql.as_ptr(), values, count, &raw mut changed, &raw mut answer) };
        outcome(done, answer).map(|_| changed)
    }
}

fn failed(why: &str) -> HostRefusal {
    HostRefusal { sqlstate: None, message: why.to_owned() }
}

/// The parameters' texts as C's, by their places.
fn texts(args: &[HostArg]) -> Vec<Option<std::ffi::CString>> {
    let text = |arg: &HostArg| match arg {
        HostArg::Text(text) => Some(c_text(text.to_string())),
        HostArg::Int(_) => None,
    };
    args.iter().map(text).collect()
}

fn values(args: &[HostArg], texts: &[Option<std::ffi::CString>]) -> Vec<dds_value> {
    let value = |(arg, text): (&HostArg, &Option<std::ffi::CString>)| dds_value {
        text: text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr()),
        number: if let HostArg::Int(Some(number)) = arg { *number } else { 0 },
        is_null: i32::from(matches!(arg, HostArg::Int(None))),
    };
    args.iter().zip(texts).map(value).collect()
}

/// What a function of the connection says: its answer, or why not.
fn outcome(done: i32, answer: dds_answer) -> Result<Option<String>, HostRefusal> {
    let answer = answer.take("the connection").map_err(|error| failed(error.message()))?;
    if done == DDS_STATEMENT_DONE {
        return Ok(answer);
    }
    let message = answer.unwrap_or_else(|| "no reason was given".to_owned());
    // Integrity constraint violation: the class of SQL's standard for rows that are refused.
    let sqlstate = (done == DDS_STATEMENT_REFUSED).then(|| "23000".to_owned());
    Err(HostRefusal { sqlstate, message })
}

fn column(value: Value) -> Result<Option<String>, HostRefusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(flag) => Ok(Some(u8::from(flag).to_string())),
        Value::Array(_) | Value::Object(_) => Err(failed("a column of select is a list")),
    }
}

/// The engine's end of the thread.
struct Connection {
    /// Ends the thread when it goes.
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.take() {
            // Nothing of it can panic; where the program's own code ends the thread there is nothing to be told.
            thread.join().ok();
        }
    }
}

impl Connection {
    fn start(own: dds_connection, is_kept: Arc<AtomicBool>) -> Result<Self, Failure> {
        let (sender, jobs) = mpsc::channel();
        let own = OnThread { own, is_kept };
        let builder = std::thread::Builder::new().name("dds-connection".to_owned());
        // Moved whole, so that it is dropped there.
        let thread = signals_blocked(|| {
            builder.spawn(move || {
                let own = own;
                own.serve(&jobs)
            })
        })
        .map_err(Failure::Threads)?;
        Ok(Self { jobs: Mutex::new(Some(sender)), thread: Some(thread) })
    }

    fn send(&self, job: Job) -> Result<(), HostRefusal> {
        let gone = || failed("the connection's thread is gone");
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref().ok_or_else(gone)?.send(job).map_err(|_| gone())
    }
}

#[async_trait]
impl HostConnection for Connection {
    async fn select(&self, sql: Arc<str>, args: Vec<HostArg>) -> Result<HostRows, HostRefusal> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Select(sql, args, reply))?;
        answer.await.unwrap_or_else(|_| Err(failed("the connection's thread is gone")))
    }

    async fn execute(&self, sql: Arc<str>, args: Vec<HostArg>) -> Result<u64, HostRefusal> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Execute(sql, args, Some(reply)))?;
        answer.await.unwrap_or_else(|_| Err(failed("the connection's thread is gone")))
    }

    async fn in_transaction(&self) -> Result<bool, HostRefusal> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::InTransaction(reply))?;
        answer.await.map_err(|_| failed("the connection's thread is gone"))
    }

    fn undo(&self, sql: &'static str) {
        // A thread that is gone has taken the connection along, and with it what was open.
        drop(self.send(Job::Execute(sql.into(), Vec::new(), None)));
    }
}

/// Makes a handle as dds_sync_new() does, that reads and writes over a database connection of the program's own: inside its
/// transaction, where one is open, and in an in-memory SQLite database.
///
/// `config_json` is as for dds_sync_new(); of "database" only "prefix" is read, and it need not be there. `connection` is
/// copied, so it need not outlive the call; `select` and `execute` in it must not be NULL. On success *out receives a handle
/// that the caller frees with dds_sync_free(); on failure NULL, and `destroy` is not called. `error` may be NULL. Any thread may call it. It blocks until the database has answered.
///
/// DDS_ERR_CONFIG names the wrong key or member. DDS_ERR_STORE says what is wrong with the database. The others are those of
/// dds_sync_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dds_sync_new_over(
    config_json: *const c_char,
    connection: *const dds_connection,
    out: *mut *mut dds_sync,
    error: *mut *mut dds_error,
) -> dds_code {
    let body = || {
        // SAFETY: NULL or a place for a pointer, as the header says.
        let out = unsafe { Out::new(out, "out") }?;
        // SAFETY: NULL or a text, as the header says.
        let config = unsafe { text(config_json, "config_json") }?;
        // SAFETY: NULL or a struct that begins with its size, as the header says; NULL and 0 are valid in each place.
        let own = unsafe { sized(connection, "connection", size_of::<dds_connection>()) }?;
        for (function, name) in [(own.select.is_none(), "select"), (own.execute.is_none(), "execute")] {
            if function {
                return Err(Failure::Null(format!("connection.{name}").into()));
            }
        }
        let database = match own.database {
            DDS_DATABASE_SQLITE => HostDatabase::Sqlite,
            DDS_DATABASE_MYSQL => HostDatabase::Mysql,
            DDS_DATABASE_POSTGRESQL => HostDatabase::Postgres,
            other => {
                let problem = format_args!("expected one of DDS_DATABASE_..., got {other}");
                return Err(Error::config("connection.database", problem).into());
            }
        };
        let config = Config::for_host_connection(serde_json::from_str(config).map_err(|error| {
            let place = format_args!("expected a JSON object (line {}, column {})", error.line(), error.column());
            Error::config("config_json", place)
        })?)?;
        let threads = runtime::acquire()?;
        let is_kept = Arc::new(AtomicBool::new(false));
        let connection = Arc::new(Connection::start(own, Arc::clone(&is_kept))?);
        let work = |_| async move {
            let store = HostStore::connect(connection, database, &config.database.prefix, config.timezone).await?;
            RegistrarSync::builder(config).store(Arc::new(store)).connect().await
        };
        let engine = wait(threads.handle(), work, None)?;
        is_kept.store(true, Ordering::Release);
        out.give(Box::into_raw(Box::new(of(engine, threads))));
        Ok(())
    };
    // SAFETY: NULL or a place for a pointer, as the header says.
    unsafe { enter(error, body) }
}
