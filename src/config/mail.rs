//! Mail: by which server, and in whose name.

use lettre::message::Mailbox;

use super::{ServiceUrl, reader::Reader};

/// `SMTP_URL`, `MAIL_FROM` and `SHOP_NAME`.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// `None`: the shop sends no mail.
    pub server: Option<MailServer>,
    /// What the shop is called in its mails.
    pub shop: String,
}

/// A mail server, and who its mails are from.
#[derive(Clone, Debug)]
pub struct MailServer {
    pub url: ServiceUrl,
    pub from: Mailbox,
}

impl MailConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let shop = reader.text("SHOP_NAME").unwrap_or_else(|| "Doorstep".to_owned());
        if shop.chars().any(char::is_control) {
            reader.problem("SHOP_NAME", "must be one line of text");
        }
        let from = reader.parse_with("MAIL_FROM", None, "an address, such as Shop <hello@shop.example>", |text| {
            text.parse().ok().map(Some)
        });
        let Some(url) = reader.text("SMTP_URL") else { return Self { server: None, shop } };
        if !is_smtp(&url) {
            reader.problem("SMTP_URL", "must be smtp://[user:password@]host[:port] or smtps://…");
        }
        if from.is_none() && reader.text("MAIL_FROM").is_none() {
            reader.problem("MAIL_FROM", "is needed as well when SMTP_URL is set");
        }
        Self { server: from.map(|from| MailServer { url: ServiceUrl::new(url), from }), shop }
    }
}

/// A URL whose parts are all used: one with a path or a query means something that nobody would do.
fn is_smtp(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| {
        ["smtp", "smtps"].contains(&url.scheme())
            && url.host_str().is_some_and(|host| !host.is_empty())
            && ["", "/"].contains(&url.path())
            && url.query().is_none()
            && url.fragment().is_none()
    })
}
