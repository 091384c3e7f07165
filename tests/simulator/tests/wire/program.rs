//! The program.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::*;

/// Ends with the test, whatever becomes of it.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> (Program, Value, BufReader<ChildStdout>) {
    let child = Command::new(env!("CARGO_BIN_EXE_domaindesk-simulator"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut program = Program(child);
    let mut out = BufReader::new(program.0.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    (program, serde_json::from_str(&line).unwrap(), out)
}

#[tokio::test]
async fn it_says_where_it_listens_in_one_line_and_serves() {
    let arguments =
        ["--domains", "25", "--auth-userid", "9", "--api-key", "k", "--rate-limit", "2/60", "--tlds", "com,co.uk"];
    let (program, line, mut out) = start(&[&arguments[..], &["--exit-on-stdin-close"]].concat());
    assert_eq!(line["pid"], program.0.id());
    let url = format!(
        "{}domains/search.json?auth-userid=9&api-key=k&no-of-records=50&page-no=1&status=Active",
        line["url"].as_str().unwrap()
    );
    let client = client();
    let page = json(client.get(&url).send().await.unwrap()).await;
    let product = page["1"]["entitytype.entitytypekey"].as_str().unwrap();
    assert!(["domcno", "thirdleveldotuk"].contains(&product), "{product}");
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    assert_eq!(client.get(&url).send().await.unwrap().status(), 403);
    let stats = client.get(format!("{}stats", line["control"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(json(stats).await["over_limit"], 1);
    drop(program);
    let mut rest = String::new();
    assert_eq!(out.read_line(&mut rest).unwrap(), 0, "a second line: {rest}");
}

#[test]
fn it_ends_when_its_input_does() {
    let (mut program, _, _out) = start(&["--domains", "1", "--exit-on-stdin-close"]);
    assert!(program.0.try_wait().unwrap().is_none());
    drop(program.0.stdin.take());
    assert!(program.0.wait().unwrap().success());
}

#[test]
fn without_being_told_so_it_does_not_end_with_its_input() {
    let (mut program, line, _out) = start(&["--domains", "1"]);
    drop(program.0.stdin.take());
    let address = line["url"].as_str().unwrap().trim_start_matches("http://").trim_end_matches("/api/").to_owned();
    assert!(std::net::TcpStream::connect(address).is_ok());
    assert!(program.0.try_wait().unwrap().is_none());
}

#[test]
fn it_refuses_a_limit_that_it_does_not_understand() {
    for limit in ["60", "60/0", "x/1"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_domaindesk-simulator")).args(["--rate-limit", limit]).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{limit}");
    }
}
