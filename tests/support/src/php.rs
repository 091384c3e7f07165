//! Running PHP scripts, with or without an extension.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::{self, Finished};

/// The PHP interpreter for the command line: the environment variable `PHP`, else `php` on the path.
///
/// # Panics
/// When there is none, saying how to get it.
pub fn php() -> PathBuf {
    process::find("PHP", &["php"]).expect("PHP is not on the path: install php-cli, or name it in the variable PHP")
}

/// PHP's build configuration: the environment variable `PHP_CONFIG`, else `php-config` on the path.
///
/// # Panics
/// When there is none, saying how to get it.
pub fn php_config() -> PathBuf {
    process::find("PHP_CONFIG", &["php-config"])
        .expect("php-config is not on the path: install php-dev, or name it in the variable PHP_CONFIG")
}

/// Whether an extension is there without being asked for.
pub fn has_extension(name: &str) -> bool {
    let code = format!("exit(extension_loaded('{name}') ? 0 : 1);");
    let mut command = Command::new(php());
    process::run(command.args(["-r", &code]), Duration::from_secs(30)).status.success()
}

/// A script and all that it runs with.
#[derive(Clone, Debug)]
pub struct Script {
    path: PathBuf,
    extension: Option<PathBuf>,
    settings: Vec<String>,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    limit: Duration,
}

impl Script {
    /// The script at `path`, with PHP's own settings and two minutes to run.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            extension: None,
            settings: Vec::new(),
            arguments: Vec::new(),
            environment: Vec::new(),
            limit: Duration::from_secs(120),
        }
    }

    /// Loads an extension from its file.
    pub fn extension(mut self, file: &Path) -> Self {
        self.extension = Some(file.to_owned());
        self
    }

    /// A setting as php.ini has it: `memory_limit=64M`.
    pub fn setting(mut self, setting: impl Into<String>) -> Self {
        self.settings.push(setting.into());
        self
    }

    /// One more argument of the script.
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// A variable of the script's environment, beside those of this process.
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The longest that it may run; two minutes otherwise.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The command line, for those who want to start it themselves.
    pub fn command(&self) -> Command {
        let mut command = Command::new(php());
        if let Some(extension) = &self.extension {
            command.arg("-d").arg(format!("extension={}", extension.display()));
        }
        for setting in &self.settings {
            command.arg("-d").arg(setting);
        }
        command.arg(&self.path).args(&self.arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When PHP is missing or the script takes longer than its limit.
    pub fn run(&self) -> Finished {
        process::run(&mut self.command(), self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_gets_its_arguments_its_environment_and_its_settings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script.php");
        std::fs::write(
            &path,
            "<?php echo json_encode([$argv[1], getenv('COLOUR'), ini_get('memory_limit')]), \"\\n\"; exit(4);",
        )
        .unwrap();
        let script = Script::new(path).setting("memory_limit=64M").argument("first").variable("COLOUR", "blue");
        let finished = script.run();
        assert_eq!(finished.last_json_line(), serde_json::json!(["first", "blue", "64M"]));
        assert_eq!(finished.status.code(), Some(4));
    }

    #[test]
    fn a_missing_extension_is_said_by_php_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script.php");
        std::fs::write(&path, "<?php").unwrap();
        let finished = Script::new(path).extension(&folder.path().join("absent.so")).run();
        assert!(format!("{}{}", finished.stdout, finished.stderr).contains("absent.so"));
    }

    #[test]
    fn the_extensions_of_the_peers_are_found() {
        assert!(has_extension("pdo_sqlite") && has_extension("curl"));
        assert!(!has_extension("no_such_extension"));
    }
}
