//! The Laravel application of `tests/laravel` as Composer would have installed it, on Debian's Laravel.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::encryption::DEMO_APP_KEY;
use crate::{php, process};

/// `tests/laravel`.
///
/// # Panics
/// When it is not there.
pub fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../laravel").canonicalize().expect("tests/laravel is there")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("make a folder");
    for entry in std::fs::read_dir(from).expect("read a folder") {
        let from = entry.expect("read a folder").path();
        let to = to.join(from.file_name().expect("an entry has a name"));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).expect("copy a file");
        }
    }
}

/// Puts a copy of the application into `root`, with the package in it and its files published.
///
/// # Panics
/// When Laravel is missing, or the package does not publish its files.
pub fn install(root: &Path) {
    copy(&tests().join("application"), root);
    let folders = [
        "bootstrap/cache",
        "storage/framework/cache/data",
        "storage/framework/views",
        "storage/logs",
        "vendor/composer",
    ];
    for folder in folders {
        std::fs::create_dir_all(root.join(folder)).expect("make a folder");
    }
    let package = tests().join("../../php-ext/laravel").canonicalize().expect("the package is there");
    let manifest = std::fs::read(package.join("composer.json")).expect("the package has a manifest");
    let mut manifest: Value = serde_json::from_slice(&manifest).expect("the manifest is JSON");
    manifest["install-path"] = json!(package);
    let installed = json!({"packages": [manifest]}).to_string();
    std::fs::write(root.join("vendor/composer/installed.json"), installed).expect("write what is installed");
    std::fs::copy(tests().join("autoload.php"), root.join("vendor/autoload.php")).expect("copy the autoloader");
    for tag in ["registrar-sync-config", "registrar-sync-migrations"] {
        let mut publish = artisan(root);
        publish.arg("vendor:publish").arg(format!("--tag={tag}"));
        process::run(&mut publish, Duration::from_secs(60)).success();
    }
    let migrations = std::fs::read_dir(root.join("database/migrations")).expect("the application has migrations");
    assert!(root.join("config/registrar-sync.php").is_file(), "the configuration is not published");
    assert_eq!(migrations.count(), 3, "the migration is not published beside those of the application");
}

/// `php artisan` of the application in `root`.
pub fn artisan(root: &Path) -> Command {
    let mut command = Command::new(php::php());
    command.arg("artisan").current_dir(root).env("DDS_TESTS", tests().join("tests")).env("APP_KEY", DEMO_APP_KEY);
    command
}

/// `PHP_INI_SCAN_DIR`, with a folder of settings in `root` by which PHP loads the extension too.
///
/// # Panics
/// When the folder cannot be written.
pub fn loading(root: &Path, extension: &Path) -> String {
    let settings = root.join("php");
    std::fs::create_dir_all(&settings).expect("make a folder");
    let setting = format!("extension={}\n", extension.display());
    std::fs::write(settings.join("domaindesk_sync.ini"), setting).expect("write a setting");
    format!(":{}", settings.display())
}
