//! What reflection says of parameters: `int|string` and `array $options = []`, which the class macro cannot say.
//!
//! The engine reads the types of an extension's parameters only for reflection and to compare a class with its
//! interface; so they are set here, on tables that live as long as the process.

use std::ffi::CStr;
use std::sync::atomic::{AtomicPtr, Ordering};

use ext_php_rs::args::{Arg, ArgInfoTables};
use ext_php_rs::builders::{ClassBuilder, FunctionBuilder};
use ext_php_rs::flags::{ClassFlags, DataType, MethodFlags};
use ext_php_rs::zend::ClassEntry;

/// The interface, by which the class can be type-hinted and mocked.
pub(crate) const INTERFACE: &str = "DomainDesk\\Sync\\RegistrarSyncInterface";

/// Bits of PHP's type masks (`zend_type_info.h`).
const MAY_BE_NULL: u32 = 1 << 1;
const MAY_BE_LONG: u32 = 1 << 4;
const MAY_BE_STRING: u32 = 1 << 6;
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
        method("syncTldPrices", 1, vec![Arg::new("registrar", Mixed), progress(), force(), options()], Array),
        method("getDomainsNeedingSync", 0, vec![number("limit", "100"), options()], Array),
        method("getExpiringDomains", 0, vec![number("days", "30"), options()], Array),
        method("getStats", 0, vec![], Array),
        method("clearReview", 1, vec![domain()], Bool),
        method("cancel", 0, vec![], Void),
        method("setLogger", 1, vec![Arg::new("logger", Callable).allow_null()], Void),
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

/// Completes the class's own parameters. PHP calls it before each request; the same is set each time.
pub(crate) unsafe extern "C" fn request_startup(_type: i32, _module: i32) -> i32 {
    if let Some(entry) = ClassEntry::try_find("DomainDesk\\Sync\\RegistrarSync") {
        refine(entry);
    }
    0
}

fn refine(entry: &ClassEntry) {
    for (_, function) in entry.function_table.iter() {
        // SAFETY: every entry of a function table points at a function.
        let Some(function) = (unsafe { function.ptr::<ext_php_rs::ffi::zend_internal_function>() }) else { continue };
        // SAFETY: the function table of a class of ours holds internal functions that live as long as the class, each
        // with `num_args` entries of argument info that nobody else reads while a module or request starts.
        unsafe {
            let function = &*function;
            if function.arg_info.is_null() {
                continue;
            }
            for place in 0..function.num_args as usize {
                let info = &mut *function.arg_info.add(place);
                if info.name.is_null() {
                    continue;
                }
                match CStr::from_ptr(info.name).to_bytes() {
                    b"domain" | b"registrar" => info.type_.type_mask = (info.type_.type_mask & !0x3ff) | MAY_BE_LONG | MAY_BE_STRING,
                    b"logger" => info.type_.type_mask = (info.type_.type_mask & !0x3ff) | MAY_BE_CALLABLE | MAY_BE_NULL,
                    b"options" | b"overrides" => {
                        info.type_.type_mask &= !MAY_BE_NULL;
                        info.default_value = c"[]".as_ptr();
                    }
                    _ => {}
                }
            }
        }
    }
}
