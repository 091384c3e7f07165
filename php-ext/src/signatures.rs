//! What reflection says of parameters: `int|string` and `array $options = []`, which the class macro cannot say.
//!
//! The engine reads the types of an extension's parameters only for reflection and to compare a class with its
//! interface; so they are set here, on tables that live as long as the process.

use std::ffi::{CStr, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use ext_php_rs::args::{Arg, ArgInfoTables};
use ext_php_rs::builders::{ClassBuilder, FunctionBuilder};
use ext_php_rs::ffi::zend_internal_function;
use ext_php_rs::flags::{ClassFlags, DataType, MethodFlags};
use ext_php_rs::types::{ZendHashTable, ZendStr};
use ext_php_rs::zend::ClassEntry;

/// The interface, by which the class can be type-hinted and mocked.
pub(crate) const INTERFACE: &str = "DomainDesk\\Sync\\RegistrarSyncInterface";

/// Bits of PHP's type masks (`zend_type_info.h`).
const MAY_BE_ANY: u32 = 0x3fe;
const MAY_BE_NULL: u32 = 1 << 1;
const MAY_BE_LONG: u32 = 1 << 4;
const MAY_BE_STRING: u32 = 1 << 6;
const MAY_BE_OBJECT: u32 = 1 << 8;
const MAY_BE_CALLABLE: u32 = 1 << 12;

static INTERFACE_ENTRY: AtomicPtr<ClassEntry> = AtomicPtr::new(std::ptr::null_mut());

/// The interface's entry, for the class that implements it.
pub(crate) fn interface() -> &'static ClassEntry {
    let entry = INTERFACE_ENTRY.load(Ordering::Acquire);
    // SAFETY: set by `register_interface`, which runs before any class of this module is registered; PHP keeps the
    // entry until the module ends.
    match unsafe { entry.as_ref() } {
        Some(entry) => entry,
        None => ext_php_rs::zend::ce::traversable(),
    }
}

/// Registers the interface.
pub(crate) fn register_interface() -> ext_php_rs::error::Result<()> {
    use DataType::{Array, Bool, Callable, Long, Mixed, Void};
    let method = |name: &str, required: usize, arguments: Vec<Arg<'static>>, returns: DataType| {
        let function = FunctionBuilder::new_abstract(name).returns(returns, false, false).required_args(required);
        arguments.into_iter().fold(function, FunctionBuilder::arg)
    };
    let domain = || Arg::new("domain", Mixed);
    let domains = || Arg::new("domains", Array).allow_null().default("null");
    let force = || Arg::new("force", Bool).default("false");
    let progress = || Arg::new("progress", Callable).allow_null().default("null");
    let options = || Arg::new("options", Array).default("[]");
    let number = |name: &'static str, default: &'static str| Arg::new(name, Long).default(default);
    let methods = [
        method("syncDomain", 1, vec![domain(), force(), options()], Array),
        method("syncDomains", 0, vec![domains(), force(), progress(), options()], Array),
        method("syncDomainStatus", 1, vec![domain(), options()], Array),
        method("syncDomainStatuses", 0, vec![domains(), progress(), options()], Array),
        method("apply", 1, vec![Arg::new("plan", Array), progress(), options()], Array),
        method("explain", 1, vec![domain()], Array),
        method("syncTldPrices", 1, vec![Arg::new("registrar", Mixed), progress(), force(), options()], Array),
        method("getDomainsNeedingSync", 0, vec![number("limit", "100"), options()], Array),
        method("getDomainsNeedingReview", 0, vec![options()], Array),
        method("getExpiringDomains", 0, vec![number("days", "30"), options()], Array),
        method("getStats", 0, vec![], Array),
        method("clearReview", 1, vec![domain()], Bool),
        method("cancel", 0, vec![], Void),
        method("setLogger", 1, vec![Arg::new("logger", Callable).allow_null()], Void),
        method("setRegistrar", 2, vec![Arg::new("slug", DataType::String), Arg::new("registrar", Mixed)], Void),
    ];
    let flags = MethodFlags::Public | MethodFlags::Abstract;
    let builder = ClassBuilder::new(INTERFACE).flags(ClassFlags::Interface);
    methods
        .into_iter()
        .fold(builder, |builder, method| builder.method(method, flags))
        .registration(|entry, tables: ArgInfoTables| {
            // The engine points into these tables until the process ends.
            Box::leak(tables);
            refine(entry);
            INTERFACE_ENTRY.store(entry, Ordering::Release);
        })
        .register()
}

