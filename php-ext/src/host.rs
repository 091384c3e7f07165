//! What the engine asks PHP code for: the statements of a PDO connection, and registrars written in PHP.
//!
//! Questions come over one channel an object, and are answered in PHP's thread by whatever call of that object waits there.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domaindesk_sync::registrar::host::RegistrarHost;
use domaindesk_sync::store::host::{HostArg, HostConnection, HostDatabase, HostRefusal, HostRows};
use domaindesk_sync::{Error, ErrorKind};
use ext_php_rs::types::{ZendHashTable, ZendObject, Zval};
use ext_php_rs::zend::ExecutorGlobals;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::pdo;
use crate::php_registrar;

/// How long a transaction on PHP's connection may take to come to its end after its call has.
const GRACE: Duration = Duration::from_secs(5);

/// A question of the engine's.
pub(crate) enum HostCall {
    Select { sql: Arc<str>, args: Vec<HostArg>, reply: oneshot::Sender<Result<HostRows, HostRefusal>> },
    Execute { sql: Arc<str>, args: Vec<HostArg>, reply: Option<oneshot::Sender<Result<u64, HostRefusal>>> },
    InTransaction { reply: oneshot::Sender<Result<bool, HostRefusal>> },
    Registrar { slug: String, method: &'static str, about: String, reply: oneshot::Sender<Result<Value, Error>> },
}

/// The engine's end of PHP's connection, and which database it is of.
pub(crate) type Database = (Arc<dyn HostConnection>, HostDatabase);

/// PHP's side: it stays in PHP's thread.
pub(crate) struct Host {
    connection: Option<Zval>,
    registrars: RefCell<HashMap<String, Zval>>,
    calls: RefCell<mpsc::UnboundedReceiver<HostCall>>,
    sender: mpsc::UnboundedSender<HostCall>,
    /// Whether a transaction of the engine's is open on PHP's connection.
    is_open: Cell<bool>,
}

impl Host {
    /// A host whose engine works on this PDO connection, or on one of its own.
    pub(crate) fn new(connection: Option<Zval>) -> Self {
        let (sender, calls) = mpsc::unbounded_channel();
        let (registrars, calls) = (RefCell::default(), RefCell::new(calls));
        Self { connection, registrars, calls, sender, is_open: Cell::new(false) }
    }

    /// The engine's end of PHP's connection, and which database it is; `None` where there is no such connection.
    pub(crate) fn database(&self) -> Result<Option<Database>, Error> {
        let Some(pdo) = &self.connection else { return Ok(None) };
        let database = pdo::database(pdo)?;
        Ok(Some((Arc::new(Connection(self.sender.clone())), database)))
    }

    /// The engine's end of a registrar written in PHP.
    pub(crate) fn registrar(&self, slug: &str, object: Zval) -> Arc<dyn RegistrarHost> {
        self.registrars.borrow_mut().insert(slug.to_owned(), object);
        Arc::new(PhpRegistrar { slug: slug.to_owned(), sender: self.sender.clone() })
    }

    /// The next question.
    pub(crate) async fn next(&self) -> HostCall {
        loop {
            // Its own sender keeps the channel open.
            if let Some(call) = poll_fn(|context| self.calls.borrow_mut().poll_recv(context)).await {
                return call;
            }
        }
    }

    /// Whether a transaction of the engine's is open on PHP's connection, so that other PHP code should not run.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open.get()
    }

    /// Answers a question. An exception that is pending stays so.
    pub(crate) fn answer(&self, call: HostCall) {
        // PHP calls nothing while an exception is pending.
        let pending = take_pending();
        // Whoever asked may be gone; then nobody waits for the answer.
        match call {
            HostCall::Select { sql, args, reply } => {
                let _ = reply.send(self.pdo().and_then(|pdo| pdo::select(pdo, &sql, &args)));
            }
            HostCall::Execute { sql, args, reply } => {
                let done = self.pdo().and_then(|pdo| pdo::execute(pdo, &sql, &args));
                self.note(&sql, done.is_ok());
                if let Some(reply) = reply {
                    let _ = reply.send(done);
                }
            }
            HostCall::InTransaction { reply } => {
                let _ = reply.send(self.pdo().and_then(pdo::in_transaction));
            }
            HostCall::Registrar { slug, method, about, reply } => {
                // Copied out, so that nothing is borrowed while PHP code runs.
                let object = self.registrars.borrow().get(&slug).map(Zval::shallow_clone);
                let answer = object.map_or_else(
                    || Err(Error::new(ErrorKind::Internal, "the registrar's object is gone")),
                    |object| php_registrar::ask(&object, method, &about),
                );
                let _ = reply.send(answer);
            }
        }
        put_pending(pending);
    }

