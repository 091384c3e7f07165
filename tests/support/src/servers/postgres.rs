//! PostgreSQL.

use std::fmt::Write as _;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection};

use super::{Access, Commands, Kind, Server, ServerOptions, Tls, program, quoted};
use crate::database::wait_for;

static KIND: Kind = Kind {
    name: "PostgreSQL",
    clean: "INT",
    fast: "QUIT",
    socket: "run",
    users: &["postgres", "nobody"],
    prepare,
    probe,
};

/// A private PostgreSQL server.
#[derive(Debug)]
pub struct Postgres(Server);

impl Postgres {
    /// A server as [`ServerOptions::default`] has it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, saying how to get it, or does not start, with what it said.
    pub fn start() -> Self {
        Self::start_with(ServerOptions::default())
    }

    /// A server of one's own.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub fn start_with(options: ServerOptions) -> Self {
        Self(Server::launch(&KIND, options))
    }

    /// The server that all tests of a process share that need none of their own. It ends with the process.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Postgres> = LazyLock::new(Postgres::start);
        &SHARED
    }
}

impl Deref for Postgres {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}

impl DerefMut for Postgres {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.0
    }
}

impl Access {
    /// Options for a PostgreSQL connection over the socket, to the database `postgres` as long as no other is named.
    pub fn postgres_by_socket(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass().username(&self.username).password(&self.password);
        options.socket(&self.socket).port(self.port).database("postgres").ssl_mode(PgSslMode::Disable)
    }
}

fn probe(access: &Access) -> Result<(), sqlx::Error> {
    wait_for(async || access.postgres_by_socket().connect().await?.close().await)
}

fn prepare(server: &Server) -> Commands {
    let Access { username, password, .. } = server.access();
    server.write("password", password, 0o600);
    server.write("postgresql.conf", &configuration(server), 0o644);
    let over_tcp = if server.options.tls == Tls::Required { "hostssl" } else { "host" };
    let access = format!("local all all scram-sha-256\n{over_tcp} all all 127.0.0.1/32 scram-sha-256\n");
    server.write("pg_hba.conf", &access, 0o644);
    Commands {
        install: format!(
            "{} --no-sync --no-instructions --auth=scram-sha-256 --username={username} --pwfile={} --encoding=UTF8 \
             --locale=C --pgdata={}",
            quoted(&binary("initdb")),
            server.quoted("password"),
            server.quoted("data")
        ),
        serve: format!(
            "{} -D {} -c config_file={}",
            quoted(&binary("postgres")),
            server.quoted("data"),
            server.quoted("postgresql.conf")
        ),
    }
}

fn configuration(server: &Server) -> String {
    let Server { options, access, .. } = server;
    let path = |name: &str| server.path(name).display().to_string();
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    let mut settings = vec![
        ("hba_file", path("pg_hba.conf")),
        ("unix_socket_directories", path("run")),
        ("listen_addresses", access.host.clone()),
        ("port", access.port.to_string()),
        ("max_connections", "200".to_owned()),
        ("shared_buffers", "128MB".to_owned()),
        ("max_wal_size", "2GB".to_owned()),
        // In the folder, not in /dev/shm, where it would stay behind after a kill.
        ("dynamic_shared_memory_type", "mmap".to_owned()),
        ("wal_level", "minimal".to_owned()),
        ("max_wal_senders", "0".to_owned()),
        // A commit reaches the operating system either way, so that it outlives the server.
        ("fsync", switch(options.durable)),
        ("full_page_writes", switch(options.durable)),
        ("synchronous_commit", switch(true)),
        ("timezone", options.timezone.to_string()),
        ("log_timezone", "UTC".to_owned()),
        ("lc_messages", "C".to_owned()),
    ];
    if options.tls != Tls::Off {
        settings.extend([
            ("ssl", switch(true)),
            ("ssl_cert_file", path("server.pem")),
            ("ssl_key_file", path("server.key")),
        ]);
    }
    let mut text = String::new();
    let further = options.settings.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in settings.iter().map(|(name, value)| (*name, value)).chain(further) {
        writeln!(text, "{name} = '{}'", value.replace('\'', "''")).expect("a text can be written to");
    }
    text
}

/// A program of the newest PostgreSQL that Debian's packages installed. What else the path may have by these names is
/// none of theirs.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut folders: Vec<_> = versions.filter_map(|entry| Some((version(&entry.path())?, entry.path()))).collect();
    folders.sort_unstable();
    let candidates: Vec<_> = folders.iter().rev().map(|(_, folder)| folder.join("bin").join(name)).collect();
    program(&candidates, "postgresql")
}
