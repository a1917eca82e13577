//! Mail that is kept in the place of being sent, so that whatever needs mail can be tried on a fresh machine.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{Sender, letters};
use crate::accounts::{
    Mail,
    ports::{KeptMail, Mailer, MailerError, WrittenMail},
};

/// How many mails are kept, until the program ends.
const MOST: usize = 50;

/// Takes every mail, and sends none.
pub struct KeepingMailer {
    sender: Sender,
    kept: Mutex<VecDeque<WrittenMail>>,
}

impl KeepingMailer {
    #[must_use]
    pub fn new(sender: Sender) -> Self {
        Self { sender, kept: Mutex::default() }
    }
}

#[async_trait]
impl Mailer for KeepingMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        let written = letters::write(mail, &self.sender).map_err(|error| MailerError::Refused(Box::new(error)))?;
        let written = WrittenMail { to: mail.to.clone(), subject: written.subject.to_owned(), text: written.text };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(written);
        kept.truncate(MOST);
        Ok(())
    }
}

impl KeptMail for KeepingMailer {
    fn all(&self) -> Vec<WrittenMail> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
