//! Private MariaDB and PostgreSQL servers: each in a temporary folder, on a free port of 127.0.0.1 and on a socket in the
//! folder. They are never a service of the system, and they end with the process that started them.

mod cut;
mod mariadb;
mod postgres;
mod supervisor;
mod tls;

use std::fs::{Permissions, set_permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono_tz::Tz;

pub use cut::{Cut, CutProxy};
pub use mariadb::MariaDb;
pub use postgres::Postgres;

use supervisor::{End, Supervisor, is_alive};
use tls::Certificates;

/// How long a server may take until it answers. It takes a second or two on an idle machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server says that may start a little later: another has the port, or a process of PostgreSQL's that was killed is
/// not quite gone.
const TAKEN: [&str; 2] = ["Address already in use", "pre-existing shared memory block"];

/// The name of the account that may do everything.
const USERNAME: &str = "domaindesk";

/// Whether a server speaks TLS over TCP. Its socket in the folder never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// It does not.
    #[default]
    Off,
    /// To those who ask for it.
    Offered,
    /// With everybody: MariaDB's `require_secure_transport`, which denies others access (error 1045), and PostgreSQL's
    /// `hostssl`.
    Required,
}

/// How a server is started.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Whether a commit waits for the disk, as it does in production. Without it a commit outlives the death of the
    /// server all the same, but not that of the machine.
    pub durable: bool,
    /// TLS over TCP.
    pub tls: Tls,
    /// The server's own time zone: what a session has that sets none. Offsets can be had by `settings`.
    pub timezone: Tz,
    /// Further settings by their names in `my.cnf` or `postgresql.conf`. They win over those made here.
    pub settings: Vec<(String, String)>,
}

impl Default for ServerOptions {
    /// Not durable, no TLS, UTC.
    fn default() -> Self {
        Self { durable: false, tls: Tls::Off, timezone: Tz::UTC, settings: Vec::new() }
    }
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Always `127.0.0.1`.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// MariaDB's socket file; the folder of PostgreSQL's, which is what its clients take for a host.
    pub socket: PathBuf,
    /// An account that may do everything.
    pub username: String,
    /// Its password: letters and digits, another one for each server.
    pub password: String,
    /// The authority of the server's certificate, as a PEM file, if it has one.
    pub ca: Option<PathBuf>,
    /// TLS over TCP.
    pub tls: Tls,
}

/// A running server: what [`MariaDb`] and [`Postgres`] have in common. It ends and its folder goes when it is dropped.
#[derive(Debug)]
pub struct Server {
    supervisor: Supervisor,
    kind: &'static Kind,
    options: ServerOptions,
    access: Access,
    owner: Owner,
    pid: u32,
}

/// What makes one server differ from the other.
struct Kind {
    name: &'static str,
    /// The signal at which it ends cleanly without waiting for its clients.
    clean: &'static str,
    /// The signal at which it ends fastest and still gives back what the system lent it.
    fast: &'static str,
    /// Where it listens in its folder: see [`Access::socket`].
    socket: &'static str,
    /// The users to run as when the test process is root's, by preference.
    users: &'static [&'static str],
    /// Writes what configures the server; the shell commands that make its data folder, and the one that is the server.
    prepare: fn(&Server) -> Commands,
    /// Connects and asks something.
    probe: fn(&Access) -> Result<(), sqlx::Error>,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Shell commands, their arguments quoted.
struct Commands {
    install: String,
    serve: String,
}

/// Who the server runs as.
#[derive(Clone, Copy, Debug)]
enum Owner {
    /// The user of the test process.
    Same,
    /// Another one, since that user is root.
    Other { uid: u32, gid: u32 },
}

impl Owner {
    /// What stands before a command so that this user runs it.
    fn prefix(self) -> String {
        match self {
            Self::Same => String::new(),
            Self::Other { uid, gid } => format!("setpriv --reuid={uid} --regid={gid} --clear-groups "),
        }
    }
}

impl Server {
    /// Makes a server and waits until it answers.
    fn launch(kind: &'static Kind, options: ServerOptions) -> Self {
        let folder = tempfile::Builder::new().prefix("domaindesk-").tempdir().expect("make a temporary folder");
        let supervisor = Supervisor::of(folder.path().to_owned(), kind.fast);
        let folder = folder.keep();
        set_permissions(&folder, Permissions::from_mode(0o755)).expect("open a folder of one's own");
        let is_root = folder.metadata().expect("look at a folder of one's own").uid() == 0;
        let owner = if is_root { other_user(kind.users) } else { Owner::Same };
        let password = std::iter::repeat_with(fastrand::alphanumeric).take(20).collect();
        let access = Access {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: free_port(),
            socket: folder.join(kind.socket),
            username: USERNAME.to_owned(),
            password,
            ca: (options.tls != Tls::Off).then(|| folder.join("ca.pem")),
            tls: options.tls,
        };
        let mut server = Self { supervisor, kind, options, access, owner, pid: 0 };
        server.make_folder("data", 0o700);
        server.make_folder("run", 0o755);
        if server.options.tls != Tls::Off {
            let certificates = Certificates::generate();
            server.write("ca.pem", &certificates.ca, 0o644);
            server.write("server.pem", &certificates.certificate, 0o644);
            server.write("server.key", &certificates.key, 0o600);
        }
        server.prepare("install.sh", |commands| &commands.install);
        server.supervisor.run("install.sh");
        for _ in 0..5 {
            server.prepare("start.sh", |commands| &commands.serve);
            if server.start() {
                return server;
            }
            server.access.port = free_port();
        }
        panic!("{kind:?} found no free port in five attempts:\n{}", server.log());
    }

