//! The content of mails in the customer's language, as plain text and as HTML. A mail is a list of parts. Their
//! appearance is defined by [`Part::plain`] and by the template beside this file.

use askama::Template;

use super::{
    Colours, Sender,
    clean::{clean, looks_like_link},
};
use crate::{
    accounts::{Client, Device, LinkId, LinkPurpose, Mail, MailKind, timestamp},
    words::{FluentValue, Words},
};

/// The line width of plain text mail (RFC 5322, 2.1.1).
const WIDTH: usize = 78;

/// The texts of a mail.
#[derive(Debug)]
pub(super) struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// One part of a mail, from top to bottom.
enum Part {
    Text(String),
    /// Six digits.
    Code(String),
    /// The device that caused the event, and when.
    Device {
        device: String,
        from: String,
    },
    /// The main action of the mail.
    Button {
        label: String,
        link: String,
        /// The URL as text, for readers whose mail program does not show the button.
        copy: String,
    },
    Link {
        label: String,
        link: String,
    },
}

impl Part {
    /// Returns the part as plain text, followed by an empty line.
    fn plain(&self) -> String {
        match self {
            Self::Text(text) => format!("{}\n\n", textwrap::fill(text, WIDTH)),
            Self::Device { device, from } => format!("  {device}\n  {from}\n\n"),
            Self::Code(shown) | Self::Button { link: shown, .. } | Self::Link { link: shown, .. } => {
                format!("  {shown}\n\n")
            }
        }
    }
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    language: &'a str,
    shop: &'a str,
    subject: &'a str,
    hello: &'a str,
    parts: &'a [Part],
    about: &'a str,
    site: &'a str,
    colours: &'a Colours,
}

/// Renders the subject and both bodies of a mail.
pub(super) fn write(mail: &Mail, sender: &Sender) -> askama::Result<Written> {
    let words = Words::of(mail.language);
    let Sender { shop, site, colours, .. } = sender;
    let (subject, parts) = Writer { mail, sender, words }.letter();
    let hello = &match name(mail) {
        Some(name) => words.fill("mail-hello", &[("name", name.into())]),
        None => words.say("mail-hello-nobody"),
    };
    let shop = &clean(shop);
    let about = &words.fill("mail-about", &[("shop", shop.as_str().into())]);
    let text = format!("{hello}\n\n{}-- \n{about} {site}\n", parts.iter().map(Part::plain).collect::<String>());
    let language = mail.language.code();
    let html = Html { language, shop, subject: &subject, hello, parts: &parts, about, site, colours }.render()?;
    Ok(Written { subject, text, html })
}

/// Returns the name to greet the reader with. Returns `None` if the reader may not be the owner of the name: the name
/// may have been entered by the person who requested the mail, who could use it to send a message to a stranger.
/// Returns `None` as well if the name looks like an address or a link: a stranger may have registered the address
/// before its owner.
pub(super) fn name(mail: &Mail) -> Option<String> {
    let name = mail.name.as_ref().filter(|_| mail.letter.is_to_owner())?;
    Some(clean(name.as_str())).filter(|name| !name.is_empty() && !looks_like_link(name))
}

/// Writes the parts of one mail.
struct Writer<'a> {
    mail: &'a Mail,
    sender: &'a Sender,
    words: &'static Words,
}