/// One thread completes the class, the others find it done.
static COMPLETING: Mutex<()> = Mutex::new(());

/// Completes the class's own parameters. PHP calls it before each request; all but the first after a start find it done.
pub(crate) unsafe extern "C" fn request_startup(_type: i32, _module: i32) -> i32 {
    let _one = COMPLETING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(entry) = ClassEntry::try_find("DomainDesk\\Sync\\RegistrarSync") {
        refine(entry);
    }
    0
}

unsafe extern "C" {
    /// PHP's own (`Zend/zend_attributes.h`), which ext-php-rs does not bind.
    fn zend_add_attribute(
        attributes: *mut *mut ZendHashTable,
        name: *mut ZendStr,
        argc: u32,
        flags: u32,
        offset: u32,
        lineno: u32,
    ) -> *mut c_void;
}

/// `ZEND_ATTRIBUTE_PERSISTENT`.
const PERSISTENT: u32 = 1;

/// Marks a function's first parameter `#[\SensitiveParameter]`, so that no stack trace shows APP_KEY or a password. PHP
/// before 8.2 does not know the attribute and passes over it.
fn hide_first(function: &mut zend_internal_function) {
    if function.attributes.is_null() {
        let name = ZendStr::new("SensitiveParameter", true);
        // SAFETY: PHP copies or counts the name. The function is internal and lives as long as the module, so its attributes
        // are persistent. Attributes of the first parameter have the offset 1.
        unsafe {
            zend_add_attribute(&raw mut function.attributes, name.as_ptr().cast_mut(), 0, PERSISTENT, 1, 0);
        }
    }
}

fn refine(entry: &ClassEntry) {
    for (_, function) in entry.function_table.iter() {
        // SAFETY: every entry of a function table points at a function, and those of a class of ours at internal ones,
        // which live as long as the class; nobody else reads them while a module or request starts.
        let function = unsafe { function.ptr::<zend_internal_function>().and_then(|function| function.as_mut()) };
        let Some(function) = function else { continue };
        if function.arg_info.is_null() || function.num_args == 0 {
            continue;
        }
        // SAFETY: `arg_info` has `num_args` entries.
        let parameters = unsafe { std::slice::from_raw_parts_mut(function.arg_info, function.num_args as usize) };
        let mut is_secret = false;
        // SAFETY: a function's name is a string of PHP's that lives as long as the class.
        let method = unsafe { function.function_name.as_ref() }.and_then(|name| name.as_str().ok()).unwrap_or_default();
        for parameter in parameters.iter_mut().filter(|parameter| !parameter.name.is_null()) {
            let mask = &mut parameter.type_.type_mask;
            // SAFETY: a parameter's name is a C string that lives as long as the class.
            match unsafe { CStr::from_ptr(parameter.name) }.to_bytes() {
                b"registrar" if method == "setRegistrar" => *mask = (*mask & !MAY_BE_ANY) | MAY_BE_OBJECT,
                b"connection" => *mask = (*mask & !MAY_BE_ANY) | MAY_BE_OBJECT | MAY_BE_NULL,
                b"domain" | b"registrar" => *mask = (*mask & !MAY_BE_ANY) | MAY_BE_LONG | MAY_BE_STRING,
                b"logger" => *mask = (*mask & !MAY_BE_ANY) | MAY_BE_CALLABLE | MAY_BE_NULL,
                b"config" => is_secret = true,
                name @ (b"options" | b"overrides") => {
                    *mask &= !MAY_BE_NULL;
                    parameter.default_value = c"[]".as_ptr();
                    is_secret |= name == b"overrides";
                }
                _ => {}
            }
        }
        if is_secret {
            hide_first(function);
        }
    }
}
