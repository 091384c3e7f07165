//! The exceptions: plain classes of PHP's own making, so that file, line, trace and subclasses work as ever.
//!
//! They are registered by hand: a class with Rust data in it would not get PHP's own exception handlers. Fields beside
//! PHP's are public properties with getters.

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicPtr, Ordering};

use domaindesk_sync::{Error, ErrorKind};
use ext_php_rs::builders::{ClassBuilder, FunctionBuilder};
use ext_php_rs::convert::IntoZval;
use ext_php_rs::exception::PhpException;
use ext_php_rs::flags::{DataType, MethodFlags, PropertyFlags};
use ext_php_rs::types::{ZendObject, Zval};
use ext_php_rs::zend::{ClassEntry, ExecuteData, ce};
use ext_php_rs::zend_fastcall;

use crate::runtime::{self, NoRuntime};
use crate::signatures;

const BASE: &str = "DomainDesk\\Sync\\Exception\\SyncException";

/// Those that extend the base and add nothing, with the kind of one that PHP code makes.
const CHILDREN: [(&str, &str); 6] = [
    ("DomainDesk\\Sync\\Exception\\ConfigException", "config"),
    ("DomainDesk\\Sync\\Exception\\StoreException", "store"),
    ("DomainDesk\\Sync\\Exception\\DomainNotFoundException", "not_found"),
    ("DomainDesk\\Sync\\Exception\\RegistrarException", "rejected"),
    ("DomainDesk\\Sync\\Exception\\CancelledException", "cancelled"),
    ("DomainDesk\\Sync\\Exception\\ForkedAfterUseException", "internal"),
];

zend_fastcall! {
    extern fn get_kind(ex: &mut ExecuteData, value: &mut Zval) {
        read(ex, value, "kind");
    }
}

zend_fastcall! {
    extern fn get_registrar(ex: &mut ExecuteData, value: &mut Zval) {
        read(ex, value, "registrar");
    }
}

zend_fastcall! {
    extern fn get_retry_after(ex: &mut ExecuteData, value: &mut Zval) {
        read(ex, value, "retryAfter");
    }
}

/// Gives the value of one of `$this`'s properties.
fn read(ex: &mut ExecuteData, value: &mut Zval, property: &str) {
    if let Some(found) =
        ex.get_self().and_then(|this| this.get_property::<&Zval>(property).ok().map(Zval::shallow_clone))
    {
        *value = found;
    }
}

/// Registers what the class macro cannot: the exceptions and the interface. PHP calls it once, when the module starts.
pub(crate) unsafe extern "C" fn startup(_type: i32, module: i32) -> i32 {
    let start = || {
        runtime::register_ini(module);
        register().and_then(|()| signatures::register_interface())
    };
    match catch_unwind(start) {
        Ok(Ok(())) => 0,
        // PHP says that the module could not be started, and goes on without it.
        Ok(Err(_)) | Err(_) => -1,
    }
}

/// The base, for its children; set anew whenever a SAPI starts the module.
static BASE_ENTRY: AtomicPtr<ClassEntry> = AtomicPtr::new(std::ptr::null_mut());

fn base() -> &'static ClassEntry {
    // SAFETY: `register` has just set it, and PHP keeps the entry until the module ends.
    unsafe { BASE_ENTRY.load(Ordering::Acquire).as_ref() }.unwrap_or_else(runtime_exception)
}

unsafe extern "C" {
    /// PHP's own (`ext/spl/spl_exceptions.h`): while modules start, classes cannot be found by name.
    #[allow(non_upper_case_globals)]
    static spl_ce_RuntimeException: *mut ClassEntry;
}

/// `\RuntimeException`: SPL is part of every PHP and starts before any extension of a file.
fn runtime_exception() -> &'static ClassEntry {
    // SAFETY: SPL sets it when it starts, and keeps the entry until PHP ends.
    unsafe { spl_ce_RuntimeException.as_ref() }.unwrap_or_else(ce::exception)
}