impl Writer<'_> {
    /// Returns the subject and the parts of the body.
    fn letter(&self) -> (String, Vec<Part>) {
        match &self.mail.letter {
            MailKind::NewDevice(client) => {
                (self.words.say("mail-new-device"), self.notice(client, "mail-new-device-what", "mail-secure"))
            }
            MailKind::PasswordChanged(client) => (
                self.words.say("mail-password-changed"),
                self.notice(client, "mail-password-changed-what", "mail-secure"),
            ),
            MailKind::EmailChangeProposed(client) => (
                self.words.say("mail-email-change-proposed"),
                self.notice(client, "mail-email-change-proposed-what", "mail-email-change-proposed-secure"),
            ),
            MailKind::EmailChanged(client) => (
                self.words.say("mail-email-changed"),
                self.notice(client, "mail-email-changed-what", "mail-email-changed-secure"),
            ),
            // Without the device and its network: the reader may be a thief, and the device that of the owner.
            MailKind::EmailChangeUndone(_) => (
                self.words.say("mail-email-change-undone"),
                vec![self.text("mail-email-change-undone-what"), self.text("mail-email-change-undone-else")],
            ),
            MailKind::AccountSecured(id, _) => (self.words.say("mail-reset-password"), self.new_password(*id)),
            MailKind::ResetPassword(id, client) => {
                (self.words.say("mail-reset-password"), self.reset_password(*id, client))
            }
            MailKind::VerifyEmail(id, client) => (self.words.say("mail-verify-email"), self.verify_email(*id, client)),
            MailKind::AlreadyCustomer(id, client) => {
                (self.words.say("mail-already-customer"), self.already_customer(*id, client))
            }
            MailKind::ChangeEmail(id, client) => (self.words.say("mail-change-email"), self.change_email(*id, client)),
            MailKind::AddressTaken(client) => (
                self.words.say("mail-address-taken"),
                vec![
                    self.text("mail-address-taken-what"),
                    self.log_in(),
                    self.text("mail-address-taken-else"),
                    self.device(client),
                ],
            ),
        }
    }

    /// Returns what happened, on which device, and what to do about it.
    fn notice(&self, client: &Client, what: &str, secure: &str) -> Vec<Part> {
        let link = self.secure_link();
        vec![self.text(what), self.device(client), self.text(secure), self.button("mail-not-me", link)]
    }

    fn reset_password(&self, id: LinkId, client: &Client) -> Vec<Part> {
        let link = self.link(LinkPurpose::ResetPassword, "/reset-password", id);
        vec![
            self.text("mail-reset-password-what"),
            self.button("mail-reset-password", link),
            self.text("mail-reset-password-else"),
            self.device(client),
            self.text("mail-reset-password-fear"),
            Part::Link { label: self.words.say("mail-sign-out-all"), link: self.secure_link() },
        ]
    }

    /// Returns the body of the mail after an account was secured. All devices are signed out already.
    fn new_password(&self, id: LinkId) -> Vec<Part> {
        let link = self.link(LinkPurpose::ResetPassword, "/reset-password", id);
        vec![self.text("mail-account-secured-what"), self.button("mail-reset-password", link)]
    }

    fn verify_email(&self, id: LinkId, client: &Client) -> Vec<Part> {
        let link = self.link(LinkPurpose::VerifyEmail, "/verify-email", id);
        vec![
            self.text("mail-verify-email-what"),
            self.code(id),
            self.text("mail-or-link"),
            self.button("mail-verify-email-button", link),
            self.text("mail-verify-email-else"),
            self.device(client),
        ]
    }

    fn already_customer(&self, id: LinkId, client: &Client) -> Vec<Part> {
        let link = self.link(LinkPurpose::ResetPassword, "/reset-password", id);
        vec![
            self.text("mail-already-customer-what"),
            self.log_in(),
            self.text("mail-already-customer-forgot"),
            Part::Link { label: self.words.say("mail-reset-password"), link },
            self.text("mail-already-customer-else"),
            self.device(client),
        ]
    }

    fn change_email(&self, id: LinkId, client: &Client) -> Vec<Part> {
        let link = self.link(LinkPurpose::ChangeEmail, "/change-email", id);
        vec![
            self.text("mail-change-email-what"),
            self.code(id),
            self.text("mail-or-link"),
            self.button("mail-change-email", link),
            self.text("mail-change-email-else"),
            self.device(client),
        ]
    }

    fn text(&self, key: &str) -> Part {
        Part::Text(self.words.fill(key, &[("shop", clean(&self.sender.shop).into())]))
    }

    fn log_in(&self) -> Part {
        self.button("mail-log-in", format!("{}/login", self.sender.site))
    }

    fn button(&self, label: &str, link: String) -> Part {
        let copy = self.words.fill("mail-copy", &[("link", link.as_str().into())]);
        Part::Button { label: self.words.say(label), link, copy }
    }

    fn device(&self, Client { address, device: Device { browser, system }, .. }: &Client) -> Part {
        let (browser, system) = (clean(browser), clean(system));
        let device = match (browser.as_str(), system.as_str()) {
            ("", "") => self.words.say("mail-device-unknown"),
            (browser, system) => self.words.device(browser, system),
        };
        let minute: FluentValue<'_> = self.words.minute(&timestamp(self.mail.written_at)).into();
        let address = address.to_canonical().to_string().into();
        Part::Device { device, from: self.words.fill("mail-from", &[("minute", minute), ("address", address)]) }
    }

    /// Returns the six-digit code that can be used instead of the link of this id.
    fn code(&self, id: LinkId) -> Part {
        Part::Code(self.sender.links.code(self.mail.customer, &self.mail.to, id.hash()).to_string())
    }

    /// Returns the link for readers who did not cause the event.
    fn secure_link(&self) -> String {
        let notice = LinkId::of_notice(self.mail.id, self.mail.written_at);
        self.link(LinkPurpose::SecureAccount, "/secure-account", notice)
    }

    fn link(&self, purpose: LinkPurpose, page: &str, id: LinkId) -> String {
        let Sender { site, links, .. } = self.sender;
        format!("{site}{page}?token={}", *links.write(purpose, self.mail.customer, &self.mail.to, id))
    }
}

#[cfg(test)]
mod tests;
