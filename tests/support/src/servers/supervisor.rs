//! A server's keeper: a shell that ends the server and removes its folder when the test process goes, however it goes.
//!
//! A pipe tells it: the kernel closes the test process's end at its death. `PR_SET_PDEATHSIG` would not do, since it is
//! bound to the thread that started the server, and a server shared by all tests outlives the test that started it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The keeper of one folder and of the server in it.
#[derive(Debug)]
pub(crate) struct Supervisor {
    folder: PathBuf,
    shell: Child,
    /// Closed to let the shell go.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// How a server is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By a signal that it tidies up at; by SIGKILL when it takes longer than 20 seconds.
    Signal(&'static str),
    /// By SIGKILL, together with its own children.
    Kill,
}

impl Supervisor {
    /// Takes a folder over. `last_signal` ends the server when this is dropped.
    pub(crate) fn of(folder: PathBuf, last_signal: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", include_str!("supervisor.sh"), "supervisor"]).arg(&folder).arg(last_signal);
        // A group of its own: Ctrl-C at the terminal is for the tests alone, whose end is then seen here.
        command.current_dir("/").process_group(0);
        let shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut shell = shell.unwrap_or_else(|error| panic!("start a shell to supervise a server: {error}"));
        let orders = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().expect("stdout is a pipe"));
        Self { folder, shell, orders, answers }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a script of the folder to its end.
    ///
    /// # Panics
    /// When it does not succeed, with what it said.
    pub(crate) fn run(&mut self, script: &str) {
        let status = self.order(&format!("run {script}"));
        assert!(status == "0", "{script} in {} ended with {status}:\n{}", self.folder.display(), self.log());
    }

    /// Starts the server by the folder's `start.sh`; its process id.
    pub(crate) fn start(&mut self) -> u32 {
        let answer = self.order("start");
        answer.parse().unwrap_or_else(|_| panic!("{answer:?} is no process id"))
    }

    /// Ends the server, if there is one, and waits for its end.
    pub(crate) fn end(&mut self, how: End) {
        let signal = match how {
            End::Signal(name) => name,
            End::Kill => "KILL",
        };
        self.order(&format!("end {signal}"));
    }

    /// What the server and the scripts said, or why that cannot be read.
    pub(crate) fn log(&self) -> String {
        let said = std::fs::read(self.folder.join("server.log"));
        said.map_or_else(|error| format!("no log: {error}"), |said| String::from_utf8_lossy(&said).into_owned())
    }

    fn order(&mut self, order: &str) -> String {
        let orders = self.orders.as_mut().expect("orders are open until the drop");
        orders.write_all(format!("{order}\n").as_bytes()).expect("the supervising shell listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the supervising shell answers");
        assert!(answer.ends_with('\n'), "the supervising shell ended at `{order}`");
        answer.trim_end().to_owned()
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.orders.take());
        let ended = self.shell.wait();
        if !std::thread::panicking() {
            let status = ended.expect("wait for a child of one's own");
            assert!(status.success() && !self.folder.exists(), "{} was not tidied up: {status}", self.folder.display());
        }
    }
}

/// Whether a process runs: one that has ended and waits to be reaped does not.
pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state follows the program's name, which is in brackets and may hold any letter.
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
