//! Makes replies of mail servers readable for lettre, which takes a reply in other bytes than UTF-8 for a broken
//! connection. A mail whose acceptance cannot be read is sent again, although the server has it.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The reply that a server does not repeat after `STARTTLS`, and that lettre waits for at the start of a connection.
const GREETING: &[u8] = b"220 encrypted\r\n";

/// The number of characters of a reply code.
const CODE: usize = 3;

/// A stream whose lines are ASCII, end with CR and LF, and have a text after a reply code: a hyphen if the server sends
/// none (RFC 5321, 4.2.1). Other characters become question marks: only codes have a meaning.
#[derive(Debug)]
pub(super) struct Replies<S> {
    stream: S,
    /// What was read and is readable.
    ready: VecDeque<u8>,
    /// The number of bytes of the current line.
    column: usize,
    /// True if the current line has a text after its code.
    has_text: bool,
}

impl<S> Replies<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, ready: VecDeque::new(), column: 0, has_text: false }
    }

    /// Returns the replies on a connection that was encrypted after its greeting.
    pub(super) fn after_greeting(stream: S) -> Self {
        Self { ready: GREETING.iter().copied().collect(), ..Self::new(stream) }
    }

    fn add(&mut self, byte: u8) {
        match byte {
            b'\r' => {}
            b'\n' => {
                if self.column >= CODE && !self.has_text {
                    self.ready.extend(if self.column == CODE { &b" -"[..] } else { b"-" });
                }
                self.ready.extend(b"\r\n");
                (self.column, self.has_text) = (0, false);
            }
            _ => {
                self.ready.push_back(if byte.is_ascii() { byte } else { b'?' });
                self.column += 1;
                self.has_text |= self.column > CODE + 1 && byte != b' ';
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Replies<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.ready.is_empty() {
            let mut bytes = [0; 2048];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            read.filled().iter().for_each(|&byte| self.add(byte));
        }
        let count = self.ready.len().min(buffer.remaining());
        let bytes: Vec<u8> = self.ready.drain(..count).collect();
        buffer.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replies<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncTokioStream> AsyncTokioStream for Replies<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn n18_replies_are_read_in_any_bytes_and_with_any_line_end() {
        for (sent, read) in [
            (&b"250 angenommen f\xfcr Ada\r\n"[..], "250 angenommen f?r Ada\r\n"),
            (b"220\r\n", "220 -\r\n"),
            (b"220\n250 ok\n", "220 -\r\n250 ok\r\n"),
            (b"250-a\r\n250-\xc3\xa9\r\n250-\r\n250  \r\n", "250-a\r\n250-??\r\n250--\r\n250  -\r\n"),
            (b"\r\n", "\r\n"),
            (b"250 not finished", "250 not finished"),
            (b"", ""),
        ] {
            let mut text = String::new();
            Replies::new(sent).read_to_string(&mut text).await.unwrap();
            assert_eq!(text, read);
        }
        let mut text = String::new();
        Replies::after_greeting(&b"250 ok\r\n"[..]).read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "220 encrypted\r\n250 ok\r\n");
    }
}
