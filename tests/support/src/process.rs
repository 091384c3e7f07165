//! Child processes: what they said, how they ended and what they cost.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// How often the peak memory of a running child is read. The figure only grows, so little is missed between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// A child that ended by itself.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
    /// What it cost.
    pub usage: Usage,
}

/// What a child cost, its own children included where the kernel counts them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// From start to end.
    pub wall: Duration,
    /// CPU time in user mode.
    pub user: Duration,
    /// CPU time in the kernel.
    pub system: Duration,
    /// The largest resident set of the child's own program, in KiB.
    ///
    /// Read from `/proc` (`VmHWM`) while it runs. The kernel's `ru_maxrss` is no use here: a child inherits its
    /// parent's peak on the way through `vfork` and `exec`, so that a large test would be measured instead of it.
    pub peak_rss_kib: u64,
}

impl Usage {
    /// CPU time in user mode and in the kernel together.
    pub fn cpu(&self) -> Duration {
        self.user + self.system
    }
}

impl Finished {
    /// The child, once it is sure that it ended well.
    ///
    /// # Panics
    /// When its exit status is not zero, with all it said.
    pub fn success(self) -> Self {
        assert!(self.status.success(), "{}\n--- stdout\n{}\n--- stderr\n{}", self.status, self.stdout, self.stderr);
        self
    }

    /// The last line of the standard output as JSON: what the measured scripts end with.
    ///
    /// # Panics
    /// When there is none, with all the child said.
    pub fn last_json_line(&self) -> serde_json::Value {
        let line = self.stdout.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| {
            panic!("the last line is not JSON: {error}\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr)
        })
    }
}

/// Runs a child to its end with no input. It is killed when it takes longer than `limit`.
///
/// # Panics
/// When it cannot be started or was killed for its time.
pub fn run(command: &mut Command, limit: Duration) -> Finished {
    let started = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("start {command:?}: {error}"));
    let (closed, closing) = channel();
    let stdout = drain(child.stdout.take().expect("stdout is a pipe"), closed.clone());
    let stderr = drain(child.stderr.take().expect("stderr is a pipe"), closed);

    let mut peak_rss_kib = 0;
    let mut in_time = true;
    // Both pipes are closed when the child ends. Meanwhile its peak memory is looked at.
    while closing.recv_timeout(LOOK) != Err(RecvTimeoutError::Disconnected) {
        peak_rss_kib = peak_rss_kib.max(peak_rss(child.id()).unwrap_or(0));
        if in_time && started.elapsed() > limit {
            in_time = false;
            child.kill().expect("kill a child that has not been waited for");
        }
    }
    let ended = child.wait4().expect("wait for a child of one's own");
    let usage = Usage { wall: started.elapsed(), user: ended.rusage.utime, system: ended.rusage.stime, peak_rss_kib };
    let text = |reader: std::thread::JoinHandle<Vec<u8>>| {
        String::from_utf8_lossy(&reader.join().expect("reading a pipe does not panic")).into_owned()
    };
    let finished = Finished { status: ended.status, stdout: text(stdout), stderr: text(stderr), usage };
    assert!(in_time, "{command:?} took longer than {limit:?}\n{}\n{}", finished.stdout, finished.stderr);
    finished
}

/// Reads a pipe to its end on a thread of its own, so that a child that says much never waits for its reader.
fn drain(mut pipe: impl Read + Send + 'static, closed: Sender<()>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut said = Vec::new();
        pipe.read_to_end(&mut said).expect("read a child's output");
        drop(closed);
        said
    })
}

/// The peak resident set of a running process in KiB; `None` once it has ended.
pub fn peak_rss(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// A program's path: the one that the environment variable names, else the first of the names on `PATH`.
pub fn find(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(chosen) = std::env::var_os(variable).filter(|chosen| !chosen.is_empty()) {
        return on_path(Path::new(&chosen));
    }
    names.iter().find_map(|name| on_path(Path::new(name)))
}

/// A program by its name, or a path as it is, when the file is there.
fn on_path(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_owned());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_child_is_heard_on_both_channels_and_its_status_is_kept() {
        let finished = run(&mut shell("echo out; echo err >&2; exit 3"), Duration::from_secs(20));
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("out\n", "err\n"));
        assert_eq!(finished.status.code(), Some(3));
    }

    #[test]
    fn cpu_time_is_the_childs_and_sleeping_costs_none() {
        let busy = run(&mut shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"), Duration::from_secs(60));
        let idle = run(&mut shell("sleep 0.3"), Duration::from_secs(20));
        assert!(idle.usage.wall >= Duration::from_millis(300), "{:?}", idle.usage);
        assert!(idle.usage.cpu() < Duration::from_millis(100), "{:?}", idle.usage);
        assert!(busy.usage.cpu() > Duration::from_millis(30), "{:?}", busy.usage);
    }

    #[test]
    fn peak_memory_is_the_childs_and_not_its_parents() {
        let large = vec![1_u8; 200 << 20];
        let small = run(&mut shell("sleep 0.1"), Duration::from_secs(20));
        assert!(large.contains(&1));
        assert!((100..50_000).contains(&small.usage.peak_rss_kib), "{:?}", small.usage);
    }

    #[test]
    #[should_panic(expected = "took longer than")]
    fn a_child_that_never_ends_is_ended() {
        run(&mut shell("exec sleep 60"), Duration::from_millis(100));
    }
}
