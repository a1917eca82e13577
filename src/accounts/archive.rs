//! Archive: a shop's data as lines of text, from whatever store it lives in, and back into whatever store.
//!
//! All of it, but for what is short-lived: sessions, limits, the state of forms. Neither way does it need to fit into
//! memory, and a way that was cut short is gone again from its beginning.

mod format;
mod texts;

use std::{
    collections::HashSet,
    error::Error,
    io::{self, BufRead, Read, Write},
    sync::Arc,
};

use self::format::{Line, VERSION};
use super::{
    SealedKey,
    ports::{self, Belonging, CustomerRecord, LeftOut, LeftOutReason, SigningKeys, StoreError},
};
use crate::domain::CustomerId;

/// How many customers are read at once.
const PAGE: usize = 500;

/// How many records are written at once, and how many bytes of lines at most: every write waits for a disk.
const BATCH: usize = 1000;
const BATCH_BYTES: usize = 2 << 20;

/// How long a line may be. None is, by far; what is no archive may be one line only.
const LONGEST_LINE: u64 = 1 << 20;

/// Why a blank line is refused: some line may be missing there.
const BLANK: &str = "the line is blank, and an archive has blank lines only after its end";

/// Carries a shop's data out of its store, and into it.
pub struct Archivist {
    pub store: Arc<dyn ports::Archive>,
    pub signing_keys: Arc<dyn SigningKeys>,
}

/// What was carried out of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub customers: u64,
    pub records: u64,
    /// Records that are missing, since they cannot be read.
    pub unreadable: u64,
}

/// What was carried into a store.
#[derive(Debug, Default)]
pub struct Imported {
    /// Customers whom the store holds now as the archive has them.
    pub customers: u64,
    /// Customers whose address is another customer's.
    pub skipped: HashSet<CustomerId>,
    /// Customers of whom the store holds a newer record. They stay as they are.
    pub newer: HashSet<CustomerId>,
    /// Customers of whose record a field is invalid.
    pub invalid: HashSet<CustomerId>,
    /// Mails of which a field is invalid.
    pub invalid_mails: u64,
}

impl Imported {
    /// Returns true for a customer who was left out, with all that is theirs.
    fn has_left_out(&self, customer: CustomerId) -> bool {
        [&self.skipped, &self.newer, &self.invalid].iter().any(|left_out| left_out.contains(&customer))
    }
}

