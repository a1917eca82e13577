//! Mail by SMTP (RFC 5321): puts a mail into words and hands it to the shop's mail server.
//!
//! The connection is encrypted unless the server is on this machine: `smtps://` from the start, `smtp://` by STARTTLS,
//! which the server then has to offer.

mod letters;

use std::{error::Error, fmt, time::Duration};

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart, header},
    transport::smtp::{
        PoolConfig,
        client::{Tls, TlsParameters},
        response::Code,
    },
};

use crate::accounts::{
    LinkTokens, Mail,
    ports::{Letters, Mailer, MailerError, WrittenMail},
};

/// How long each answer of the server may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many connections there may be: many mails a second, and few enough for any server.
const CONNECTIONS: u32 = 4;

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
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
}

impl SmtpMailer {
    /// By the server at `url`. Nothing is connected yet.
    ///
    /// # Errors
    /// When `url` is none of `smtp://` or `smtps://`. It may hold a password, and the error says nothing of it.
    pub fn new(url: &str, sender: Sender) -> Result<Self, NoMailServer> {
        let parsed = url::Url::parse(url).map_err(|_| NoMailServer)?;
        let host = parsed.host_str().ok_or(NoMailServer)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| NoMailServer)?;
        if parsed.scheme() == "smtp" {
            let tls = TlsParameters::new(host.to_owned()).map_err(|_| NoMailServer)?;
            builder = builder.tls(if is_here(&parsed) { Tls::Opportunistic(tls) } else { Tls::Required(tls) });
        }
        let transport = builder.timeout(Some(PATIENCE)).pool_config(PoolConfig::new().max_size(CONNECTIONS)).build();
        Ok(Self { transport, sender })
    }

    fn message(&self, mail: &Mail) -> Result<Message, Box<dyn Error + Send + Sync>> {
        let Sender { from, shop, .. } = &self.sender;
        let letters::Written { subject, text, html } = letters::write(mail, &self.sender)?;
        let to = Mailbox::new(Some(mail.name.as_str().to_owned()), mail.to.as_str().parse()?);
        // The same whenever it is tried: a reader who gets it twice can tell.
        let id = format!("<{}@{}>", mail.id, from.email.domain());
        let message = Message::builder()
            .from(from.clone())
            .to(to)
            .subject(format!("{subject} – {shop}"))
            .date(mail.written_at.into())
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(header::MIME_VERSION_1_0);
        Ok(message.multipart(MultiPart::alternative_plain_html(text, html))?)
    }
}

/// The address of the mail server cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("SMTP_URL cannot be used")]
pub struct NoMailServer;

fn is_here(url: &url::Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        None => false,
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        // What cannot be written now cannot be written later.
        let message = self.message(mail).map_err(MailerError::Refused)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.status().is_some_and(is_about_the_mailbox) => {
                Err(MailerError::Refused(Box::new(error)))
            }
            Err(error) => Err(MailerError::Failed(Box::new(error))),
        }
    }
}

/// Whether the server will never take a mail to this mailbox (RFC 5321, 4.2.3). Whatever else it refuses for good, a wrong
/// password of ours say, an operator may put right.
fn is_about_the_mailbox(code: Code) -> bool {
    matches!(u16::from(code), 550 | 551 | 553 | 556)
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
