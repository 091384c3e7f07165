//! Names the shared library as programs look for it, and keeps its code in place while threads may run it.

fn main() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libdomaindesk_sync.so.0");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo::rerun-if-changed=build.rs");
}
