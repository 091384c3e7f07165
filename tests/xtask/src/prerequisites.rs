//! What a machine needs, and how it gets it.

use std::path::Path;
use std::process::Command;

use crate::shell::{self, output};

/// Something that must be there: how to see it, and the Debian package that brings it.
pub(crate) struct Need {
    what: &'static str,
    package: &'static str,
    is_there: fn() -> bool,
}

/// What building takes.
pub(crate) const BUILD: &[Need] = &[
    Need { what: "a C compiler", package: "gcc", is_there: || runs("cc", "--version") },
    Need { what: "a C++ compiler", package: "g++", is_there: || runs("c++", "--version") },
    Need { what: "pkg-config", package: "pkg-config", is_there: || runs("pkg-config", "--version") },
    Need { what: "SQLite's library and headers", package: "libsqlite3-dev", is_there: || pkg_config("sqlite3") },
    Need { what: "libclang", package: "libclang-dev", is_there: has_libclang },
    Need {
        what: "binutils",
        package: "binutils",
        is_there: || runs("objcopy", "--version") && runs("readelf", "--version"),
    },
    Need { what: "PHP for the command line", package: "php-cli", is_there: || runs("php", "--version") },
    Need { what: "PHP's headers and php-config", package: "php-dev", is_there: || runs("php-config", "--version") },
];

const PHP_SQLITE: Need =
    Need { what: "PHP's SQLite driver", package: "php-sqlite3", is_there: || php_module("pdo_sqlite") };

/// What testing and measuring take beside that.
pub(crate) const USE: &[Need] = &[
    PHP_SQLITE,
    Need { what: "PHP's curl", package: "php-curl", is_there: || php_module("curl") },
    Need { what: "PHP's MySQL driver", package: "php-mysql", is_there: || php_module("pdo_mysql") },
    Need { what: "PHP's PostgreSQL driver", package: "php-pgsql", is_there: || php_module("pdo_pgsql") },
    Need { what: "PHP's mbstring", package: "php-mbstring", is_there: || php_module("mbstring") },
    Need { what: "PHP's XML", package: "php-xml", is_there: || php_module("dom") },
    Need {
        what: "Laravel",
        package: "php-laravel-framework",
        is_there: || Path::new("/usr/share/php/Illuminate/Database/Eloquent/Model.php").exists(),
    },
    Need { what: "PHPUnit", package: "phpunit", is_there: || runs("phpunit", "--version") },
    Need { what: "PHP-FPM", package: "php-fpm", is_there: has_fpm },
    Need { what: "a FastCGI client", package: "libfcgi-bin", is_there: || Path::new("/usr/bin/cgi-fcgi").exists() },
    Need { what: "Python", package: "python3", is_there: || runs("python3", "--version") },
    Need { what: "valgrind", package: "valgrind", is_there: || runs("valgrind", "--version") },
    Need { what: "libc's debug symbols, for valgrind", package: "libc6-dbg", is_there: has_libc_symbols },
    Need { what: "the sqlite3 shell", package: "sqlite3", is_there: || runs("sqlite3", "--version") },
    Need { what: "an HTTP proxy", package: "tinyproxy-bin", is_there: || runs("tinyproxy", "-v") },
    Need { what: "Redis", package: "redis-server", is_there: || runs("redis-server", "--version") },
    // Debian starts these and Redis as services when it installs them. The tests start servers of their own and let those be.
    Need { what: "MariaDB", package: "mariadb-server", is_there: has_mariadb },
    Need { what: "PostgreSQL", package: "postgresql", is_there: has_postgresql },
];

/// What the demo takes.
pub(crate) const SHOW: &[&[Need]] = &[BUILD, &[PHP_SQLITE]];

/// Everything.
pub(crate) const ALL: &[&[Need]] = &[BUILD, USE];

/// A list of needs, or a list of lists.
pub(crate) trait Needs {
    fn flat(&self) -> Vec<&Need>;
}

impl Needs for [Need] {
    fn flat(&self) -> Vec<&Need> {
        self.iter().collect()
    }
}

impl Needs for [&[Need]] {
    fn flat(&self) -> Vec<&Need> {
        self.iter().flat_map(|needs| needs.iter()).collect()
    }
}

/// Sees to it that all is there: installs what is missing where apt and the right to use it are, says what to install
/// where not.
pub(crate) fn ensure<N: Needs + ?Sized>(needs: &N) -> Result<(), String> {
    let absent: Vec<_> = needs.flat().into_iter().filter(|need| !(need.is_there)()).collect();
    if absent.is_empty() {
        return Ok(());
    }
    let mut packages: Vec<_> = absent.iter().map(|need| need.package).collect();
    packages.sort_unstable();
    packages.dedup();
    let told = absent.iter().map(|need| need.what).collect::<Vec<_>>().join(", ");
    let advice = format!("missing: {told}. On Debian: apt-get install {}", packages.join(" "));
    let Some(apt) = apt() else { return Err(advice) };
    let apt_get = || {
        let mut command = Command::new(apt[0]);
        command.args(&apt[1..]).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    eprintln!("{} {told}: installing {}", shell::bold("Missing:"), packages.join(" "));
    let update = shell::run(apt_get().args(["update", "-qq"]));
    let install = ["install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"];
    let done = shell::run(apt_get().args(install).args(&packages));
    if needs.flat().into_iter().all(|need| (need.is_there)()) {
        return Ok(());
    }
    let said: Vec<_> = update.err().into_iter().chain(done.err()).collect();
    Err(format!("{advice}\n  apt could not: {}", said.join("; ")))
}

/// How apt is called, where this user may.
fn apt() -> Option<Vec<&'static str>> {
    if !runs("apt-get", "--version") {
        return None;
    }
    if output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        return Some(vec!["apt-get"]);
    }
    output(Command::new("sudo").args(["-n", "true"])).ok().map(|_| vec!["sudo", "-n", "apt-get"])
}

fn runs(program: &str, argument: &str) -> bool {
    output(Command::new(program).arg(argument)).is_ok()
}

fn pkg_config(library: &str) -> bool {
    output(Command::new("pkg-config").args(["--exists", library])).is_ok()
}

fn php_module(name: &str) -> bool {
    output(Command::new("php").arg("-m"))
        .is_ok_and(|modules| modules.lines().any(|line| line.eq_ignore_ascii_case(name)))
}

fn has_libclang() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let lib = Path::new("/usr/lib");
    let llvm = std::fs::read_dir(lib).into_iter().flatten().flatten().any(|entry| {
        entry.file_name().to_string_lossy().starts_with("llvm-") && entry.path().join("lib/libclang.so").exists()
    });
    llvm || lib.join("libclang.so").exists()
}

fn has_fpm() -> bool {
    ["8.2", "8.3", "8.4", "8.5"].iter().any(|version| Path::new(&format!("/usr/sbin/php-fpm{version}")).exists())
}

fn has_mariadb() -> bool {
    ["/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db"].iter().all(|file| Path::new(file).exists())
}

/// Debian's, with its client: what else the path may have by the name of postgres does not count.
fn has_postgresql() -> bool {
    let mut versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.any(|version| version.path().join("bin/initdb").exists()) && runs("psql", "--version")
}

fn has_libc_symbols() -> bool {
    Path::new("/usr/lib/debug/.build-id").exists()
}