fn register() -> ext_php_rs::error::Result<()> {
    let getter =
        |name: &str, handler, kind, nullable| FunctionBuilder::new(name, handler).returns(kind, false, nullable);
    let property = |name: &str, default: Option<&'static str>| ext_php_rs::builders::ClassProperty {
        name: name.to_owned(),
        flags: PropertyFlags::Public,
        default: default
            .map(|text| Box::new(move || text.into_zval(true)) as Box<dyn FnOnce() -> ext_php_rs::error::Result<Zval>>),
        docs: &[],
        ty: None,
        nullable: true,
        readonly: false,
        default_stub: None,
    };
    ClassBuilder::new(BASE)
        .extends((runtime_exception, "\\RuntimeException"))
        .property(property("kind", Some("internal")))
        .property(property("registrar", None))
        .property(property("retryAfter", None))
        .method(getter("getKind", get_kind, DataType::String, false), MethodFlags::Public)
        .method(getter("getRegistrar", get_registrar, DataType::String, true), MethodFlags::Public)
        .method(getter("getRetryAfter", get_retry_after, DataType::Long, true), MethodFlags::Public)
        .registration(|entry, arg_info| {
            BASE_ENTRY.store(entry, Ordering::Release);
            // The engine points into these tables until the process ends.
            Box::leak(arg_info);
        })
        .register()?;
    for (child, kind) in CHILDREN {
        ClassBuilder::new(child)
            .extends((base, "\\DomainDesk\\Sync\\Exception\\SyncException"))
            .property(property("kind", Some(kind)))
            .registration(|_, arg_info| {
                Box::leak(arg_info);
            })
            .register()?;
    }
    Ok(())
}

/// The exception for an error of the engine. `about` tells what was not found, where that is what it is.
pub(crate) fn of(error: &Error, about: NotFound) -> PhpException {
    let class = match error.kind() {
        ErrorKind::Config => "ConfigException",
        ErrorKind::Store => "StoreException",
        ErrorKind::NotFound if about == NotFound::Domain => "DomainNotFoundException",
        ErrorKind::Cancelled => "CancelledException",
        ErrorKind::Internal => "SyncException",
        _ => "RegistrarException",
    };
    let retry_after = error.retry_after().map(|wait| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
    let cause = error.cause().map(ToString::to_string);
    make(class, error.message(), error.kind().as_str(), error.registrar(), retry_after, cause)
}

/// What a call looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotFound {
    /// A domain.
    Domain,
    /// A registrar.
    Registrar,
}

/// The exception for threads that are not there.
pub(crate) fn of_runtime(error: &NoRuntime) -> PhpException {
    match error {
        NoRuntime::Forked => make(
            "ForkedAfterUseException",
            "this process is a fork of one that used the extension, whose threads and connections stayed behind: use RegistrarSync first after pcntl_fork(), or start a new process",
            "internal",
            None,
            None,
            None,
        ),
        NoRuntime::Failed(error) => {
            make("SyncException", &format!("the system gives no threads: {error}"), "internal", None, None, None)
        }
    }
}

/// A report that has no PHP form: a defect.
pub(crate) fn of_conversion(error: &impl std::fmt::Display) -> PhpException {
    make("SyncException", &format!("a result could not be turned into an array: {error}"), "internal", None, None, None)
}

/// A wrong argument.
pub(crate) fn value_error(method: &str, argument: &str, problem: impl std::fmt::Display) -> PhpException {
    let message = format!("DomainDesk\\Sync\\RegistrarSync::{method}(): Argument ${argument} {problem}");
    PhpException::new(message, 0, ce::value_error())
}

/// An argument of a wrong type.
pub(crate) fn type_error(method: &str, argument: &str, wanted: &str, given: &Zval) -> PhpException {
    let message = format!(
        "DomainDesk\\Sync\\RegistrarSync::{method}(): Argument ${argument} must be of type {wanted}, {} given",
        given.get_type()
    );
    PhpException::new(message, 0, ce::type_error())
}

fn make(
    class: &str,
    message: &str,
    kind: &str,
    registrar: Option<&str>,
    retry_after: Option<i64>,
    cause: Option<String>,
) -> PhpException {
    let name = format!("DomainDesk\\Sync\\Exception\\{class}");
    // Looked up each time: a SAPI may start the module again in the same process.
    let class = ClassEntry::try_find(&name).unwrap_or_else(runtime_exception);
    match instance(class, message, kind, registrar, retry_after, cause) {
        Ok(object) => PhpException::new(message.to_owned(), 0, class).with_object(object),
        Err(_) => PhpException::new(message.to_owned(), 0, class),
    }
}

fn instance(
    class: &ClassEntry,
    message: &str,
    kind: &str,
    registrar: Option<&str>,
    retry_after: Option<i64>,
    cause: Option<String>,
) -> ext_php_rs::error::Result<Zval> {
    let previous = match cause {
        Some(cause) => {
            let previous = ZendObject::new(runtime_exception());
            previous.try_call_method("__construct", vec![&cause])?;
            previous.into_zval(false)?
        }
        None => Zval::null(),
    };
    let mut object = ZendObject::new(class);
    object.try_call_method("__construct", vec![&message, &0_i64, &previous])?;
    object.set_property("kind", kind)?;
    object.set_property("registrar", registrar)?;
    object.set_property("retryAfter", retry_after)?;
    object.into_zval(false)
}
