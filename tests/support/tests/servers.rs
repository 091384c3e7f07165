//! Private servers start fast, keep what was committed, ask for TLS when told to, and leave nothing behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use domaindesk_support::servers::{Access, MariaDb, Postgres, Server, ServerOptions, Tls};
use domaindesk_support::{DatabaseOptions, Engine, TempDatabase, process};
use serde_json::json;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection};

/// The processes whose command line names a folder. Those of PostgreSQL beside the first have other command lines; they
/// are found by their working directory, its data folder.
fn processes_of(folder: &Path) -> Vec<u32> {
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let of_folder = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let cwd = std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&name) || cwd.starts_with(folder)
    };
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(of_folder).collect()
}

/// The System V shared memory segments of this machine, by their keys.
fn shared_memory() -> Vec<String> {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
    table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1).map(String::from)).collect()
}

/// The shared memory segment that a running PostgreSQL holds.
fn segment_of(server: &Postgres) -> String {
    let lock = std::fs::read_to_string(server.folder().join("data/postmaster.pid")).unwrap();
    lock.lines().nth(6).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "not in 30 seconds: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A table with one committed row, made by a connection that is then closed.
fn with_a_row(database: &TempDatabase) {
    let table = database.table("registrars");
    database.execute(&format!("INSERT INTO {table} (name, slug) VALUES ('R', 'r')"));
}

/// Ends a server in several ways and sees that a committed row outlives each.
fn survives(server: &mut Server, database: &TempDatabase) {
    with_a_row(database);
    let (pid, port) = (server.pid().unwrap(), server.access().port);
    server.restart();
    assert_ne!(server.pid(), Some(pid));
    assert_eq!((server.access().port, database.count("registrars")), (port, 1));
    database.execute("UPDATE registrars SET name = 'before the end'");
    server.kill();
    assert_eq!(server.pid(), None);
    server.start_again();
    assert_eq!(server.access().port, port);
    assert_eq!(database.one("SELECT name FROM registrars"), json!("before the end"));
    server.stop();
    assert_eq!(server.pid(), None);
    server.start_again();
    assert_eq!(database.count("registrars"), 1);
}

fn mysql(access: &Access) -> MySqlConnectOptions {
    let options = MySqlConnectOptions::new().host(&access.host).port(access.port);
    options.username(&access.username).password(&access.password)
}

fn postgres(access: &Access) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass().host(&access.host).port(access.port);
    options.username(&access.username).password(&access.password).database("postgres")
}

async fn outcome<O: ConnectOptions<Connection: Sized>>(options: &O) -> Result<(), String> {
    let connection = options.connect().await.map_err(|error| error.to_string())?;
    connection.close().await.map_err(|error| error.to_string())
}

/// Asks by PostgreSQL's own client: sqlx sets a time zone in each of its sessions.
fn psql(access: &Access, sql: &str) -> String {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--tuples-only", "--no-align", "--dbname=postgres", "--command", sql]);
    command.env("PGHOST", &access.socket).env("PGPORT", access.port.to_string());
    command.env("PGUSER", &access.username).env("PGPASSWORD", &access.password).env_remove("PGTZ");
    process::run(&mut command, Duration::from_secs(20)).success().stdout.trim().to_owned()
}

#[test]
fn a_mariadb_keeps_what_was_committed_through_restart_and_kill_and_leaves_nothing_behind() {
    let mut server = MariaDb::start();
    let folder = server.folder().to_owned();
    let database = TempDatabase::on_mariadb(&server, DatabaseOptions::default());
    survives(&mut server, &database);
    drop(database);
    assert!(processes_of(&folder).len() >= 2, "the server and its supervisor run");
    drop(server);
    assert_eq!((folder.exists(), processes_of(&folder)), (false, vec![]));
}

#[test]
fn a_postgresql_keeps_what_was_committed_through_restart_and_kill_and_leaves_nothing_behind() {
    let mut server = Postgres::start();
    let folder = server.folder().to_owned();
    let database = TempDatabase::on_postgres(&server, DatabaseOptions::default());
    survives(&mut server, &database);
    drop(database);
    let segment = segment_of(&server);
    assert!(shared_memory().contains(&segment));
    drop(server);
    eventually("all processes are gone", || processes_of(&folder).is_empty());
    assert_eq!((folder.exists(), shared_memory().contains(&segment)), (false, false));
}

