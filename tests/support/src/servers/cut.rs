//! A wire between a client and a server that can be cut at a chosen place, once or for good.
//!
//! What is counted are turns: a turn begins when the client speaks after the server did. With the protocols of MariaDB
//! and PostgreSQL that is a request, whatever it consists of, so that one loop over all turns meets every statement.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Access;

/// When, in a turn, the wire is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before the request reaches the server.
    Request,
    /// After the server has answered and before the client hears of it.
    Answer,
}

/// Passes everything on, until it is told to cut.
#[derive(Debug)]
pub struct CutProxy {
    port: u16,
    wire: Arc<Wire>,
}

#[derive(Debug)]
struct Wire {
    server: SocketAddr,
    ended: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Turns since it was armed.
    turns: u64,
    cut: Option<(u64, Cut)>,
    was_cut: bool,
    /// Whether a cut is for good, and whether it has come to that.
    for_good: bool,
    is_dead: bool,
    /// The requests since recording began.
    recorded: Option<Vec<Vec<u8>>>,
    /// What clients say, and what the server hears instead: as long.
    replaced: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Wire {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CutProxy {
    /// A wire to a server, on a free port of 127.0.0.1.
    pub fn to(access: &Access) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind a free port of 127.0.0.1");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, access.port));
        let wire = Arc::new(Wire { server, ended: AtomicBool::new(false), state: Mutex::default() });
        let accepting = Arc::clone(&wire);
        std::thread::spawn(move || accept(&listener, &accepting));
        Self { port, wire }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the connection that has the turn of this number, counted from 1 over all connections from here on.
    pub fn arm(&self, turn: u64, cut: Cut) {
        let mut state = self.wire.state();
        let State { recorded, replaced, .. } = std::mem::take(&mut *state);
        *state = State { cut: Some((turn, cut)), recorded, replaced, ..State::default() };
    }

    /// As [`arm`](Self::arm); from then on nothing passes, over no connection.
    pub fn arm_for_good(&self, turn: u64, cut: Cut) {
        self.arm(turn, cut);
        self.wire.state().for_good = true;
    }

    /// Lets everything pass again; tells whether it cut since it was armed.
    pub fn disarm(&self) -> bool {
        let mut state = self.wire.state();
        (state.cut, state.is_dead) = (None, false);
        state.was_cut
    }

    /// Lets the server hear something else, of the same length, wherever a client says this.
    pub fn replace(&self, said: &str, heard: &str) {
        assert_eq!(said.len(), heard.len(), "a packet's length stands in front of it");
        self.wire.state().replaced.push((said.into(), heard.into()));
    }

    /// Keeps what clients say from here on.
    pub fn record(&self) {
        self.wire.state().recorded = Some(Vec::new());
    }

    /// What clients said since, turn by turn.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        self.wire.state().recorded.take().unwrap_or_default()
    }
}

impl Drop for CutProxy {
    fn drop(&mut self) {
        self.wire.ended.store(true, Ordering::Relaxed);
        // Wakes the accepting thread.
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok();
    }
}

fn accept(listener: &TcpListener, wire: &Arc<Wire>) {
    while let Ok((client, _)) = listener.accept() {
        if wire.ended.load(Ordering::Relaxed) {
            return;
        }
        if wire.state().is_dead {
            continue;
        }
        // A server that is down is what the client then finds.
        let Ok(server) = TcpStream::connect_timeout(&wire.server, Duration::from_secs(5)) else { continue };
        pass(client, server, wire);
    }
}

/// A connection through the wire.
struct Line {
    client: TcpStream,
    server: TcpStream,
    /// Whether the server spoke last. Both protocols let a client's first bytes count as a turn.
    answered: AtomicBool,
    /// Whether the server's next word is where it is cut.
    doomed: AtomicBool,
}

impl Line {
    fn cut(&self) {
        self.client.shutdown(Shutdown::Both).ok();
        self.server.shutdown(Shutdown::Both).ok();
    }
}

fn pass(client: TcpStream, server: TcpStream, wire: &Arc<Wire>) {
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let line = Line { client, server, answered: AtomicBool::new(true), doomed: AtomicBool::new(false) };
    let (line, wire) = (Arc::new(line), Arc::clone(wire));
    let answers = Arc::clone(&line);
    std::thread::spawn(move || {
        each(&line.client, |bytes| request(&line, &wire, bytes));
        line.cut();
    });
    std::thread::spawn(move || {
        each(&answers.server, |bytes| {
            if answers.doomed.load(Ordering::SeqCst) {
                return false;
            }
            answers.answered.store(true, Ordering::SeqCst);
            (&answers.client).write_all(bytes).is_ok()
        });
        answers.cut();
    });
}

/// Reads until there is nothing more, or `take` has enough.
fn each(mut from: &TcpStream, mut take: impl FnMut(&mut [u8]) -> bool) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => return,
            Ok(length) => {
                if !take(&mut buffer[..length]) {
                    return;
                }
            }
        }
    }
}

/// Passes on what a client says; false where the wire is cut.
fn request(line: &Line, wire: &Wire, bytes: &mut [u8]) -> bool {
    let begins = line.answered.swap(false, Ordering::SeqCst);
    let mut state = wire.state();
    if state.is_dead {
        return false;
    }
    if begins {
        state.turns += 1;
    }
    if let Some(recorded) = &mut state.recorded {
        match recorded.last_mut().filter(|_| !begins) {
            Some(last) => last.extend_from_slice(bytes),
            None => recorded.push(bytes.to_vec()),
        }
    }
    for (said, heard) in &state.replaced {
        let places: Vec<_> = bytes.windows(said.len()).enumerate().filter(|(_, word)| word == said).collect();
        let places: Vec<_> = places.into_iter().map(|(place, _)| place).collect();
        for place in places {
            bytes[place..place + heard.len()].copy_from_slice(heard);
        }
    }
    if let Some((turn, cut)) = state.cut.filter(|_| begins)
        && turn == state.turns
    {
        (state.was_cut, state.is_dead) = (true, state.for_good);
        match cut {
            Cut::Request => return false,
            Cut::Answer => line.doomed.store(true, Ordering::SeqCst),
        }
    }
    drop(state);
    (&line.server).write_all(bytes).is_ok()
}