    /// Lets a transaction that was left open on PHP's connection come to its end, before PHP code goes on.
    pub(crate) fn settle(&self, handle: &Handle) {
        let start = Instant::now();
        loop {
            let call = self.calls.borrow_mut().try_recv();
            match call {
                Ok(call) => self.answer(call),
                Err(_) if !self.is_open() => return,
                Err(_) if start.elapsed() > GRACE => return self.is_open.set(false),
                Err(_) => {
                    let soon = {
                        let _inside = handle.enter();
                        timeout(Duration::from_millis(25), self.next())
                    };
                    if let Ok(call) = handle.block_on(soon) {
                        self.answer(call);
                    }
                }
            }
        }
    }

    fn pdo(&self) -> Result<&Zval, HostRefusal> {
        let gone = || HostRefusal { sqlstate: None, message: "there is no PDO connection".to_owned() };
        self.connection.as_ref().ok_or_else(gone)
    }

    fn note(&self, sql: &str, is_done: bool) {
        match sql {
            "BEGIN" | "BEGIN IMMEDIATE" | "START TRANSACTION" | "SAVEPOINT domaindesk_sync" if is_done => {
                self.is_open.set(true);
            }
            "COMMIT" | "RELEASE SAVEPOINT domaindesk_sync" if is_done => self.is_open.set(false),
            "ROLLBACK" => self.is_open.set(false),
            _ => {}
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

/// Takes an exception out of the executor; `exit` counts as one.
fn take_pending() -> *mut ZendObject {
    if !ExecutorGlobals::has_exception() {
        return std::ptr::null_mut();
    }
    std::mem::replace(&mut ExecutorGlobals::get_mut().exception, std::ptr::null_mut())
}

/// Makes an exception pending again.
pub(crate) fn put_pending(exception: *mut ZendObject) {
    if !exception.is_null() {
        ExecutorGlobals::get_mut().exception = exception;
    }
}

/// The engine's end of PHP's connection.
#[derive(Debug)]
struct Connection(mpsc::UnboundedSender<HostCall>);

impl Connection {
    async fn ask<T>(
        &self,
        call: impl FnOnce(oneshot::Sender<Result<T, HostRefusal>>) -> HostCall,
    ) -> Result<T, HostRefusal> {
        let gone = || HostRefusal { sqlstate: None, message: "the object that has the connection is gone".to_owned() };
        let (reply, answer) = oneshot::channel();
        self.0.send(call(reply)).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

#[async_trait]
impl HostConnection for Connection {
    async fn select(&self, sql: Arc<str>, args: Vec<HostArg>) -> Result<HostRows, HostRefusal> {
        self.ask(|reply| HostCall::Select { sql, args, reply }).await
    }

    async fn execute(&self, sql: Arc<str>, args: Vec<HostArg>) -> Result<u64, HostRefusal> {
        self.ask(|reply| HostCall::Execute { sql, args, reply: Some(reply) }).await
    }

    async fn in_transaction(&self) -> Result<bool, HostRefusal> {
        self.ask(|reply| HostCall::InTransaction { reply }).await
    }

    fn undo(&self, sql: &'static str) {
        // Where the object is gone its connection is PHP's again, and so is what is open on it.
        let _ = self.0.send(HostCall::Execute { sql: sql.into(), args: Vec::new(), reply: None });
    }
}

/// The engine's end of a registrar written in PHP.
#[derive(Debug)]
struct PhpRegistrar {
    slug: String,
    sender: mpsc::UnboundedSender<HostCall>,
}

impl PhpRegistrar {
    async fn ask(&self, method: &'static str, about: &str) -> Result<Value, Error> {
        let gone = || Error::new(ErrorKind::Internal, "the object that has the registrar is gone");
        let (reply, answer) = oneshot::channel();
        let call = HostCall::Registrar { slug: self.slug.clone(), method, about: about.to_owned(), reply };
        self.sender.send(call).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

#[async_trait]
impl RegistrarHost for PhpRegistrar {
    async fn info(&self, domain: &str) -> Result<Value, Error> {
        self.ask("getInfo", domain).await
    }

    async fn prices(&self, tld: &str) -> Result<Value, Error> {
        self.ask("getTldPricing", tld).await
    }
}

/// Whether PHP can call this method of an object, `__call` included.
pub(crate) fn has_method(object: &Zval, method: &str) -> bool {
    method_of(object, method).is_ok_and(|callable| callable.is_callable())
}

/// `[$object, 'method']`.
pub(crate) fn method_of(object: &Zval, method: &str) -> ext_php_rs::error::Result<Zval> {
    let mut pair = ZendHashTable::new();
    pair.push(object.shallow_clone())?;
    pair.push(method)?;
    let mut callable = Zval::new();
    callable.set_hashtable(pair);
    Ok(callable)
}
