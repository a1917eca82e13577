//! Reads an archive line by line, and says in which line it is faulty.

use std::io::{BufRead, Read};

use super::{
    ArchiveError,
    format::{Line, VERSION},
};

/// The maximum length of a line, in bytes. Valid lines are far shorter, but a file that is not an archive can be a
/// single line.
const LONGEST_LINE: u64 = 1 << 20;

/// The error for a blank line, where a record may be missing.
const BLANK: &str = "the line is blank, and an archive has blank lines only after its end";

/// Reads an archive line by line.
pub(super) struct Lines<'a> {
    archive: &'a mut dyn BufRead,
    /// The number of the line that was read last, starting at 1.
    pub(super) number: u64,
    pub(super) buffer: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(archive: &'a mut dyn BufRead) -> Self {
        Self { archive, number: 0, buffer: Vec::new() }
    }

    /// Reads the first line, which has to name the version that this program reads.
    pub(super) fn check_first(&mut self) -> Result<(), ArchiveError> {
        match self.next_line() {
            Ok(Some(Line::Doorstep { version: VERSION })) => Ok(()),
            Ok(Some(Line::Doorstep { version })) => {
                Err(self.fault(&format!("the archive is of version {version}, and this program reads {VERSION}")))
            }
            Err(ArchiveError::Stream(error)) => Err(error.into()),
            _ if self.number > 0 && self.is_blank() => Err(self.fault(BLANK)),
            _ => {
                self.number = 1;
                Err(self.fault("this is no archive of Doorstep"))
            }
        }
    }

    /// Returns the next record, or `None` at the end, if the number of records is the one that the last line states.
    pub(super) fn next_record(&mut self) -> Result<Option<Line>, ArchiveError> {
        let before = self.number - 1;
        match self.next_line()? {
            Some(Line::End { records }) if records != before => {
                Err(self.fault(&format!("there should be {records} records before the end, and not {before}")))
            }
            Some(Line::End { .. }) if self.nothing_follows()? => Ok(None),
            Some(Line::End { .. }) => Err(self.fault("something follows the end")),
            Some(line) => Ok(Some(line)),
            None => {
                self.number += 1;
                Err(self.fault("the archive was cut off before its end"))
            }
        }
    }

    /// Returns true if only blank lines are left, such as the one that an editor puts at the end.
    fn nothing_follows(&mut self) -> Result<bool, ArchiveError> {
        loop {
            self.buffer.clear();
            if Read::take(&mut *self.archive, LONGEST_LINE).read_until(b'\n', &mut self.buffer)? == 0 {
                return Ok(true);
            }
            self.number += 1;
            if !self.is_blank() {
                return Ok(false);
            }
        }
    }

    fn next_line(&mut self) -> Result<Option<Line>, ArchiveError> {
        self.buffer.clear();
        let mut line = Read::take(&mut *self.archive, LONGEST_LINE);
        if line.read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.is_blank() {
            return Err(self.fault(BLANK));
        }
        serde_json::from_slice(self.text()).map(Some).map_err(|error| {
            let text = error.to_string();
            // The parser sees only this line, so its position is not the one in the archive.
            let reason = text.split(" at line ").next().unwrap_or_default();
            self.fault(if error.is_eof() { "it is cut off" } else { reason })
        })
    }

    /// Returns the line that was read last, without the byte order mark that editors on Windows put at the start of a
    /// file.
    fn text(&self) -> &[u8] {
        let mark = "\u{feff}".as_bytes();
        self.buffer.strip_prefix(mark).filter(|_| self.number == 1).unwrap_or(&self.buffer)
    }

    fn is_blank(&self) -> bool {
        self.text().trim_ascii().is_empty()
    }

    /// Returns the error for the line that was read last.
    pub(super) fn fault(&self, reason: &str) -> ArchiveError {
        ArchiveError::Line { line: self.number, reason: reason.to_owned() }
    }
}
