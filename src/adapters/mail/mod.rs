//! Mail by SMTP (RFC 5321): puts a mail into words and hands it to the shop's mail server.
//!
//! The connection is encrypted unless the server is on this machine: `smtps://` from the start, `smtp://` by STARTTLS,
//! which the server then has to offer.

mod clean;
mod letters;
mod smtp;

use std::{error::Error, fmt};

use async_trait::async_trait;
use lettre::{
    Address, Message,
    message::{Mailbox, MultiPart, header},
};

use self::{
    clean::clean,
    smtp::{Refusal, Relay},
};
use crate::accounts::{
    LinkTokens, Mail,
    ports::{Letters, Mailer, MailerError, WrittenMail},
};

/// How the shop signs its mails.
#[derive(Clone)]
pub struct Sender {
    /// Who they are from, as in `Shop <hello@shop.example>`.
    pub from: Mailbox,
    /// What the shop is called.
    pub shop: String,
    /// The origin of its accounts, for links: from the configuration, whatever a request said (V4).
    pub site: String,
    /// How its mails look.
    pub colours: Colours,
    /// Makes the tokens of links.
    pub links: LinkTokens,
}

/// The shop's colours in a mail, which is always light; as CSS has them.
#[derive(Clone, Debug)]
pub struct Colours {
    /// Behind what most readers came for.
    pub accent: String,
    /// Upon it.
    pub on_accent: String,
    /// Of links.
    pub link: String,
}

impl Default for Colours {
    fn default() -> Self {
        Self { accent: "#17594a".to_owned(), on_accent: "#ffffff".to_owned(), link: "#17594a".to_owned() }
    }
}

impl Letters for Sender {
    fn write(&self, mail: &Mail) -> Result<WrittenMail, Box<dyn Error + Send + Sync>> {
        let letters::Written { subject, text, .. } = letters::write(mail, self)?;
        Ok(WrittenMail { to: mail.to.clone(), subject, text })
    }
}

/// A mail server.
pub struct SmtpMailer {
    relay: Relay,
    sender: Sender,
}

impl SmtpMailer {
    /// By the server at `url`. Nothing is connected yet.
    ///
    /// # Errors
    /// When `url` is none of `smtp://` or `smtps://`. It may hold a password, and the error says nothing of it.
    pub fn new(url: &str, sender: Sender) -> Result<Self, NoMailServer> {
        Ok(Self { relay: Relay::new(url, &sender.site)?, sender })
    }

    /// The recipient and the message.
    fn message(&self, mail: &Mail) -> Result<(Address, Message), Box<dyn Error + Send + Sync>> {
        let Sender { from, shop, .. } = &self.sender;
        let letters::Written { subject, text, html } = letters::write(mail, &self.sender)?;
        let to: Address = mail.to.as_str().parse()?;
        let name = letters::name(mail);
        // The same whenever it is tried: a reader who gets it twice can tell.
        let id = format!("<{}@{}>", mail.id, from.email.domain());
        let message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(name, to.clone()))
            .subject(format!("{subject} – {}", clean(shop)))
            .date(mail.written_at.into())
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(header::MIME_VERSION_1_0);
        Ok((to, message.multipart(MultiPart::alternative_plain_html(text, html))?))
    }
}

/// The address of the mail server cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("SMTP_URL cannot be used")]
pub struct NoMailServer;

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        // What cannot be written now cannot be written later.
        let (to, message) = self.message(mail).map_err(MailerError::Refused)?;
        let from = &self.sender.from.email;
        self.relay.send(from, &to, &message.formatted()).await.map_err(|refusal| match refusal {
            Refusal::Recipient(_) | Refusal::NoSmtpUtf8 => MailerError::Refused(Box::new(refusal)),
            Refusal::Other(_) | Refusal::Timeout(_) => MailerError::Failed(Box::new(refusal)),
        })
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").field("from", &self.sender.from).finish_non_exhaustive()
    }
}

/// Nobody wrote this by hand, and no answering machine should answer it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
