//! Exports a shop's data as lines of text, and imports it into any store.
//!
//! An archive contains no short-lived data: no sessions, limits or state of forms. Neither direction needs the whole
//! archive in memory. An interrupted export or import has to be repeated from the beginning.

mod customer_line;
mod format;
mod lines;
mod texts;

use std::{
    collections::HashSet,
    error::Error,
    io::{self, BufRead, Write},
    sync::Arc,
};

use self::{
    format::{Line, VERSION},
    lines::Lines,
};
use crate::{
    accounts::{
        ports::{self, Belonging, CustomerRecord, LeftOut, LeftOutReason, SigningKeys, StoreError},
        sessions::signing_key::SealedKey,
    },
    domain::CustomerId,
};

/// The number of customers per read.
const PAGE: usize = 500;

/// The number of records, and the size of their lines in bytes, from which on a batch is written: each write waits for
/// a disk.
const BATCH: usize = 1000;
const BATCH_BYTES: usize = 2 << 20;

/// Exports and imports a shop's data.
pub struct Archivist {
    pub store: Arc<dyn ports::Archive>,
    pub signing_keys: Arc<dyn SigningKeys>,
}

/// The result of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub customers: u64,
    pub records: u64,
    /// Records that were left out because they cannot be read.
    pub unreadable: u64,
}

/// The result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The number of customers that the store now holds as in the archive.
    pub customers: u64,
    /// Customers that were left out because another customer has their address.
    pub skipped: HashSet<CustomerId>,
    /// Customers that were left out because the store has a newer record of them.
    pub newer: HashSet<CustomerId>,
    /// Customers that were left out because a field of their record is invalid.
    pub invalid: HashSet<CustomerId>,
    /// The number of mails that were left out because a field is invalid.
    pub invalid_mails: u64,
}

impl Imported {
    /// Returns true if the customer was left out. Then all of their data is left out.
    fn has_left_out(&self, customer: CustomerId) -> bool {
        [&self.skipped, &self.newer, &self.invalid].iter().any(|left_out| left_out.contains(&customer))
    }
}

/// Why an export or import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A line is invalid. What was imported before it stays.
    #[error("line {line}: {reason}")]
    Line { line: u64, reason: String },
    #[error("the archive cannot be read or written")]
    Stream(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ArchiveError {
    /// Adds to the error of a line how many customers were imported before it.
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
    /// Writes the whole content of the store.
    ///
    /// # Errors
    /// If the store does not answer, or `out` cannot be written.
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

    /// Imports an archive. A record replaces the store's if it is newer (see [`CustomerRecord::replacement_of`]). A
    /// customer is left out, with all of their data, if the store has a newer record, another customer has the address,
    /// or a field is invalid; the log names the line. A signing key is added only if it is newer than all keys in the
    /// store: an older one may have been removed after a leak.
    ///
    /// # Errors
    /// If the store does not answer, or the archive cannot be read to its end. What was imported before stays, and the
    /// error says so. The import can be repeated.
    pub async fn import(&self, archive: &mut dyn BufRead) -> Result<Imported, ArchiveError> {
        let mut lines = Lines::new(archive);
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

    /// Adds a signing key, unless the store has a newer one.
    async fn put_key(&self, key: SealedKey, newest: Option<u32>) -> Result<(), StoreError> {
        if newest.is_none_or(|newest| key.number > newest) {
            self.signing_keys.add(&key).await?;
        } else if newest != Some(key.number) {
            tracing::warn!(number = key.number, "signing key left out: the store has a newer one");
        }
        Ok(())
    }

    /// Writes a batch to the store, and empties it.
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
    /// Writes a record and counts it. Returns false if it could not be read.
    fn write(&mut self, out: &mut dyn Write, record: Result<Line, StoreError>) -> io::Result<bool> {
        let customer = record.as_ref().ok().and_then(Line::customer);
        let text = record.map_err(Box::<dyn Error>::from).and_then(|line| Ok(serde_json::to_vec(&line)?));
        match text {
            Ok(text) => {
                self.records += 1;
                out.write_all(&text)?;
                out.write_all(b"\n")?;
                Ok(true)
            }
            Err(error) => {
                let customer = customer.map(tracing::field::display);
                tracing::error!(error = &*error, customer, "left out: a record that cannot be read");
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

/// Records that are written together.
#[derive(Default)]
struct Batch {
    customers: Vec<CustomerRecord>,
    /// The line number of each customer.
    lines: Vec<u64>,
    belongings: Vec<Belonging>,
    bytes: usize,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.customers.len() + self.belongings.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    /// Adds the line that was read last, unless one of its fields is invalid.
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
