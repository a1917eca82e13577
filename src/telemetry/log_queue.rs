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
    /// Starts the thread that writes the lines to `out`. It calls `report` with the number of lost lines: those that
    /// were dropped, once it has caught up, and those that could not be written, once writing succeeds again.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn write_to(
        &self,
        mut out: impl Write + Send + 'static,
        report: impl Fn(u64) + Send + 'static,
    ) -> io::Result<()> {
        let queue = self.clone();
        let write = move || {
            let mut unwritten = Unwritten::default();
            loop {
                match queue.next() {
                    Next::Line(line) => unwritten.write(&mut out, &line, &report),
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

/// The lines that could not be written, for example because the disk is full.
#[derive(Default)]
struct Unwritten {
    /// Their number, until it is reported.
    lines: u64,
    /// True if only the beginning of the last one was written.
    is_within_line: bool,
}

impl Unwritten {
    /// Writes a line. If that fails, counts it. If it succeeds after a failure, reports the count.
    fn write(&mut self, out: &mut impl Write, line: &[u8], report: impl Fn(u64)) {
        if self.try_write(out, line).is_err() {
            self.lines += 1;
            metrics::log_line_dropped();
        } else if self.lines > 0 {
            report(std::mem::take(&mut self.lines));
        }
    }

    fn try_write(&mut self, out: &mut impl Write, line: &[u8]) -> io::Result<()> {
        if self.is_within_line {
            out.write_all(b"\n")?;
            self.is_within_line = false;
        }
        let mut rest = line;
        while !rest.is_empty() {
            match out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => {
                    rest = rest.get(length..).unwrap_or_default();
                    self.is_within_line = !rest.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        out.flush()
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

    /// A file on a disk with this much space, in bytes.
    #[derive(Clone)]
    struct Disk(Arc<Mutex<(usize, Vec<u8>)>>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut disk = self.0.lock().unwrap();
            let length = bytes.len().min(disk.0);
            if length == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            disk.0 -= length;
            disk.1.extend_from_slice(&bytes[..length]);
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn n30_lines_that_a_full_disk_does_not_take_are_counted_and_leave_no_line_in_two() {
        let queue = LogQueue::default();
        let disk = Disk(Arc::new(Mutex::new((6, Vec::new()))));
        let (reports, reported) = channel();
        queue.write_to(disk.clone(), move |lost| reports.send(lost).unwrap()).unwrap();
        for line in ["one\n", "two\n", "three\n"] {
            queue.add(line.as_bytes());
        }
        assert!(queue.flush(TIMEOUT));
        assert_eq!(reported.try_iter().count(), 0, "while nothing can be written");
        disk.0.lock().unwrap().0 = 100;
        for line in ["four\n", "five\n"] {
            queue.add(line.as_bytes());
        }
        assert!(queue.flush(TIMEOUT));
        assert_eq!(String::from_utf8_lossy(&disk.0.lock().unwrap().1), "one\ntw\nfour\nfive\n");
        assert_eq!(reported.try_iter().collect::<Vec<_>>(), [2]);
    }
}
