//! Mail: the server and the sender.

use lettre::{Address, message::Mailbox};
use percent_encoding::percent_decode_str;

use super::{
    ServiceUrl,
    host_name::is_reachable,
    reader::{Reader, SecretVariable},
};

/// `SMTP_URL`, `MAIL_FROM` and `REQUIRE_VERIFIED_EMAIL`.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// `None` if the shop sends no mail.
    pub server: Option<MailServer>,
    /// True if mail is kept in the development mailbox when there is no server.
    pub is_kept: bool,
    /// True if an account is unusable until its address is verified.
    pub requires_verified_email: bool,
}

/// A mail server, and the sender of mails.
#[derive(Clone, Debug)]
pub struct MailServer {
    pub url: ServiceUrl,
    pub from: Mailbox,
}

impl MailConfig {
    /// Reads the section. `is_trial` is true on a developer's machine.
    pub(super) fn read(reader: &mut Reader, is_trial: bool) -> Self {
        let url = reader.secret(SecretVariable::SMTP_URL);
        let form = "on or off (on only with SMTP_URL, or where mail is shown at /dev/mail)";
        let sends_mail = url.is_some() || is_trial;
        let requires_verified_email =
            reader.parse_with("REQUIRE_VERIFIED_EMAIL", url.is_some(), form, |text| match text {
                "on" if sends_mail => Some(true),
                "off" => Some(false),
                _ => None,
            });
        let from = reader.parse_with("MAIL_FROM", None, "an address, such as Shop <hello@shop.example>", |text| {
            text.parse().ok().and_then(ascii_domain).map(Some)
        });
        let config = Self { server: None, is_kept: is_trial && url.is_none(), requires_verified_email };
        let Some(url) = url else { return config };
        if !is_smtp(&url) {
            reader.problem(
                "SMTP_URL",
                "must be smtp://[user:password@]host[:port] or smtps://…: a user and password in \
                                      percent-encoded UTF-8, a host in ASCII without wildcards, and no port 0",
            );
        }
        if from.is_none() && reader.value("MAIL_FROM").is_none() {
            reader.problem("MAIL_FROM", "is required when SMTP_URL is set");
        }
        if from.as_ref().is_some_and(|from| !from.email.user().is_ascii()) {
            reader.warn("MAIL_FROM", OUTSIDE_ASCII);
        }
        Self { server: from.map(|from| MailServer { url: ServiceUrl::new(url), from }), ..config }
    }
}

/// The warning about a sender whose local part cannot be written in ASCII.
const OUTSIDE_ASCII: &str = "has characters outside ASCII before the @: a mail server without SMTPUTF8 sends no email";

/// Returns the sender with the domain in Punycode, which every mail server supports. Returns `None` if the domain is
/// invalid.
fn ascii_domain(from: Mailbox) -> Option<Mailbox> {
    if from.email.domain().is_ascii() {
        return Some(from);
    }
    let domain = idna::domain_to_ascii_strict(from.email.domain()).ok()?;
    Some(Mailbox { email: Address::new(from.email.user(), domain).ok()?, ..from })
}

/// Returns true if the URL has a user and a password, both of which can be decoded, or neither.
fn has_whole_credentials(url: &url::Url) -> bool {
    let (user, password) = (url.username(), url.password());
    let is_text = |part| percent_decode_str(part).decode_utf8().is_ok();
    user.is_empty() == password.is_none() && is_text(user) && is_text(password.unwrap_or_default())
}

/// Returns true for a URL whose parts are all used. A path or a query would be ignored, so it is refused.
fn is_smtp(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| {
        ["smtp", "smtps"].contains(&url.scheme())
            && is_reachable(&url)
            && ["", "/"].contains(&url.path())
            && has_whole_credentials(&url)
            && url.query().is_none()
            && url.fragment().is_none()
    })
}
