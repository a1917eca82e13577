//! What mails say, as plain text and as HTML, from the templates beside this file.

use askama::Template;
use time::OffsetDateTime;

use super::Sender;
use crate::accounts::{Client, Device, Letter, LinkId, LinkPurpose, Mail};

/// A mail in words.
#[derive(Debug)]
pub(super) struct Written {
    pub subject: &'static str,
    pub text: String,
    pub html: String,
}

/// What the templates fill in.
struct Words<'a> {
    shop: &'a str,
    /// The origin of the shop's accounts.
    site: &'a str,
    name: &'a str,
    device: String,
    when: String,
    address: String,
    /// Where the mail leads, if it has a link of its own.
    link: String,
    /// The six digits that stand for it.
    code: String,
}

/// The templates of one letter: two types by the same name, with and without HTML.
macro_rules! templates {
    ($text:ident, $text_path:literal, $html:ident, $html_path:literal) => {
        #[derive(Template)]
        #[template(path = $text_path, escape = "none")]
        struct $text<'a> {
            letter: &'a Words<'a>,
        }

        #[derive(Template)]
        #[template(path = $html_path)]
        struct $html<'a> {
            subject: &'a str,
            letter: &'a Words<'a>,
        }
    };
}

templates!(NewDeviceText, "new_device.txt", NewDeviceHtml, "new_device.html");
templates!(ResetPasswordText, "reset_password.txt", ResetPasswordHtml, "reset_password.html");
templates!(VerifyEmailText, "verify_email.txt", VerifyEmailHtml, "verify_email.html");
templates!(AlreadyCustomerText, "already_customer.txt", AlreadyCustomerHtml, "already_customer.html");
templates!(PasswordChangedText, "password_changed.txt", PasswordChangedHtml, "password_changed.html");

/// Puts the mail into words.
pub(super) fn write(mail: &Mail, Sender { shop, site, links, .. }: &Sender) -> askama::Result<Written> {
    let link_of = |purpose, page, id: &LinkId| {
        format!("{site}{page}?token={}", *links.write(purpose, mail.customer, &mail.to, *id))
    };
    let (client, link, code) = match &mail.letter {
        Letter::NewDevice(client) | Letter::PasswordChanged(client) => (client, String::new(), String::new()),
        Letter::ResetPassword(id, client) | Letter::AlreadyCustomer(id, client) => {
            (client, link_of(LinkPurpose::ResetPassword, "/reset-password", id), String::new())
        }
        Letter::VerifyEmail(id, client) => {
            let code = links.code(mail.customer, &mail.to, id.hash());
            (client, link_of(LinkPurpose::VerifyEmail, "/verify-email", id), code.to_string())
        }
    };
    let letter = &Words {
        shop,
        site,
        name: mail.name.as_str(),
        device: device(client),
        when: minute(mail.written_at),
        address: client.address.to_canonical().to_string(),
        link,
        code,
    };
    let (subject, text, html) = match mail.letter {
        Letter::NewDevice(_) => {
            let subject = "A login on a new device";
            (subject, NewDeviceText { letter }.render()?, NewDeviceHtml { subject, letter }.render()?)
        }
        Letter::ResetPassword(..) => {
            let subject = "Choose a new password";
            (subject, ResetPasswordText { letter }.render()?, ResetPasswordHtml { subject, letter }.render()?)
        }
        Letter::VerifyEmail(..) => {
            let subject = "Verify your email address";
            (subject, VerifyEmailText { letter }.render()?, VerifyEmailHtml { subject, letter }.render()?)
        }
        Letter::AlreadyCustomer(..) => {
            let subject = "You already have an account";
            (subject, AlreadyCustomerText { letter }.render()?, AlreadyCustomerHtml { subject, letter }.render()?)
        }
        Letter::PasswordChanged(_) => {
            let subject = "Your password was changed";
            (subject, PasswordChangedText { letter }.render()?, PasswordChangedHtml { subject, letter }.render()?)
        }
    };
    Ok(Written { subject, text, html })
}

fn device(Client { device: Device { browser, system }, .. }: &Client) -> String {
    match (browser.as_str(), system.as_str()) {
        ("", "") => "An unknown device".to_owned(),
        (known, "") | ("", known) => known.to_owned(),
        (browser, system) => format!("{browser} on {system}"),
    }
}

/// `27 November 2026, 13:02 UTC`
fn minute(time: OffsetDateTime) -> String {
    let (day, month, year) = (time.day(), time.month(), time.year());
    format!("{day} {month} {year}, {:02}:{:02} UTC", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::{
        accounts::{LinkTokens, MailId},
        domain::{CustomerId, EmailAddress, PersonName},
    };

    fn sender() -> Sender {
        Sender {
            from: "hello@tea.test".parse().unwrap(),
            shop: "Tea & Co".to_owned(),
            site: "https://tea.test".to_owned(),
            links: LinkTokens::new(Zeroizing::new([1; 32])),
        }
    }

    fn mail(name: &str) -> Mail {
        let device = Device { browser: "Firefox".to_owned(), system: "Linux".to_owned() };
        Mail {
            id: MailId::from_bytes([1; 16]),
            customer: CustomerId::from_bytes([2; 12]),
            to: EmailAddress::parse("ada@x.test").unwrap(),
            name: PersonName::parse(name).unwrap(),
            letter: Letter::NewDevice(Client { address: "::ffff:203.0.113.7".parse().unwrap(), device }),
            written_at: OffsetDateTime::from_unix_timestamp(1_795_784_520).unwrap(),
        }
    }

    #[test]
    fn a_reader_of_text_and_one_of_html_get_the_whole_message() {
        let Written { text, html, subject } = write(&mail("Ada"), &sender()).unwrap();
        assert_eq!(subject, "A login on a new device");
        for part in [
            "Ada",
            "Firefox on Linux",
            "27 November 2026, 13:02 UTC",
            "203.0.113.7",
            "https://tea.test/account/security",
        ] {
            assert!(text.contains(part), "{part}: {text}");
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(text.contains("Tea & Co") && html.contains("Tea &#38; Co"), "{html}");
        assert!(text.lines().all(|line| line.chars().count() <= 78), "{text}");
    }

    #[test]
    fn c7_markup_in_a_name_is_a_name() {
        let name = "</p><img src=x onerror=alert(1)>";
        let Written { text, html, .. } = write(&mail(name), &sender()).unwrap();
        assert!(text.contains(name));
        assert!(!html.contains("<img"), "{html}");
    }
}
