//! MariaDB.

use std::fmt::Write as _;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::LazyLock;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::{ConnectOptions, Connection};

use super::{Access, Commands, Kind, Server, ServerOptions, Tls, program, quoted};
use crate::database::wait_for;

static KIND: Kind = Kind {
    name: "MariaDB",
    clean: "TERM",
    // Its data goes anyway, and it holds nothing beyond its process.
    fast: "KILL",
    socket: "run/mariadb.sock",
    users: &["mysql", "nobody"],
    prepare,
    probe,
};

/// A private MariaDB server.
#[derive(Debug)]
pub struct MariaDb(Server);

impl MariaDb {
    /// A server as [`ServerOptions::default`] has it.
    ///
    /// # Panics
    /// When MariaDB is not installed, saying how to get it, or does not start, with what it said.
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
        static SHARED: LazyLock<MariaDb> = LazyLock::new(MariaDb::start);
        &SHARED
    }
}

impl Deref for MariaDb {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}

impl DerefMut for MariaDb {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.0
    }
}

impl Access {
    /// Options for a MariaDB connection over the socket. The session's time zone is left to the server, as Laravel
    /// leaves it.
    pub fn mariadb_by_socket(&self) -> MySqlConnectOptions {
        let options = MySqlConnectOptions::new().username(&self.username).password(&self.password);
        options.socket(&self.socket).ssl_mode(MySqlSslMode::Disabled).timezone(None)
    }
}

fn probe(access: &Access) -> Result<(), sqlx::Error> {
    wait_for(async || access.mariadb_by_socket().connect().await?.close().await)
}

fn prepare(server: &Server) -> Commands {
    let config = server.path("my.cnf");
    server.write("my.cnf", &configuration(server), 0o644);
    // At each start: nobody but the one account gets in, which comes from a file, since a command line can be read by all.
    let Access { username, password, .. } = server.access();
    let accounts = format!(
        "CREATE USER IF NOT EXISTS '{username}'@'%' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO '{username}'@'%' WITH GRANT OPTION;\n\
         DELETE FROM mysql.global_priv WHERE User NOT IN ('{username}', 'mariadb.sys');\n\
         FLUSH PRIVILEGES;\n"
    );
    server.write("accounts.sql", &accounts, 0o600);
    let folders = |name: &str| ["/usr/sbin", "/usr/bin"].map(|folder| PathBuf::from(folder).join(name));
    let install = program(&folders("mariadb-install-db"), "mariadb-server");
    let serve = program(&folders("mariadbd"), "mariadb-server");
    Commands {
        install: format!(
            "{} --defaults-file={} --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve",
            quoted(&install),
            quoted(&config)
        ),
        serve: format!(
            "{} --defaults-file={} --init-file={}",
            quoted(&serve),
            quoted(&config),
            server.quoted("accounts.sql")
        ),
    }
}

fn configuration(server: &Server) -> String {
    let Server { options, access, .. } = server;
    let path = |name: &str| server.path(name).display().to_string();
    let switch = |on: bool| if on { "1" } else { "0" }.to_owned();
    let mut settings = vec![
        ("datadir", path("data")),
        ("tmpdir", path("run")),
        ("socket", path("run/mariadb.sock")),
        ("pid-file", path("run/mariadb.pid")),
        ("bind-address", access.host.clone()),
        ("port", access.port.to_string()),
        ("skip-name-resolve", switch(true)),
        ("skip-log-bin", switch(true)),
        ("performance-schema", switch(false)),
        // What Laravel's `config/database.php` says.
        ("character-set-server", "utf8mb4".to_owned()),
        ("collation-server", "utf8mb4_unicode_ci".to_owned()),
        ("max-connections", "300".to_owned()),
        ("max-allowed-packet", "64M".to_owned()),
        ("innodb-buffer-pool-size", "256M".to_owned()),
        ("innodb-log-file-size", "128M".to_owned()),
        // Asynchronous I/O of the kernel is short in containers.
        ("innodb-use-native-aio", switch(false)),
        // 2: a commit reaches the operating system, so that it outlives the server.
        ("innodb-flush-log-at-trx-commit", if options.durable { "1" } else { "2" }.to_owned()),
        ("innodb-doublewrite", switch(options.durable)),
    ];
    if options.tls != Tls::Off {
        settings.extend([
            ("ssl-cert", path("server.pem")),
            ("ssl-key", path("server.key")),
            ("ssl-ca", path("ca.pem")),
        ]);
        settings.push(("require-secure-transport", switch(options.tls == Tls::Required)));
    }
    let mut text = "[mariadbd]\n".to_owned();
    let further = options.settings.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in settings.iter().map(|(name, value)| (*name, value)).chain(further) {
        writeln!(text, "{name} = {value}").expect("a text can be written to");
    }
    text
}