    /// How it is reached.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The folder of all that it has.
    pub fn folder(&self) -> &Path {
        self.supervisor.folder()
    }

    /// What it said.
    pub fn log(&self) -> String {
        self.supervisor.log()
    }

    /// The id of its process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        Some(self.pid).filter(|pid| is_alive(*pid))
    }

    /// Ends it cleanly and starts it again on the same folder and port.
    pub fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// Ends it cleanly. Its folder stays: [`start_again`](Self::start_again) goes on with it.
    pub fn stop(&mut self) {
        self.supervisor.end(End::Signal(self.kind.clean));
    }

    /// Ends it as a power failure does: without a chance to write anything.
    pub fn kill(&mut self) {
        self.supervisor.end(End::Kill);
    }

    /// Starts it on the folder and the port that it had, after [`stop`](Self::stop) or [`kill`](Self::kill), and waits
    /// until it answers.
    ///
    /// # Panics
    /// When it runs, or when somebody else has taken its port or its data and keeps them.
    pub fn start_again(&mut self) {
        assert!(self.pid().is_none(), "{:?} runs already", self.kind);
        let deadline = Instant::now() + PATIENCE;
        while !self.start() {
            assert!(
                Instant::now() < deadline,
                "{:?} does not get its port or its data back:\n{}",
                self.kind,
                self.log()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Starts the process and waits until it answers; false when its port is taken, or its data by what is left of its
    /// predecessor.
    fn start(&mut self) -> bool {
        let said_before = self.log().len();
        self.pid = self.supervisor.start();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let error = match (self.kind.probe)(&self.access) {
                Ok(()) => return true,
                Err(error) => error,
            };
            if !is_alive(self.pid) {
                self.supervisor.end(End::Kill);
                let log = self.log();
                let said = &log[said_before..];
                assert!(TAKEN.iter().any(|words| said.contains(words)), "{:?} ended:\n{log}", self.kind);
                return false;
            }
            assert!(Instant::now() < deadline, "{:?} does not answer: {error}\n{}", self.kind, self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn prepare(&self, script: &str, choose: fn(&Commands) -> &String) {
        let commands = (self.kind.prepare)(self);
        let command = format!("{}{}", self.owner.prefix(), choose(&commands));
        self.write(script, &format!("TZ={}\nexport TZ\nexec {command}\n", self.options.timezone), 0o644);
    }

    /// A path in the folder.
    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// A path in the folder, for a shell.
    fn quoted(&self, name: &str) -> String {
        quoted(&self.path(name))
    }

    /// Writes a file of the server's own.
    fn write(&self, name: &str, content: &str, mode: u32) {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap_or_else(|error| panic!("write {}: {error}", path.display()));
        self.hand_over(&path, mode);
    }

    fn make_folder(&self, name: &str, mode: u32) {
        let path = self.path(name);
        std::fs::create_dir(&path).unwrap_or_else(|error| panic!("make {}: {error}", path.display()));
        self.hand_over(&path, mode);
    }

    fn hand_over(&self, path: &Path, mode: u32) {
        set_permissions(path, Permissions::from_mode(mode)).expect("change a file of one's own");
        if let Owner::Other { uid, gid } = self.owner {
            chown(path, Some(uid), Some(gid)).expect("root may give files away");
        }
    }
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// A port that nobody has at this moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind a free port of 127.0.0.1");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// The first of the users that this machine knows.
fn other_user(names: &[&str]) -> Owner {
    let id = |option: &str, name: &str| -> Option<u32> {
        let output = Command::new("id").args([option, name]).output().expect("run id");
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    let known = names.iter().find_map(|name| Some(Owner::Other { uid: id("-u", name)?, gid: id("-g", name)? }));
    known.unwrap_or_else(|| panic!("a server does not run as root, and there is none of the users {names:?}"))
}

/// The first of the files that is there.
///
/// # Panics
/// When none is, saying which package has it.
fn program(candidates: &[PathBuf], package: &str) -> PathBuf {
    let found = candidates.iter().find(|path| path.is_file());
    found.cloned().unwrap_or_else(|| panic!("none of {candidates:?} is there: apt-get install {package}"))
}
