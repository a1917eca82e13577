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
mod tests {
    use time::OffsetDateTime;
    use zeroize::Zeroizing;

    use super::*;
    use crate::{
        accounts::{LinkTokens, MailId},
        domain::{CustomerId, EmailAddress, Language, PersonName},
    };

    fn sender() -> Sender {
        Sender {
            from: "hello@tea.test".parse().unwrap(),
            shop: "Tea & Co".to_owned(),
            site: "https://tea.test".to_owned(),
            colours: Colours::default(),
            links: LinkTokens::new(Zeroizing::new([1; 32])),
        }
    }

    fn client() -> Client {
        let device = Device { browser: "Firefox".to_owned(), system: "Linux".to_owned() };
        Client { address: "::ffff:203.0.113.7".parse().unwrap(), device, language: Some(Language::English) }
    }

    fn mail(name: &str, letter: MailKind) -> Mail {
        Mail {
            id: MailId::from_bytes([1; 16]),
            customer: CustomerId::from_bytes([2; 12]),
            to: EmailAddress::parse("ada@x.test").unwrap(),
            name: Some(PersonName::from_store(name.to_owned())),
            letter,
            language: Language::English,
            written_at: OffsetDateTime::from_unix_timestamp(1_795_784_520).unwrap(),
        }
    }

    #[test]
    fn a_reader_of_text_and_one_of_html_get_the_whole_message() {
        let link = LinkId::from_bytes([3; 16]);
        let [secure, reset, verify, change] = ["secure-account", "reset-password", "verify-email", "change-email"]
            .map(|page| format!("https://tea.test/{page}?token="));
        let code = sender().links.code(
            CustomerId::from_bytes([2; 12]),
            &mail("Ada", MailKind::NewDevice(client())).to,
            link.hash(),
        );
        let (code, login) = (code.to_string(), "https://tea.test/login".to_owned());
        for (letter, subject, parts) in [
            (MailKind::NewDevice(client()), "New login to your account", vec![&secure]),
            (MailKind::PasswordChanged(client()), "Your password was changed", vec![&secure]),
            (MailKind::EmailChangeProposed(client()), "Someone asked to change your email address", vec![&secure]),
            (MailKind::EmailChanged(client()), "Your email address was changed", vec![&secure]),
            (MailKind::ResetPassword(link, client()), "Reset your password", vec![&reset, &secure]),
            (MailKind::VerifyEmail(link, client()), "Verify your email address", vec![&verify, &code]),
            (MailKind::AlreadyCustomer(link, client()), "You already have an account", vec![&reset, &login]),
            (MailKind::ChangeEmail(link, client()), "Confirm your new email address", vec![&change, &code]),
            (MailKind::AddressTaken(client()), "This email address is already in use", vec![&login]),
        ] {
            let written = write(&mail("Ada", letter), &sender()).unwrap();
            assert_eq!(written.subject, subject);
            let (text, html) = (written.text, written.html);
            for part in ["Hello", "Firefox on Linux", "27 November 2026, 13:02 UTC", "203.0.113.7"]
                .into_iter()
                .chain(parts.into_iter().map(String::as_str))
            {
                assert!(text.contains(part), "{part}: {text}");
                assert!(html.contains(part), "{part}: {html}");
            }
            assert!(text.contains("Tea & Co") && html.contains("Tea &#38; Co"), "{html}");
            // Links are not wrapped.
            let prose = text.lines().filter(|line| !line.contains("https://"));
            assert!(prose.clone().all(|line| line.chars().count() <= 78), "{text}");
        }
    }

    #[test]
    fn a_customer_is_written_to_in_their_language() {
        let mail = Mail { language: Language::Indonesian, ..mail("Ada", MailKind::NewDevice(client())) };
        let Written { subject, text, html } = write(&mail, &sender()).unwrap();
        assert_eq!(subject, "Login baru ke akun Anda");
        for part in ["Halo Ada,", "Firefox di Linux", "27 November 2026 pukul 13.02 UTC, dari 203.0.113.7"] {
            assert!(text.contains(part) && html.contains(part), "{part}: {text}");
        }
        assert!(html.contains("<html lang=\"id\">") && html.contains("Ini bukan saya"), "{html}");
    }

    #[test]
    fn n18_only_the_owner_of_a_name_is_greeted_by_it() {
        let link = LinkId::from_bytes([3; 16]);
        let spam = "buy spam now";
        for (letter, is_greeted) in [
            (MailKind::NewDevice(client()), true),
            (MailKind::PasswordChanged(client()), true),
            (MailKind::EmailChanged(client()), true),
            (MailKind::ResetPassword(link, client()), true),
            (MailKind::AlreadyCustomer(link, client()), true),
            (MailKind::VerifyEmail(link, client()), false),
            (MailKind::ChangeEmail(link, client()), false),
            (MailKind::AddressTaken(client()), false),
        ] {
            for (mail, is_greeted) in
                [(mail(spam, letter.clone()), is_greeted), (Mail { name: None, ..mail(spam, letter.clone()) }, false)]
            {
                let Written { subject, text, html } = write(&mail, &sender()).unwrap();
                let said = [subject, text, html].concat();
                assert_eq!(said.contains("spam"), is_greeted, "{said}");
                assert_eq!(name(&mail).is_some(), is_greeted);
                assert!(is_greeted || said.contains("Hello,"), "{said}");
            }
        }
    }

    #[test]
    fn n27_a_name_that_looks_like_a_link_is_in_no_greeting() {
        for typed in ["Win at evil.example", "www.evil.test", "ada@evil.test", "http:\u{200b}//evil.test"] {
            let mail = mail(typed, MailKind::NewDevice(client()));
            let Written { text, html, .. } = write(&mail, &sender()).unwrap();
            assert_eq!((text.lines().next(), name(&mail)), (Some("Hello,"), None), "{typed}");
            assert!(!text.contains("evil") && !html.contains("evil"), "{typed}");
        }
    }

    #[test]
    fn n15_a_name_with_line_breaks_is_one_line() {
        let mail = mail("Ada\r\n\r\nLovelace\u{202e}", MailKind::NewDevice(client()));
        let Written { text, .. } = write(&mail, &sender()).unwrap();
        assert_eq!(text.lines().next(), Some("Hello Ada Lovelace,"));
    }

    #[test]
    fn c7_markup_in_a_name_is_plain_text() {
        let name = "<p><img src=x onerror=alert(1)>";
        let Written { text, html, .. } = write(&mail(name, MailKind::NewDevice(client())), &sender()).unwrap();
        assert!(text.contains(name));
        assert!(!html.contains("<img"), "{html}");
    }
}
