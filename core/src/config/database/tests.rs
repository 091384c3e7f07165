//! Laravel's connection arrays for servers, and the URLs for them.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::*;
use crate::config::Config;

fn read(database: Value) -> Result<DatabaseConfig> {
    Config::from_value(json!({ "database": database })).map(|config| config.database)
}

fn mysql(database: Value) -> Servers<MysqlServer> {
    match read(database.clone()).unwrap().driver {
        Driver::Mysql(servers) => servers,
        other => panic!("{database}: {other:?}"),
    }
}

fn postgres(database: Value) -> Servers<PostgresServer> {
    match read(database.clone()).unwrap().driver {
        Driver::Postgres(servers) => servers,
        other => panic!("{database}: {other:?}"),
    }
}

/// `user:password@host:port/database`, with `-` for what is not there.
fn place(username: &str, password: Option<&secrecy::SecretString>, host: &str, port: u16, database: &str) -> String {
    let password = password.map_or("-", |password| password.expose_secret());
    format!("{username}:{password}@{host}:{port}/{database}")
}

fn mysql_place(server: &MysqlServer) -> String {
    place(&server.username, server.password.as_ref(), &server.host, server.port, &server.database)
}

fn postgres_place(server: &PostgresServer) -> String {
    place(&server.username, server.password.as_ref(), &server.host, server.port, &server.database)
}

#[test]
fn the_arrays_that_laravel_ships_are_read_whole() {
    let servers = mysql(json!({
        "driver": "mysql", "url": null, "host": "127.0.0.1", "port": "3306", "database": "laravel", "username": "root",
        "password": "", "unix_socket": "", "charset": "utf8mb4", "collation": "utf8mb4_unicode_ci", "prefix": "",
        "prefix_indexes": true, "strict": true, "engine": null, "options": []
    }));
    let server = &servers.write[0];
    assert_eq!(mysql_place(server), "root:-@127.0.0.1:3306/laravel");
    assert_eq!((&server.unix_socket, &server.timezone, &server.tls), (&None, &None, &Tls::default()));
    assert_eq!((server.charset.as_str(), server.collation.as_deref()), ("utf8mb4", Some("utf8mb4_unicode_ci")));
    assert_eq!((servers.write.len(), servers.read.len()), (1, 0));

    let servers = postgres(json!({
        "driver": "pgsql", "url": null, "host": "db", "port": 5433, "database": "laravel", "username": "app",
        "password": "p@ss", "charset": "utf8", "prefix": "", "prefix_indexes": true, "search_path": "public",
        "sslmode": "prefer"
    }));
    let server = &servers.write[0];
    assert_eq!(postgres_place(server), "app:p@ss@db:5433/laravel");
    assert_eq!((server.search_path.as_slice(), &server.tls), (&["public".to_owned()][..], &Tls::default()));
}

