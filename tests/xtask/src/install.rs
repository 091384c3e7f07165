//! `cargo xtask install`: the PHP extension into the PHP that is there, and out of it again.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::shell;

const FILE: &str = "domaindesk_sync.so";
/// After PHP's own extensions: PDO has to be there first.
const INI: &str = "30-domaindesk_sync.ini";

/// The PHP that `php` on the path is, and the folders that it reads.
struct Php {
    extensions: PathBuf,
    /// Of the command line first; then of FPM and the like, where the same version has them.
    settings: Vec<PathBuf>,
}

impl Php {
    fn find() -> Result<Self, String> {
        let code = "echo PHP_EXTENSION_DIR, \"\\n\", PHP_CONFIG_FILE_SCAN_DIR;";
        let said = shell::output(Command::new("php").args(["-n", "-r", code]))?;
        let mut lines = said.lines();
        let (extensions, scanned) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        if scanned.is_empty() {
            return Err(format!(
                "this PHP reads no folder of settings: copy target/dist/php/{FILE} to {extensions} and add `extension=domaindesk_sync` to its php.ini"
            ));
        }
        Ok(Self { extensions: extensions.into(), settings: siblings(Path::new(scanned)) })
    }
}

/// Debian has a folder for each SAPI: `/etc/php/8.2/cli/conf.d`, `/etc/php/8.2/fpm/conf.d`.
fn siblings(scanned: &Path) -> Vec<PathBuf> {
    let mut all = vec![scanned.to_owned()];
    let version = scanned.parent().filter(|_| scanned.ends_with("cli/conf.d")).and_then(Path::parent);
    for entry in version.and_then(|version| std::fs::read_dir(version).ok()).into_iter().flatten().flatten() {
        let folder = entry.path().join("conf.d");
        if folder != scanned && folder.is_dir() {
            all.push(folder);
        }
    }
    all
}

/// Puts the extension in, or takes it out. Below `root` instead of `/`, where one is given.
pub(crate) fn run(root: Option<&Path>, remove: bool) -> Result<(), String> {
    let php = Php::find()?;
    let below = |path: &Path| match root {
        Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
        None => path.to_owned(),
    };
    let library = below(&php.extensions).join(FILE);
    let settings: Vec<_> = php.settings.iter().map(|folder| below(folder).join(INI)).collect();
    if remove {
        for file in settings.iter().chain([&library]) {
            match std::fs::remove_file(file) {
                Ok(()) => println!("removed {}", file.display()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(refused(file, &error)),
            }
        }
        return Ok(());
    }
    let built = build::dist_dir().join("php").join(FILE);
    put(&library, &std::fs::read(&built).map_err(|error| refused(&built, &error))?)?;
    for file in &settings {
        put(file, b"extension=domaindesk_sync\n")?;
    }
    if root.is_none() {
        let modules = shell::output(Command::new("php").arg("-m"))?;
        if !modules.lines().any(|module| module == "domaindesk_sync") {
            return Err("PHP does not load the extension: look at `php -m` for what it says".to_owned());
        }
        println!(
            "PHP loads domaindesk_sync. Restart php-fpm and queue workers: systemctl restart php-fpm, php artisan queue:restart"
        );
    }
    Ok(())
}

/// Writes a file by moving it into place, since a process may have the old one open.
fn put(file: &Path, content: &[u8]) -> Result<(), String> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    let beside = file.with_extension("new");
    std::fs::write(&beside, content)
        .and_then(|()| std::fs::rename(&beside, file))
        .map_err(|error| refused(file, &error))?;
    println!("installed {}", file.display());
    Ok(())
}

fn refused(file: &Path, error: &std::io::Error) -> String {
    let advice = match error.kind() {
        std::io::ErrorKind::PermissionDenied => ": run it as root, such as `sudo -E cargo xtask install`",
        _ => "",
    };
    format!("{}: {error}{advice}", file.display())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_loaded_and_what_is_removed_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let php = Php::find().unwrap();
        run(Some(root.path()), false).unwrap();
        let below = |path: &Path| root.path().join(path.strip_prefix("/").unwrap());
        let loaded = |settings: &Path| {
            let mut command = Command::new("php");
            // PDO's drivers come from PHP's own folders; the extension is taken from the other root.
            command.env("PHP_INI_SCAN_DIR", format!(":{}", below(settings).display()));
            command.arg("-d").arg(format!("extension_dir={}", below(&php.extensions).display()));
            command.args(["-r", "exit(extension_loaded('domaindesk_sync') ? 0 : 1);"]);
            command.output().unwrap().status.success()
        };
        for settings in &php.settings {
            assert!(loaded(settings), "{}", settings.display());
        }
        run(Some(root.path()), false).unwrap();
        run(Some(root.path()), true).unwrap();
        run(Some(root.path()), true).unwrap();
        assert!(!loaded(&php.settings[0]));
        let left = walk(root.path());
        assert!(left.is_empty(), "{left:?}");
    }

    /// What PIE does with `php-ext/composer.json`.
    #[test]
    fn it_is_built_and_installed_by_php_s_own_means_too() {
        let folder = tempfile::tempdir().unwrap();
        let source = shell::root().join("php-ext");
        for file in ["config.m4", "Makefile.frag"] {
            std::fs::copy(source.join(file), folder.path().join(file)).unwrap();
        }
        let make = |program: &str, arguments: &[String]| {
            let mut command = Command::new(program);
            command.args(arguments).current_dir(folder.path()).env("CARGO_TARGET_DIR", shell::target());
            let done = command.output().unwrap();
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(done.status.success(), "{program}: {said}");
            String::from_utf8_lossy(&done.stdout).into_owned()
        };
        make("phpize", &[]);
        make("./configure", &[]);
        let manifest = format!("DOMAINDESK_SYNC_MANIFEST={}", source.join("Cargo.toml").display());
        let root = format!("INSTALL_ROOT={}", folder.path().join("root").display());
        let planned = make("make", &["-n".to_owned(), manifest.clone()]);
        assert!(planned.contains("cargo build --release --locked"), "{planned}");
        // What cargo builds is there already; with the environment of this test it would build it once more.
        make("make", &["-o", "domaindesk_sync_cargo", "install", &manifest, &root].map(str::to_owned));
        let installed =
            folder.path().join("root").join(Php::find().unwrap().extensions.strip_prefix("/").unwrap()).join(FILE);
        let mut php = Command::new("php");
        php.arg("-n").arg("-d").arg(format!("extension={}", installed.display()));
        php.args(["-r", "echo DomainDesk\\Sync\\RegistrarSync::version();"]);
        let said = php.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&said.stdout), env!("CARGO_PKG_VERSION"), "{said:?}");
    }

    fn walk(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn every_sapi_of_the_version_is_found() {
        let etc = tempfile::tempdir().unwrap();
        for sapi in ["cli", "fpm"] {
            std::fs::create_dir_all(etc.path().join(sapi).join("conf.d")).unwrap();
        }
        std::fs::create_dir_all(etc.path().join("mods-available")).unwrap();
        let found = siblings(&etc.path().join("cli/conf.d"));
        assert_eq!(found, [etc.path().join("cli/conf.d"), etc.path().join("fpm/conf.d")]);
        assert_eq!(siblings(Path::new("/usr/local/etc/php/conf.d")), [Path::new("/usr/local/etc/php/conf.d")]);
    }
}
