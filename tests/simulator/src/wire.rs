//! Bytes on the wire: connections that can be reset, and bodies that misbehave.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// A connection that ends in a reset when that is asked for.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    pub(crate) reset: Arc<AtomicBool>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed)
            && let Err(error) = self.stream.set_zero_linger()
        {
            eprintln!("cannot reset a connection: {error}");
        }
    }
}

impl Connection {
    /// A connection to be reset is not closed in good order first.
    fn check(&self) -> io::Result<()> {
        match self.reset.load(Ordering::Relaxed) {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => Ok(()),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// What a misbehaving body does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Bytes),
    Wait(Duration),
    /// Nothing more comes, and the connection stays.
    Hang,
    /// The connection breaks.
    Break,
    /// The connection that this belongs to is reset.
    Reset(Arc<AtomicBool>),
    /// This again and again.
    Repeat(Bytes, Duration),
}

/// A body: whole at once, or step by step.
#[derive(Debug)]
pub(crate) enum SimBody {
    Whole(Option<Bytes>),
    Script { steps: VecDeque<Step>, sleep: Option<Pin<Box<Sleep>>> },
}

impl SimBody {
    pub(crate) fn script(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::Script { steps: steps.into_iter().collect(), sleep: None }
    }
}

impl Body for SimBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let (steps, sleep) = match &mut *self {
            Self::Whole(bytes) => {
                return Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes))));
            }
            Self::Script { steps, sleep } => (steps, sleep),
        };
        loop {
            if let Some(waiting) = sleep {
                ready!(waiting.as_mut().poll(context));
                *sleep = None;
            }
            match steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Send(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Some(Step::Wait(time)) => *sleep = Some(Box::pin(tokio::time::sleep(time))),
                Some(Step::Hang) => {
                    steps.push_front(Step::Hang);
                    return Poll::Pending;
                }
                Some(Step::Break) => {
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
                }
                Some(Step::Reset(connection)) => {
                    connection.store(true, Ordering::Relaxed);
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
                }
                Some(Step::Repeat(bytes, pause)) => {
                    steps.push_back(Step::Wait(pause));
                    steps.push_back(Step::Repeat(bytes.clone(), pause));
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Script { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Script { .. } => SizeHint::default(),
        }
    }
}
