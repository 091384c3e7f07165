//! A real HTTP proxy on a free port of 127.0.0.1. It is never a service of the system, and it ends with the process that
//! started it.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take until it answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running tinyproxy: it forwards plain requests and lets TLS through untouched.
#[derive(Debug)]
pub struct HttpProxy {
    folder: tempfile::TempDir,
    port: u16,
    login: Option<(String, String)>,
    /// A shell that ends the proxy when its input does, as it does when this process dies.
    keeper: Option<Child>,
}

impl HttpProxy {
    /// Starts one, for everybody or for those who give this user and password (letters and digits). Panics when it does not
    /// answer.
    pub fn start(login: Option<(&str, &str)>) -> Self {
        let folder = tempfile::Builder::new().prefix("domaindesk-proxy-").tempdir().expect("a temporary folder");
        let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
        let mut proxy = Self { folder, port: 0, login, keeper: None };
        // Somebody else may take a port that was free a moment ago.
        for _ in 0..5 {
            if proxy.launch() {
                return proxy;
            }
        }
        panic!("tinyproxy does not answer: is Debian's package tinyproxy-bin installed?\n{}", proxy.log());
    }

    /// Host and port.
    pub fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its address without user and password.
    pub fn url(&self) -> String {
        format!("http://{}", self.place())
    }

    /// How many requests it was sent, those to connect to a server included.
    pub fn requests(&self) -> usize {
        self.log().lines().filter(|line| line.contains("Request (file descriptor")).count()
    }

    /// Ends it. Its port stays closed.
    pub fn stop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            keeper.wait().expect("the keeper of tinyproxy ends");
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn launch(&mut self) -> bool {
        self.stop();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind a free port of 127.0.0.1");
        self.port = free.local_addr().expect("a bound socket has an address").port();
        drop(free);
        let (port, log) = (self.port, self.folder.path().join("log"));
        let login = self.login.as_ref().map(|(user, password)| format!("BasicAuth {user} {password}\n"));
        let settings = format!(
            "Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 100\nLogLevel Connect\nLogFile \"{}\"\n{}",
            log.display(),
            login.unwrap_or_default()
        );
        let file = self.folder.path().join("tinyproxy.conf");
        std::fs::write(&file, settings).expect("write the proxy's settings");
        let script =
            "exec 2>/dev/null; tinyproxy -d -c \"$1\" >/dev/null & proxy=$!; read _; kill -9 $proxy; wait $proxy";
        let mut command = Command::new("sh");
        let keeper = command.args(["-c", script, "sh"]).arg(&file).stdin(Stdio::piped()).spawn();
        self.keeper = Some(keeper.expect("a shell starts"));
        let start = Instant::now();
        while start.elapsed() < PATIENCE / 5 {
            // Another program that took the port keeps no such log.
            if TcpStream::connect(("127.0.0.1", port)).is_ok() && self.log().contains("Connect (file descriptor") {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for HttpProxy {
    fn drop(&mut self) {
        self.stop();
    }
}
