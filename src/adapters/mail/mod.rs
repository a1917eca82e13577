//! Mail by SMTP (RFC 5321): renders a mail and hands it to the shop's mail server.
//!
//! The connection is encrypted unless the server runs on this machine: `smtps://` from the start, `smtp://` by
//! STARTTLS, which the server then has to offer. A server on this machine may have a certificate that is not trusted,
//! if it needs no password.

mod clean;
mod letters;
mod limited;
mod replies;
mod secrets;
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
    ports::{MailRenderer, Mailer, MailerError, WrittenMail},
};

/// The sender of the shop's mails.
#[derive(Clone)]
pub struct Sender {
    /// The From address, as in `Shop <hello@shop.example>`.
    pub from: Mailbox,
    /// The name of the shop.
    pub shop: String,
    /// The origin of the accounts, for links. From the configuration, never from a request (V4).
    pub site: String,
    /// The colours of the mails.
    pub colours: Colours,
    /// Creates the tokens of links.
    pub links: LinkTokens,
}

/// The shop's colours in mails, which always have a light background. In CSS syntax.
#[derive(Clone, Debug)]
pub struct Colours {
    /// The background of the button.
    pub accent: String,
    /// The text on the button.
    pub on_accent: String,
    /// Links.
    pub link: String,
}

impl Default for Colours {
    fn default() -> Self {
        Self { accent: "#17594a".to_owned(), on_accent: "#ffffff".to_owned(), link: "#17594a".to_owned() }
    }
}

impl MailRenderer for Sender {
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
    /// Returns a mailer for the server at `url`. Does not connect yet.
    ///
    /// # Errors
    /// If `url` is not a valid `smtp://` or `smtps://` URL. The error does not quote it, since it may contain a
    /// password.
    pub fn new(url: &str, sender: Sender) -> Result<Self, NoMailServer> {
        Ok(Self { relay: Relay::new(url, &sender.site)?, sender })
    }

    /// Returns the recipient and the message.
    fn message(&self, mail: &Mail) -> Result<(Address, Message), Box<dyn Error + Send + Sync>> {
        let Sender { from, shop, .. } = &self.sender;
        let letters::Written { subject, text, html } = letters::write(mail, &self.sender)?;
        let to: Address = mail.to.as_str().parse()?;
        let name = letters::name(mail);
        // The same for every attempt, so that duplicates can be recognised.
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

/// The error for a mail server URL that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("invalid SMTP_URL")]
pub struct NoMailServer;

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        // A mail that cannot be rendered now cannot be rendered later.
        let (to, message) = self.message(mail).map_err(MailerError::Refused)?;
        let from = &self.sender.from.email;
        self.relay.send(from, &to, &message.formatted()).await.map_err(|refusal| match refusal {
            Refusal::Recipient(_) | Refusal::NoSmtpUtf8 => MailerError::Refused(self.relay.loggable(refusal)),
            Refusal::NoSmtpUtf8Sender
            | Refusal::Connection(_)
            | Refusal::StartTls(_)
            | Refusal::NoStartTls
            | Refusal::Other(_)
            | Refusal::Unfinished
            | Refusal::Timeout(_) => MailerError::Failed(self.relay.loggable(refusal)),
        })
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").field("from", &self.sender.from).finish_non_exhaustive()
    }
}

/// Marks a mail as generated, so that autoresponders do not reply to it (RFC 3834).
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