/// Why data was not carried on.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// What came before stays.
    #[error("line {line}: {reason}")]
    Line { line: u64, reason: String },
    #[error("the archive cannot be read or written")]
    Stream(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ArchiveError {
    /// Adds what is in the store already to the reason why a line ended an import.
    fn after(self, imported: &Imported) -> Self {
        match self {
            Self::Line { line, reason } if imported.customers > 0 => {
                let customers = imported.customers;
                let stays =
                    format!("the import stopped here, and customers of the lines before were imported: {customers}");
                Self::Line { line, reason: format!("{reason}; {stays}. Repeat it with the whole file") }
            }
            error => error,
        }
    }
}

impl Archivist {
    /// Writes all that the store holds.
    ///
    /// # Errors
    /// That the store does not answer, or `out` takes no more.
    pub async fn export(&self, out: &mut dyn Write) -> Result<Exported, ArchiveError> {
        let mut exported = Exported::default();
        write(out, &Line::Doorstep { version: VERSION })?;
        for key in self.signing_keys.list().await? {
            exported.write(out, Ok(Line::SigningKey(key.into())))?;
        }
        let mut after = None;
        loop {
            let page = self.store.customers(after, PAGE).await?;
            let Some(last) = page.last else { break };
            let mut ids = Vec::with_capacity(PAGE);
            for record in page.customers {
                let id = record.as_ref().ok().map(|record| record.customer.id);
                let written = exported.write(out, record.map(|record| Line::Customer(Box::new(record.into()))))?;
                ids.extend(id.filter(|_| written));
            }
            exported.customers += ids.len() as u64;
            for belonging in self.store.belongings(&ids).await? {
                exported.write(out, belonging.map(Line::from))?;
            }
            after = Some(last);
        }
        write(out, &Line::End { records: exported.records })?;
        out.flush()?;
        Ok(exported)
    }

    /// Puts what was exported into the store. A customer whom the store has is replaced by a newer record, and stays
    /// otherwise (see [`CustomerRecord::replacement_of`]). A customer is left out, with all that is theirs, if the store
    /// holds a newer record, if their address is another customer's, or if a field is invalid; the log names the line. A
    /// signing key is added only if it is newer than all that the store has: an older one may have been removed after a
    /// leak.
    ///
    /// # Errors
    /// That the store does not answer, or that the archive cannot be read to its end. What came before stays, and the error
    /// says so; the import can be repeated.
    pub async fn import(&self, archive: &mut dyn BufRead) -> Result<Imported, ArchiveError> {
        let mut lines = Lines { archive, number: 0, buffer: Vec::new() };
        lines.check_first()?;
        let newest_key = self.signing_keys.list().await?.iter().map(|key| key.number).max();
        let mut imported = Imported::default();
        let mut batch = Batch::default();
        loop {
            let next = lines.next_record();
            if batch.is_full() || !matches!(next, Ok(Some(_))) {
                self.put(&mut batch, &mut imported).await?;
            }
            match next.map_err(|error| error.after(&imported))? {
                None => return Ok(imported),
                Some(Line::SigningKey(key)) => self.put_key(key.into(), newest_key).await?,
                Some(line) => batch.add(line, &lines, &mut imported).map_err(|error| error.after(&imported))?,
            }
        }
    }

    /// Adds a signing key, unless one of the store's is newer.
    async fn put_key(&self, key: SealedKey, newest: Option<u32>) -> Result<(), StoreError> {
        if newest.is_none_or(|newest| key.number > newest) {
            self.signing_keys.add(&key).await?;
        } else if newest != Some(key.number) {
            tracing::warn!(number = key.number, "signing key left out: the store has a newer one");
        }
        Ok(())
    }

    /// Puts a batch into the store, and empties it.
    async fn put(&self, batch: &mut Batch, imported: &mut Imported) -> Result<(), StoreError> {
        let Batch { customers, lines, mut belongings, .. } = std::mem::take(batch);
        let left_out = if customers.is_empty() { Vec::new() } else { self.store.put_customers(&customers).await? };
        imported.customers += (customers.len() - left_out.len()) as u64;
        for LeftOut { index, reason } in left_out {
            let (line, id) = (lines[index], customers[index].customer.id);
            match reason {
                LeftOutReason::AddressTaken => {
                    tracing::warn!(line, customer = %id, "left out: the address is another customer's");
                    imported.skipped.insert(id);
                }
                LeftOutReason::Older => {
                    tracing::warn!(line, customer = %id, "left out: the store has a newer record of the customer");
                    imported.newer.insert(id);
                }
            }
        }
        belongings.retain(|belonging| !imported.has_left_out(belonging.customer()));
        if belongings.is_empty() { Ok(()) } else { self.store.put_belongings(&belongings).await }
    }
}

impl Exported {
    /// Writes a record and counts it, and says whether it could be read.
    fn write(&mut self, out: &mut dyn Write, record: Result<Line, StoreError>) -> io::Result<bool> {
        let text = record.map_err(Box::<dyn Error>::from).and_then(|line| Ok(serde_json::to_vec(&line)?));
        match text {
            Ok(text) => {
                self.records += 1;
                out.write_all(&text)?;
                out.write_all(b"\n")?;
                Ok(true)
            }
            Err(error) => {
                tracing::error!(error = &*error, "left out: a record that cannot be read");
                self.unreadable += 1;
                Ok(false)
            }
        }
    }
}

fn write(out: &mut dyn Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Records that are to be written together.
#[derive(Default)]
struct Batch {
    customers: Vec<CustomerRecord>,
    /// The line of each customer.
    lines: Vec<u64>,
    belongings: Vec<Belonging>,
    bytes: usize,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.customers.len() + self.belongings.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    /// Adds the line that was read last, unless a field of it is invalid.
    fn add(&mut self, line: Line, lines: &Lines<'_>, imported: &mut Imported) -> Result<(), ArchiveError> {
        self.bytes += lines.buffer.len();
        match line {
            Line::Customer(line) => {
                let id = line.id();
                match CustomerRecord::try_from(*line) {
                    Ok(record) => {
                        self.customers.push(record);
                        self.lines.push(lines.number);
                    }
                    Err(error) => {
                        tracing::warn!(line = lines.number, customer = %id, "left out: {error}");
                        imported.invalid.insert(id);
                    }
                }
            }
            Line::Browser(line) => self.belongings.push(line.into()),
            Line::Activity(line) => self.belongings.push(line.into()),
            Line::Mail(line) => match Belonging::try_from(*line) {
                Ok(mail) => self.belongings.push(mail),
                Err(error) => {
                    tracing::warn!(line = lines.number, "left out: {error}");
                    imported.invalid_mails += 1;
                }
            },
            Line::Doorstep { .. } | Line::SigningKey(_) | Line::End { .. } => {
                return Err(lines.fault("this kind has no place here"));
            }
        }
        Ok(())
    }
}

/// An archive, line by line.
struct Lines<'a> {
    archive: &'a mut dyn BufRead,
    /// Of the line that was read last, from 1.
    number: u64,
    buffer: Vec<u8>,
}

impl Lines<'_> {
    fn check_first(&mut self) -> Result<(), ArchiveError> {
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

    /// The next record; `None` after the last, once it is known that there were no others.
    fn next_record(&mut self) -> Result<Option<Line>, ArchiveError> {
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
            // Within the line, which is all that the parser has seen.
            let reason = text.split(" at line ").next().unwrap_or_default();
            self.fault(if error.is_eof() { "it is cut off" } else { reason })
        })
    }

    /// Returns the line that was read last, without the byte order mark with which editors of Windows begin a file.
    fn text(&self) -> &[u8] {
        let mark = "\u{feff}".as_bytes();
        self.buffer.strip_prefix(mark).filter(|_| self.number == 1).unwrap_or(&self.buffer)
    }

    fn is_blank(&self) -> bool {
        self.text().trim_ascii().is_empty()
    }

    fn fault(&self, reason: &str) -> ArchiveError {
        ArchiveError::Line { line: self.number, reason: reason.to_owned() }
    }
}
