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
    /// Where whoever was not the one says so.
    secure: String,
}

/// A letter in words, by two templates of the same name.
macro_rules! written {
    ($letter:expr, $subject:literal, $text:literal, $html:literal) => {{
        #[derive(Template)]
        #[template(path = $text, escape = "none")]
        struct Text<'a> {
            letter: &'a Words<'a>,
        }

        #[derive(Template)]
        #[template(path = $html)]
        struct Html<'a> {
            subject: &'a str,
            letter: &'a Words<'a>,
        }

        let (letter, subject) = ($letter, $subject);
        Written { subject, text: Text { letter }.render()?, html: Html { subject, letter }.render()? }
    }};
}

/// Puts the mail into words.
pub(super) fn write(mail: &Mail, sender: &Sender) -> askama::Result<Written> {
    let words = &words(mail, sender);
    Ok(match mail.letter {
        Letter::NewDevice(_) => {
            written!(words, "A login on a new device", "new_device.txt", "new_device.html")
        }
        Letter::PasswordChanged(_) => {
            written!(words, "Your password was changed", "password_changed.txt", "password_changed.html")
        }
        Letter::EmailChanged(_) => {
            written!(words, "Your email address was changed", "email_changed.txt", "email_changed.html")
        }
        Letter::ResetPassword(..) => {
            written!(words, "Choose a new password", "reset_password.txt", "reset_password.html")
        }
        Letter::VerifyEmail(..) => {
            written!(words, "Verify your email address", "verify_email.txt", "verify_email.html")
        }
        Letter::AlreadyCustomer(..) => {
            written!(words, "You already have an account", "already_customer.txt", "already_customer.html")
        }
        Letter::ChangeEmail(..) => {
            written!(words, "Use this email address", "change_email.txt", "change_email.html")
        }
        Letter::AddressTaken(_) => {
            written!(words, "This address is in use", "address_taken.txt", "address_taken.html")
        }
    })
}

/// What the templates of this mail may fill in.
fn words<'a>(mail: &'a Mail, Sender { shop, site, links, .. }: &'a Sender) -> Words<'a> {
    let link_of = |purpose, page, id: LinkId| {
        format!("{site}{page}?token={}", *links.write(purpose, mail.customer, &mail.to, id))
    };
    let code_of = |id: LinkId| links.code(mail.customer, &mail.to, id.hash()).to_string();
    let (client, link, code) = match &mail.letter {
        Letter::NewDevice(client)
        | Letter::PasswordChanged(client)
        | Letter::EmailChanged(client)
        | Letter::AddressTaken(client) => (client, String::new(), String::new()),
        Letter::ResetPassword(id, client) | Letter::AlreadyCustomer(id, client) => {
            (client, link_of(LinkPurpose::ResetPassword, "/reset-password", *id), String::new())
        }
        Letter::VerifyEmail(id, client) => {
            (client, link_of(LinkPurpose::VerifyEmail, "/verify-email", *id), code_of(*id))
        }
        Letter::ChangeEmail(id, client) => {
            (client, link_of(LinkPurpose::ChangeEmail, "/change-email", *id), code_of(*id))
        }
    };
    let notice = LinkId::of_notice(mail.id, mail.written_at);
    Words {
        shop,
        site,
        name: mail.name.as_str(),
        device: device(client),
        when: minute(mail.written_at),
        address: client.address.to_canonical().to_string(),
        link,
        code,
        secure: link_of(LinkPurpose::SecureAccount, "/secure-account", notice),
    }
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

    fn client() -> Client {
        let device = Device { browser: "Firefox".to_owned(), system: "Linux".to_owned() };
        Client { address: "::ffff:203.0.113.7".parse().unwrap(), device }
    }

    fn mail(name: &str, letter: Letter) -> Mail {
        Mail {
            id: MailId::from_bytes([1; 16]),
            customer: CustomerId::from_bytes([2; 12]),
            to: EmailAddress::parse("ada@x.test").unwrap(),
            name: PersonName::parse(name).unwrap(),
            letter,
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
            &mail("Ada", Letter::NewDevice(client())).to,
            link.hash(),
        );
        let (code, login) = (code.to_string(), "https://tea.test/login".to_owned());
        for (letter, subject, parts) in [
            (Letter::NewDevice(client()), "A login on a new device", vec![&secure]),
            (Letter::PasswordChanged(client()), "Your password was changed", vec![&secure]),
            (Letter::EmailChanged(client()), "Your email address was changed", vec![&secure]),
            (Letter::ResetPassword(link, client()), "Choose a new password", vec![&reset, &secure]),
            (Letter::VerifyEmail(link, client()), "Verify your email address", vec![&verify, &code]),
            (Letter::AlreadyCustomer(link, client()), "You already have an account", vec![&reset, &login]),
            (Letter::ChangeEmail(link, client()), "Use this email address", vec![&change, &code]),
            (Letter::AddressTaken(client()), "This address is in use", vec![&login]),
        ] {
            let written = write(&mail("Ada", letter), &sender()).unwrap();
            assert_eq!(written.subject, subject);
            let (text, html) = (written.text, written.html);
            for part in ["Ada", "Firefox on Linux", "27 November 2026, 13:02 UTC", "203.0.113.7"]
                .into_iter()
                .chain(parts.into_iter().map(String::as_str))
            {
                assert!(text.contains(part), "{part}: {text}");
                assert!(html.contains(part), "{part}: {html}");
            }
            assert!(text.contains("Tea & Co") && html.contains("Tea &#38; Co"), "{html}");
            // Links are as long as they are.
            let prose = text.lines().filter(|line| !line.contains("https://"));
            assert!(prose.clone().all(|line| line.chars().count() <= 78), "{text}");
        }
    }

    #[test]
    fn c7_markup_in_a_name_is_a_name() {
        let name = "</p><img src=x onerror=alert(1)>";
        let Written { text, html, .. } = write(&mail(name, Letter::NewDevice(client())), &sender()).unwrap();
        assert!(text.contains(name));
        assert!(!html.contains("<img"), "{html}");
    }
}
