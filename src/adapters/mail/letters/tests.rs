//! Tests of the content of mails.

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
