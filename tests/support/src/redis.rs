//! A private Redis on a socket in a temporary folder. It is never a service of the system, and it ends with the process that
//! started it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take until it answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running Redis, without persistence: what it knew is gone when it was killed.
#[derive(Debug)]
pub struct Redis {
    folder: tempfile::TempDir,
    /// A shell that ends the server when its input does, as it does when this process dies.
    keeper: Option<Child>,
}

impl Redis {
    /// Starts one. Panics when it does not answer.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("domaindesk-redis-").tempdir().expect("a temporary folder");
        let mut redis = Self { folder, keeper: None };
        redis.restart();
        redis
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Its address, as a configuration has it.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// Kills it, without a chance to say goodbye.
    pub fn kill(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            keeper.wait().expect("the keeper of redis-server ends");
            std::fs::remove_file(self.socket()).ok();
        }
    }

    /// Starts it again, empty.
    pub fn restart(&mut self) {
        self.kill();
        let script = "redis-server --port 0 --unixsocket \"$1\" --save '' --appendonly no --dir \"$2\" >/dev/null 2>&1 & \
                      server=$!; read _; kill -9 $server; wait $server";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(self.socket()).arg(self.folder.path());
        self.keeper = Some(command.stdin(Stdio::piped()).spawn().expect("a shell starts"));
        let start = Instant::now();
        while !self.answers() {
            assert!(
                start.elapsed() < PATIENCE,
                "redis-server does not answer: is Debian's package redis-server installed?"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn answers(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let mut stream = UnixStream::connect(self.socket())?;
            stream.write_all(b"PING\r\n")?;
            let mut answer = [0; 5];
            stream.read_exact(&mut answer)?;
            Ok(&answer == b"+PONG")
        };
        ask().unwrap_or(false)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
