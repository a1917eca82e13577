//! The deadline for a request head that has begun.
//!
//! hyper has only one deadline for two cases: an idle connection, which proxies keep open for later requests, and an
//! incomplete head, which occupies a buffer and is rarely legitimate.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// The maximum time from the first to the last byte of a head.
pub(super) const HEAD: Duration = Duration::from_secs(10);

/// The number of starts and ends of requests on a connection. It is odd while a request is being handled.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<AtomicUsize>);

/// Marks a request as being handled until this is dropped.
pub(super) struct Answering(Progress);

impl Progress {
    /// Marks the start of a request, when its head is complete.
    pub(super) fn begin(&self) -> Answering {
        self.0.fetch_add(1, Ordering::AcqRel);
        Answering(self.clone())
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// A response body. Its request counts as being handled until all of it is sent.
pub(super) struct AnswerBody {
    body: Body,
    _answering: Answering,
}

impl AnswerBody {
    pub(super) fn new(body: Body, answering: Answering) -> Self {
        Self { body, _answering: answering }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that fails [`HEAD`] after the first byte of a head, if the head is still incomplete.
pub(super) struct HeadDeadline<S> {
    stream: S,
    progress: Progress,
    /// The deadline of the current head, and the progress when it began.
    deadline: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> HeadDeadline<S> {
    pub(super) fn new(stream: S, progress: Progress) -> Self {
        Self { stream, progress, deadline: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HeadDeadline<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let progress = self.progress.get();
        // The head of this deadline is complete.
        self.deadline.take_if(|(begun_at, _)| *begun_at != progress);
        if let Some((_, deadline)) = &mut self.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let is_answering = progress % 2 == 1;
        if buffer.filled().len() > before && !is_answering && self.deadline.is_none() {
            self.deadline = Some((progress, Box::pin(sleep_until(Instant::now() + HEAD))));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HeadDeadline<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