#[test]
fn urls_of_servers_are_read_as_laravel_reads_them() {
    for (url, wanted) in [
        ("mysql://user:p%40ss@host:3307/db?charset=utf8", "user:p@ss@host:3307/db"),
        ("mysql2://user@host/db", "user:-@host:3306/db"),
        ("mariadb://user:pa:ss@host/db", "user:pa:ss@host:3306/db"),
        ("mysql://user:p@ss@host/db", "user:p@ss@host:3306/db"),
        ("mysql://us%C3%A9r:100%@host/d%20b#x", "usér:100%@host:3306/d b"),
        ("mysql://user:secret@[::1]:3307/db", "user:secret@::1:3307/db"),
        ("mysql://user:secret@host/db?host=other&port=1&password=a%2Bb+c", "user:a+b c@other:1/db"),
        ("mysql://user:0123@host:/db", "user:0123@host:3306/db"),
    ] {
        assert_eq!(mysql_place(&mysql(json!(url)).write[0]), wanted, "{url}");
        let array = json!({"driver": "pgsql", "host": "x", "database": "x", "password": "", "url": url});
        assert_eq!(mysql_place(&mysql(array).write[0]), wanted, "{url}");
    }
    for scheme in ["postgres", "postgresql", "pgsql"] {
        let servers =
            postgres(json!(format!("{scheme}://u:p@h/db?sslmode=require&search_path=a,b&timezone=Asia/Dhaka")));
        let server = &servers.write[0];
        assert_eq!((postgres_place(server).as_str(), server.tls.mode), ("u:p@h:5432/db", TlsMode::Required));
        assert_eq!((server.search_path.join(" ").as_str(), server.timezone.as_deref()), ("a b", Some("Asia/Dhaka")));
    }
    let kept = json!({"host": "h", "port": 1, "username": "u", "password": "p", "url": "mysql:///db"});
    assert_eq!(mysql_place(&mysql(kept).write[0]), "u:p@h:1/db", "what the URL leaves out");
    let list = mysql(json!("mysql://u@h/db?host=[\"a\",\"b\"]"));
    assert_eq!(list.write.iter().map(|server| server.host.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn several_hosts_and_those_to_read_from_are_told_apart() {
    let base = |more: Value| {
        let mut base = json!({"driver": "mysql", "host": "base", "database": "d", "username": "u", "password": "p"});
        base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let servers = mysql(base);
        let places = |servers: &[MysqlServer]| servers.iter().map(mysql_place).collect::<Vec<_>>().join(" ");
        (places(&servers.write), places(&servers.read))
    };
    for (more, write, read) in [
        (json!({"host": ["a", "b"]}), "u:p@a:3306/d u:p@b:3306/d", ""),
        (json!({"host": "a, b"}), "u:p@a:3306/d u:p@b:3306/d", ""),
        (
            json!({"read": {"host": ["r1", "r2"]}, "write": {"host": ["w"]}, "sticky": true}),
            "u:p@w:3306/d",
            "u:p@r1:3306/d u:p@r2:3306/d",
        ),
        (json!({"read": {"username": "reader", "password": ""}}), "u:p@base:3306/d", "reader:-@base:3306/d"),
        (
            json!({"read": [{"host": "r1", "port": 1}, {"host": "r2"}], "write": []}),
            "u:p@base:3306/d",
            "u:p@r1:1/d u:p@r2:3306/d",
        ),
        (json!({"host": []}), "u:p@127.0.0.1:3306/d", ""),
    ] {
        assert_eq!(base(more.clone()), (write.to_owned(), read.to_owned()), "{more}");
    }
}

#[test]
fn encryption_is_told_by_pdo_s_options_and_by_sslmode() {
    let tls = |options: Value| {
        let server = json!({"driver": "mysql", "database": "d", "username": "u", "options": options});
        mysql(server).write[0].tls.clone()
    };
    let files =
        |tls: &Tls| [&tls.ca, &tls.cert, &tls.key].map(|file| file.as_ref().map(|file| file.display().to_string()));
    for options in [
        json!({"1009": "/ca"}),
        json!({"PDO::MYSQL_ATTR_SSL_CA": "/ca"}),
        json!({"MYSQL_ATTR_SSL_CA": "/ca", "1002": "SET x"}),
    ] {
        let tls = tls(options);
        assert_eq!((tls.mode, files(&tls)), (TlsMode::VerifyFull, [Some("/ca".to_owned()), None, None]));
    }
    let all = tls(json!({"1007": "/key", "1008": "/cert", "1009": "/ca", "1014": false}));
    assert_eq!(all.mode, TlsMode::Required);
    assert_eq!(files(&all), ["/ca", "/cert", "/key"].map(|file| Some(file.to_owned())));
    assert_eq!(tls(json!({"1014": true})).mode, TlsMode::VerifyFull);
    for plain in [json!([]), json!(null), json!({"1009": null}), json!({"1009": "", "1014": "false"})] {
        assert_eq!(tls(plain), Tls::default());
    }

    for (mode, wanted) in [
        ("disable", TlsMode::Disabled),
        ("allow", TlsMode::Disabled),
        ("prefer", TlsMode::Preferred),
        ("require", TlsMode::Required),
        ("verify-ca", TlsMode::VerifyCa),
        ("verify-full", TlsMode::VerifyFull),
    ] {
        let server = json!({"driver": "pgsql", "database": "d", "username": "u", "sslmode": mode});
        assert_eq!(postgres(server).write[0].tls.mode, wanted, "{mode}");
    }
    let server = json!({"driver": "pgsql", "database": "d", "username": "u", "sslmode": "require", "sslrootcert": "/ca",
        "sslcert": "/cert", "sslkey": "/key"});
    let tls = postgres(server).write[0].tls.clone();
    assert_eq!(tls.mode, TlsMode::VerifyCa, "as libpq has it");
    assert_eq!(files(&tls), ["/ca", "/cert", "/key"].map(|file| Some(file.to_owned())));
}

#[test]
fn schemas_are_named_in_all_of_laravel_s_spellings() {
    for (path, wanted) in [
        (json!({"search_path": "public"}), "public"),
        (json!({"search_path": "\"$user\", public"}), "$user public"),
        (json!({"search_path": "'a' b,c"}), "a b c"),
        (json!({"search_path": ["a b", "\"c\""]}), "a b c"),
        (json!({"schema": "tenant"}), "tenant"),
        (json!({"search_path": "", "schema": ["tenant"]}), "tenant"),
        (json!({}), ""),
    ] {
        let mut server = json!({"driver": "pgsql", "database": "d", "username": "u"});
        server.as_object_mut().unwrap().extend(path.as_object().unwrap().clone());
        assert_eq!(postgres(server).write[0].search_path.join(" "), wanted, "{path}");
    }
}

#[test]
fn a_wrong_setting_of_a_server_is_named_and_a_secret_never_shown() {
    for (more, wanted) in [
        (json!({"port": "mysql"}), "config `database.port`: expected a port from 1 to 65535, got \"mysql\""),
        (json!({"port": 0}), "config `database.port`: expected a port"),
        (json!({"read": {"port": 0}}), "config `database.read.port`: expected a port"),
        (json!({"read": [{}, {"port": 0}]}), "config `database.read.1.port`: expected a port"),
        (json!({"read": "secret"}), "config `database.read`: expected an array of keys and values"),
        (json!({"username": null}), "config `database.username`: expected the database user (in the environment: DB_"),
        (json!({"database": ""}), "config `database.database`: expected the name of the database"),
        (json!({"password": ["secret"]}), "config `database.password`: expected a text"),
        (json!({"password": true}), "config `database.password`: expected a text"),
        (json!({"host": {"x": 1}}), "config `database.host`: expected the name or address of a server"),
        (json!({"host": ["a", 1]}), "config `database.host`: expected the name or address of a server"),
        (json!({"host": "u:secret@h"}), "config `database.host`: expected the name or address of a server"),
        (json!({"charset": "utf8'; DROP"}), "config `database.charset`: expected the name of a character set"),
        (json!({"collation": "x y"}), "config `database.collation`: expected the name of a collation"),
        (json!({"timezone": "x'y"}), "config `database.timezone`: expected the name of a time zone"),
        (json!({"options": {"1014": "maybe"}}), "config `database.options.1014`: expected true or false"),
        (json!({"url": "mysql://u:secret@h:port/d"}), "config `database.url`: expected a URL such as"),
        (json!({"url": "mysql:u:secret@h"}), "config `database.url`: expected a URL such as"),
        (json!({"driver": "pgsql", "sslmode": "on"}), "config `database.sslmode`: expected disable, allow"),
        (json!({"driver": "pgsql", "search_path": [1]}), "config `database.search_path`: expected the names"),
    ] {
        let mut server = json!({"driver": "mysql", "database": "d", "username": "u", "password": "secret"});
        server.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let error = read(server).unwrap_err();
        assert!(error.to_string().starts_with(wanted), "{more}: {error}");
        assert!(!format!("{error:?}").contains("secret"), "S6.9 {error:?}");
    }
}

#[test]
fn debug_output_hides_the_password() {
    for url in ["mysql://user:top-secret@host/db", "pgsql://user:top-secret@host/db"] {
        let printed = format!("{:?}", read(json!(url)).unwrap());
        assert!(printed.contains("host") && !printed.contains("top-secret"), "S6.9 {printed}");
    }
}

proptest::proptest! {
    #[test]
    fn no_url_of_a_server_breaks_the_reader(url in "(mysql|pgsql)://[a:@/?%#\\[\\]0-9é&= ]{0,30}") {
        let _ = read(json!(url));
    }

    #[test]
    fn every_password_comes_through_a_url(password in "\\PC{1,20}") {
        let encoded = percent_encoded(&password);
        let servers = mysql(json!(format!("mysql://u:{encoded}@h/d")));
        proptest::prop_assert_eq!(servers.write[0].password.as_ref().unwrap().expose_secret(), password);
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
