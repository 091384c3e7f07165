//! Links the extension so that PHP's `dlclose` at the end leaves the code of running threads in place.

fn main() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo::rerun-if-changed=build.rs");
}
