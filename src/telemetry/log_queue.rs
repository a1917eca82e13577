//! A bounded queue of log lines, and the thread that writes them. If the reader of the log stalls, only this thread
//! blocks: not the requests, and not the end of the program.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

use super::metrics;

/// The maximum size of all queued lines, in bytes: about 3,000 lines.
const CAPACITY: usize = 1024 * 1024;

/// How long the end of the program waits for the lines that are still queued.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// A queue of log lines. Clones share it. Adding a line never blocks: if the queue is full, the line is dropped and
/// counted.
#[derive(Clone, Default)]
pub struct LogQueue(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Box<[u8]>>,
    /// The size of `lines`.
    bytes: usize,
    /// The number of dropped lines that have not been reported yet. Until they are, no line is queued, so each gap has
    /// one report at the place of the gap.
    dropped: u64,
    is_writing: bool,
}

/// The next action of the thread.
enum Next {
    Line(Box<[u8]>),
    Report { dropped: u64 },
}

impl LogQueue {
    /// Starts the thread that writes the lines to `out`. Once it has caught up after lines were dropped, it calls `report`
    /// with their number.
    ///
    /// # Errors
    /// The system cannot start a thread.
    pub fn write_to(
        &self,
        mut out: impl Write + Send + 'static,
        report: impl Fn(u64) + Send + 'static,
    ) -> io::Result<()> {
        let queue = self.clone();
        let write = move || {
            loop {
                match queue.next() {
                    // If the reader is gone, the error has no consequence.
                    Next::Line(line) => drop(out.write_all(&line).and_then(|()| out.flush())),
                    Next::Report { dropped } => report(dropped),
                }
            }
        };
        thread::Builder::new().name("log".to_owned()).spawn(write).map(drop)
    }

    /// Returns a guard that waits, when dropped, until all lines are written, at most for a second.
    #[must_use]
    pub fn flush_on_drop(&self) -> FlushOnDrop {
        FlushOnDrop(self.clone())
    }

    fn add(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.dropped > 0 || state.bytes + line.len() > CAPACITY {
            state.dropped += 1;
            drop(state);
            metrics::log_line_dropped();
            return;
        }
        state.bytes += line.len();
        state.lines.push_back(line.into());
        drop(state);
        self.0.changed.notify_all();
    }

    /// Waits for the next action. The thread calls this after finishing the previous one.
    fn next(&self) -> Next {
        let mut state = self.lock();
        state.is_writing = false;
        self.0.changed.notify_all();
        let mut state =
            self.0.changed.wait_while(state, |state| state.is_empty()).unwrap_or_else(PoisonError::into_inner);
        state.is_writing = true;
        match state.lines.pop_front() {
            Some(line) => {
                state.bytes -= line.len();
                Next::Line(line)
            }
            None => Next::Report { dropped: std::mem::take(&mut state.dropped) },
        }
    }

    /// Waits until all lines are written. Returns false if that takes longer than `timeout`.
    fn flush(&self, timeout: Duration) -> bool {
        let is_busy = |state: &mut State| state.is_writing || !state.is_empty();
        let waited = self.0.changed.wait_timeout_while(self.lock(), timeout, is_busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.dropped == 0
    }
}

/// Adds one line per call: the layer that formats events writes each of them with a single call.
impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Waits, when dropped, for lines that are not written yet. This covers a normal end and a panic that ends the program.
pub struct FlushOnDrop(LogQueue);

impl Drop for FlushOnDrop {
    fn drop(&mut self) {
        self.0.flush(FLUSH_TIMEOUT);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// How long a test waits for another thread.
    const TIMEOUT: Duration = Duration::from_secs(30);

    /// A reader that takes a line only when it is told to.
    struct Stalled {
        go_on: Receiver<()>,
        written: Sender<String>,
    }

    impl Write for Stalled {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            // Once the sender is gone, all lines are taken.
            let _ = self.go_on.recv();
            self.written.send(String::from_utf8_lossy(line).into_owned()).map_err(io::Error::other)?;
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns a queue with a stalled reader, the sender that lets the reader continue, and the lines that it has read.
    fn stalled() -> (LogQueue, Sender<()>, Receiver<String>) {
        let (queue, (resume, go_on), (written, read)) = (LogQueue::default(), channel(), channel());
        let reports = written.clone();
        let report = move |dropped| drop(reports.send(format!("dropped {dropped}")));
        queue.write_to(Stalled { go_on, written }, report).unwrap();
        (queue, resume, read)
    }

    #[test]
    fn n30_lines_are_written_in_their_order_before_the_program_ends() {
        let (queue, resume, read) = stalled();
        for line in ["one", "two", "three"] {
            queue.clone().write_all(line.as_bytes()).unwrap();
        }
        assert!(!queue.flush(Duration::ZERO), "the reader has read nothing");
        drop(resume);
        drop(queue.flush_on_drop());
        assert_eq!(read.try_iter().collect::<Vec<_>>(), ["one", "two", "three"]);
    }

    #[test]
    fn n30_lines_that_a_stalled_reader_does_not_take_are_dropped_and_reported_once_it_goes_on() {
        let (queue, resume, read) = stalled();
        let line = [b'x'; 1024];
        let fits = CAPACITY / line.len();
        for _ in 0..3 * fits {
            queue.add(&line);
        }
        assert!(queue.lock().bytes <= CAPACITY);
        drop(resume);
        assert!(queue.flush(TIMEOUT));
        queue.add(b"later");
        assert!(queue.flush(TIMEOUT));
        let read: Vec<String> = read.try_iter().collect();
        let [lines @ .., report, later] = &read[..] else { panic!("{} lines", read.len()) };
        // The line that the thread has already taken leaves space for one more.
        assert!((fits..=fits + 1).contains(&lines.len()), "{}", lines.len());
        assert_eq!(report, &format!("dropped {}", 3 * fits - lines.len()));
        assert_eq!(later, "later");
    }
}
