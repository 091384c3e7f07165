//! What processes and threads cost, out of `/proc`. A process's times come in steps of 10 ms.

use std::collections::HashMap;

/// The kernel's ticks in a second, as every Linux reports them to programs.
const TICKS: f64 = 100.0;

/// Threads in which the engine's SQLite works are called so (`domaindesk-db-1`).
const DATABASE_THREADS: &str = "domaindesk-db-";

/// A line of `/proc/…/stat`.
struct Stat {
    parent: u32,
    /// Own time, user and system.
    own: u64,
    /// Time of children that have ended and were waited for.
    ended_children: u64,
}

impl Stat {
    /// `None` when the process has ended meanwhile.
    fn read(path: &str) -> Option<Self> {
        let line = std::fs::read_to_string(path).ok()?;
        // The name in parentheses may hold spaces and parentheses.
        let (_, fields) = line.rsplit_once(')')?;
        let fields: Vec<_> = fields.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            own: number(11)? + number(12)?,
            ended_children: number(13)? + number(14)?,
        })
    }
}

/// CPU seconds of this process so far.
pub(crate) fn own_cpu() -> f64 {
    let stat = Stat::read("/proc/self/stat").expect("a process can read its own times");
    stat.own as f64 / TICKS
}

/// CPU seconds, so far, of this process's threads in which SQLite works. Those that have ended are not counted.
pub(crate) fn own_database_threads() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("a process can list its own threads");
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let name = std::fs::read_to_string(thread.path().join("comm")).ok()?;
        // A pass on a small database takes less than one of the steps in `stat`.
        let times = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let own = times.split_whitespace().next()?.parse::<u64>().ok()?;
        name.starts_with(DATABASE_THREADS).then_some(own)
    });
    nanoseconds.sum::<u64>() as f64 / 1e9
}

/// CPU seconds, so far, of a process and its children, those that have ended included.
pub(crate) fn cpu_of_tree(root: u32) -> f64 {
    let processes = std::fs::read_dir("/proc").expect("list the processes");
    let stats: HashMap<u32, Stat> = processes
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            Some((pid, Stat::read(&format!("/proc/{pid}/stat"))?))
        })
        .collect();
    let own = stats.get(&root).map_or(0, |stat| stat.own + stat.ended_children);
    let children = stats.values().filter(|stat| stat.parent == root).map(|stat| stat.own + stat.ended_children);
    (own + children.sum::<u64>()) as f64 / TICKS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn the_time_of_children_counts_while_they_run_and_when_they_have_ended() {
        let root = std::process::id();
        let before = cpu_of_tree(root);
        let busy = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
        let mut child = Command::new("sh")
            .args(["-c", &format!("{busy}; read line")])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let path = format!("/proc/{}/stat", child.id());
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        let mut last = 0;
        loop {
            let ticks = Stat::read(&path).unwrap().own;
            // It waits for its input as soon as its time stands still.
            if ticks > 3 && ticks == last {
                break;
            }
            last = ticks;
            assert!(std::time::Instant::now() < deadline, "the shell counts");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let running = cpu_of_tree(root) - before;
        assert!(running >= last as f64 / TICKS, "{running} s");
        drop(child.stdin.take());
        child.wait().unwrap();
        let ended = cpu_of_tree(root) - before;
        assert!(ended >= running, "{ended} s after {running} s");
    }

    #[test]
    fn only_threads_of_the_database_count_as_such() {
        let spin = || {
            let start = own_cpu();
            while own_cpu() - start < 0.05 {}
        };
        spin();
        assert_eq!(own_database_threads(), 0.0);
        let counted = std::thread::Builder::new()
            .name("domaindesk-db-7".to_owned())
            .spawn(move || {
                spin();
                own_database_threads()
            })
            .unwrap();
        assert!(counted.join().unwrap() > 0.0);
    }
}