#[test]
fn a_server_that_is_dropped_after_a_kill_leaves_nothing_behind_and_its_database_may_go_later() {
    let mut server = Postgres::start();
    let (folder, segment) = (server.folder().to_owned(), segment_of(&server));
    let database = TempDatabase::on_postgres(&server, DatabaseOptions::default());
    server.kill();
    drop(server);
    drop(database);
    eventually("all processes are gone", || processes_of(&folder).is_empty());
    assert_eq!((folder.exists(), shared_memory().contains(&segment)), (false, false));
}

/// Not a test of its own: what the one below kills. It tells its servers' folders and waits.
const CHILD: &str = "DOMAINDESK_SUPPORT_KILLED_CHILD";

#[test]
fn a_killed_test_process_takes_its_servers_and_their_folders_with_it() {
    if let Some(report) = std::env::var_os(CHILD) {
        let own = Postgres::start();
        let folders = [MariaDb::shared().folder(), Postgres::shared().folder(), own.folder()];
        let text: Vec<_> = folders.map(|folder| folder.display().to_string()).into();
        // Renamed when it is whole.
        let report = PathBuf::from(report);
        std::fs::write(report.with_extension("part"), text.join("\n")).unwrap();
        std::fs::rename(report.with_extension("part"), report).unwrap();
        std::thread::sleep(Duration::from_secs(120));
        panic!("nobody killed this process");
    }
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let this_test = "a_killed_test_process_takes_its_servers_and_their_folders_with_it";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", this_test])
        .env(CHILD, &report)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while !report.exists() {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none() && Instant::now() < deadline, "the child told no folders: {ended:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    let folders: Vec<PathBuf> = std::fs::read_to_string(&report).unwrap().lines().map(PathBuf::from).collect();
    for folder in &folders {
        assert!(folder.exists() && processes_of(folder).len() >= 2, "{}", folder.display());
    }
    // SIGKILL: no drop, no handler.
    child.kill().unwrap();
    child.wait().unwrap();
    for folder in &folders {
        eventually("a folder and its processes are gone", || !folder.exists() && processes_of(folder).is_empty());
    }
    assert_eq!(folders.len(), 3);
}

#[test]
fn a_server_waits_for_its_port_when_somebody_has_it_for_a_moment() {
    let mut server = Postgres::start();
    server.stop();
    let taken = std::net::TcpListener::bind(("127.0.0.1", server.access().port)).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            drop(taken);
        });
        server.start_again();
    });
    assert!(server.log().contains("Address already in use"), "{}", server.log());
    assert!(server.pid().is_some());
}

#[test]
fn settings_of_ones_own_win_and_durability_is_chosen() {
    let settings = vec![("max_connections".to_owned(), "77".to_owned())];
    let options = ServerOptions { durable: true, settings, ..ServerOptions::default() };
    let server = MariaDb::start_with(options.clone());
    let database = TempDatabase::on_mariadb(&server, DatabaseOptions::default());
    assert_eq!(
        database.row("SELECT @@max_connections, @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite"),
        [json!(77), json!(1), json!(1)]
    );
    drop(database);
    drop(server);
    let server = Postgres::start_with(options);
    let database = TempDatabase::on_postgres(&server, DatabaseOptions::default());
    let shown = |name: &str| database.one(&format!("SHOW {name}"));
    assert_eq!([shown("max_connections"), shown("fsync"), shown("full_page_writes")], ["77", "on", "on"]);
    for engine in [Engine::MariaDb, Engine::Postgres] {
        let shared = TempDatabase::on(engine, DatabaseOptions::default());
        let fast = match engine {
            Engine::MariaDb => shared.one("SELECT @@innodb_flush_log_at_trx_commit") == json!(2),
            _ => shared.one("SHOW fsync") == json!("off"),
        };
        assert!(fast, "{engine}");
    }
}

