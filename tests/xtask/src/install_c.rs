//! `cargo xtask install-c`: the C library below a prefix, as a package would have it.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::artifacts::soname;
use crate::build::{SYSTEM, dist_dir};

/// Puts it all in place, below `destdir` where one is given.
pub(crate) fn run(prefix: &Path, destdir: Option<&Path>) -> Result<(), String> {
    if !prefix.is_absolute() {
        return Err(format!("--prefix {}: expected a path that begins with /", prefix.display()));
    }
    let root = match destdir {
        Some(destdir) => destdir.join(prefix.strip_prefix("/").unwrap_or(prefix)),
        None => prefix.to_owned(),
    };
    let (include, lib) = (root.join("include"), root.join("lib"));
    let (dist, version) = (dist_dir(), env!("CARGO_PKG_VERSION"));
    for folder in [&include, &lib.join("pkgconfig")] {
        std::fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    }
    let shared = format!("libdomaindesk_sync.so.{version}");
    for (from, to) in [
        (dist.join("include/domaindesk_sync.h"), include.join("domaindesk_sync.h")),
        (dist.join("lib/libdomaindesk_sync.a"), lib.join("libdomaindesk_sync.a")),
        (dist.join("lib/libdomaindesk_sync.so"), lib.join(&shared)),
    ] {
        // A program that runs keeps the old file.
        remove(&to)?;
        std::fs::copy(&from, &to).map_err(|error| refused(&to, &error))?;
        println!("installed {}", to.display());
    }
    for name in [soname(&dist.join("lib/libdomaindesk_sync.so"))?, "libdomaindesk_sync.so".to_owned()] {
        let link = lib.join(name);
        remove(&link)?;
        symlink(&shared, &link).map_err(|error| refused(&link, &error))?;
        println!("installed {}", link.display());
    }
    let file = lib.join("pkgconfig/domaindesk_sync.pc");
    std::fs::write(&file, pkg_config(prefix, version)).map_err(|error| refused(&file, &error))?;
    println!("installed {}", file.display());
    if destdir.is_none() {
        println!("Where the loader does not look into {}, run ldconfig or set LD_LIBRARY_PATH.", lib.display());
    }
    Ok(())
}

fn pkg_config(prefix: &Path, version: &str) -> String {
    format!(
        "prefix={}\nlibdir=${{prefix}}/lib\nincludedir=${{prefix}}/include\n\n\
         Name: domaindesk_sync\nDescription: Keeps a DomainDesk database in step with domain registrars\n\
         Version: {version}\nLibs: -L${{libdir}} -ldomaindesk_sync\nLibs.private: {}\nCflags: -I${{includedir}}\n",
        prefix.display(),
        SYSTEM.join(" ")
    )
}

fn remove(file: &Path) -> Result<(), String> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(refused(file, &error)),
        _ => Ok(()),
    }
}

fn refused(file: &Path, error: &std::io::Error) -> String {
    let advice = match error.kind() {
        std::io::ErrorKind::PermissionDenied => ": run it as root, or choose another --prefix",
        _ => "",
    };
    format!("{}: {error}{advice}", file.display())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use std::process::Command;

    use super::*;
    use crate::shell::root;

    #[test]
    fn a_program_is_compiled_and_runs_from_a_prefix_with_pkg_config() {
        let prefix = tempfile::tempdir().unwrap();
        // Once more over what is there.
        for _ in 0..2 {
            run(prefix.path(), None).unwrap();
        }
        let asked = |arguments: &[&str]| {
            let mut command = Command::new("pkg-config");
            command.env("PKG_CONFIG_PATH", prefix.path().join("lib/pkgconfig")).args(arguments).arg("domaindesk_sync");
            let said = command.output().unwrap();
            assert!(said.status.success(), "{said:?}");
            String::from_utf8(said.stdout).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(asked(&["--modversion"]), [env!("CARGO_PKG_VERSION")]);
        for is_static in [false, true] {
            let flags =
                if is_static { asked(&["--cflags", "--libs", "--static"]) } else { asked(&["--cflags", "--libs"]) };
            let library = |flag: &String| match flag.as_str() {
                "-ldomaindesk_sync" if is_static => "-l:libdomaindesk_sync.a".to_owned(),
                other => other.to_owned(),
            };
            let program = prefix.path().join("example");
            let mut compile = Command::new("cc");
            compile.arg(root().join("tests/readme/example.c")).arg("-o").arg(&program).args(flags.iter().map(library));
            let said = compile.output().unwrap();
            assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
            let mut ran = Command::new(&program);
            ran.env("LD_LIBRARY_PATH", if is_static { "/nowhere".into() } else { prefix.path().join("lib") });
            let said = ran.arg(r#"{"database": "sqlite:/no/such/database"}"#).output().unwrap();
            let words = String::from_utf8_lossy(&said.stderr).into_owned() + &String::from_utf8_lossy(&said.stdout);
            assert!(!said.status.success() && words.contains("/no/such/database"), "static {is_static}: {words}");
        }
    }

    #[test]
    fn a_package_is_laid_out_below_its_own_folder() {
        let destdir = tempfile::tempdir().unwrap();
        run(Path::new("/usr"), Some(destdir.path())).unwrap();
        let file = std::fs::read_to_string(destdir.path().join("usr/lib/pkgconfig/domaindesk_sync.pc")).unwrap();
        assert!(file.starts_with("prefix=/usr\n"), "{file}");
        assert!(destdir.path().join("usr/lib/libdomaindesk_sync.so.0").exists());
        assert!(run(Path::new("usr"), None).is_err());
    }
}