#[test]
fn the_servers_own_time_zone_is_what_a_session_has_that_sets_none() {
    let options = ServerOptions { timezone: chrono_tz::Asia::Dhaka, ..ServerOptions::default() };
    let server = MariaDb::start_with(options.clone());
    let database = TempDatabase::on_mariadb(&server, DatabaseOptions::default());
    assert_eq!(database.one("SELECT TIMEDIFF(NOW(), UTC_TIMESTAMP())"), json!("06:00:00"));
    drop(database);
    drop(server);
    let server = Postgres::start_with(options);
    assert_eq!(psql(server.access(), "SHOW timezone"), "Asia/Dhaka");
    let shared = TempDatabase::on(Engine::MariaDb, DatabaseOptions::default());
    assert_eq!(shared.one("SELECT TIMEDIFF(NOW(), UTC_TIMESTAMP())"), json!("00:00:00"));
    assert_eq!(psql(Postgres::shared().access(), "SHOW timezone"), "UTC");
}

#[tokio::test]
async fn a_mariadb_that_requires_tls_refuses_plain_tcp_and_is_known_by_its_authority() {
    let server = MariaDb::start_with(ServerOptions { tls: Tls::Required, ..ServerOptions::default() });
    let access = server.access();
    let refused = outcome(&mysql(access).ssl_mode(MySqlSslMode::Disabled)).await.unwrap_err();
    // MariaDB says no more than this; the password is the one that is taken below.
    assert!(refused.contains("1045"), "{refused}");
    let stranger = outcome(&mysql(access).ssl_mode(MySqlSslMode::VerifyIdentity)).await.unwrap_err();
    assert!(stranger.to_lowercase().contains("certificate"), "{stranger}");
    let known = mysql(access).ssl_mode(MySqlSslMode::VerifyIdentity).ssl_ca(access.ca.as_ref().unwrap());
    assert_eq!(outcome(&known).await, Ok(()));
    let database = TempDatabase::on_mariadb(&server, DatabaseOptions::default());
    assert_eq!(outcome(&database.url().parse::<MySqlConnectOptions>().unwrap()).await, Ok(()));
    let laravel = database.laravel_connection();
    assert_eq!(laravel["options"]["1009"], json!(access.ca));
}

#[tokio::test]
async fn a_postgresql_that_requires_tls_refuses_plain_tcp_and_is_known_by_its_authority() {
    let server = Postgres::start_with(ServerOptions { tls: Tls::Required, ..ServerOptions::default() });
    let access = server.access();
    let refused = outcome(&postgres(access).ssl_mode(PgSslMode::Disable)).await.unwrap_err();
    assert!(refused.contains("no encryption"), "{refused}");
    let stranger = outcome(&postgres(access).ssl_mode(PgSslMode::VerifyFull)).await.unwrap_err();
    assert!(stranger.to_lowercase().contains("certificate"), "{stranger}");
    let known = postgres(access).ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(access.ca.as_ref().unwrap());
    assert_eq!(outcome(&known).await, Ok(()));
    let database = TempDatabase::on_postgres(&server, DatabaseOptions::default());
    assert_eq!(outcome(&database.url().parse::<PgConnectOptions>().unwrap()).await, Ok(()));
    let laravel = database.laravel_connection();
    assert_eq!((&laravel["sslmode"], &laravel["sslrootcert"]), (&json!("verify-full"), &json!(access.ca)));
}

#[tokio::test]
async fn a_server_without_tls_takes_plain_tcp_and_only_the_right_password() {
    let (maria, pg) = (MariaDb::shared().access(), Postgres::shared().access());
    assert_eq!(outcome(&mysql(maria)).await, Ok(()));
    assert_eq!(outcome(&postgres(pg)).await, Ok(()));
    assert!(outcome(&mysql(maria).ssl_mode(MySqlSslMode::Required)).await.is_err());
    assert!(outcome(&postgres(pg).ssl_mode(PgSslMode::Require)).await.is_err());
    let refused = outcome(&mysql(maria).password("wrong")).await.unwrap_err();
    assert!(refused.contains("Access denied"), "{refused}");
    let refused = outcome(&maria.mariadb_by_socket().username("root").password("")).await.unwrap_err();
    assert!(refused.contains("Access denied"), "{refused}");
    let refused = outcome(&postgres(pg).password("wrong")).await.unwrap_err();
    assert!(refused.contains("password authentication failed"), "{refused}");
}
