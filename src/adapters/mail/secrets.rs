//! Removes credentials from the errors of a mail server: some servers quote the command that they reject.

use std::{error::Error, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// The length of a part of a secret, in bytes, that is hidden too: a server may quote only the beginning of a command.
const PART: usize = 8;

/// What replaces a secret.
const HIDDEN: &str = "***";

/// The password for a mail server, and the forms in which it is sent.
#[derive(Default)]
pub(super) struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    /// Returns the secrets of a user: the password, also as [`Replies`](super::replies::Replies) makes it readable, and
    /// what `AUTH PLAIN` (RFC 4616) and `AUTH LOGIN` send.
    pub fn of(user: &str, password: &str) -> Self {
        let plain = Zeroizing::new(format!("\0{user}\0{password}"));
        let encoded = [plain.as_str(), password].map(|text| Zeroizing::new(STANDARD.encode(text)));
        let readable = password.bytes().map(|byte| if byte.is_ascii() { char::from(byte) } else { '?' }).collect();
        let forms = [password.to_owned(), readable].map(Zeroizing::new);
        Self(forms.into_iter().chain(encoded).collect())
    }

    /// Returns an error with the same causes as `error`, without the secrets in their texts. The text of `error` itself is
    /// ours, and stays.
    pub fn hide(&self, error: Box<dyn Error + Send + Sync>) -> Box<dyn Error + Send + Sync> {
        let causes: Vec<String> =
            std::iter::successors(error.source(), |&error| error.source()).map(ToString::to_string).collect();
        if causes.iter().all(|cause| self.hide_in(cause) == *cause) {
            return error;
        }
        let source = causes
            .iter()
            .rev()
            .fold(None, |source, cause| Some(Box::new(Redacted { text: self.hide_in(cause), source })));
        Box::new(Redacted { text: error.to_string(), source })
    }

    /// Returns the text without the secrets and without words that contain a part of one.
    fn hide_in(&self, text: &str) -> String {
        let whole = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN));
        let words = whole.split_inclusive(char::is_whitespace).map(|word| {
            let end = &word[word.trim_end().len()..];
            if self.has_part(word) { format!("{HIDDEN}{end}") } else { word.to_owned() }
        });
        words.collect()
    }

    fn has_part(&self, word: &str) -> bool {
        let contains = |part: &[u8]| word.as_bytes().windows(PART).any(|window| window == part);
        self.0.iter().any(|secret| secret.as_bytes().windows(PART).any(contains))
    }
}

/// An error whose text was changed, and its cause.
#[derive(Debug)]
struct Redacted {
    text: String,
    source: Option<Box<Self>>,
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Redacted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g2_a_text_of_a_mail_server_is_logged_without_the_password_in_any_form() {
        let secrets = Secrets::of("shop", "hunter2");
        for (text, hidden) in [
            ("535 5.7.8 Username and Password not accepted", "535 5.7.8 Username and Password not accepted"),
            ("535 AUTH PLAIN AHNob3AAaHVudGVyMg== is invalid", "535 AUTH PLAIN *** is invalid"),
            ("535 \"aHVudGVyMg==\"", "535 \"***\""),
            ("535 shop:hunter2\r\n", "535 shop:***\r\n"),
            ("500 AUTH PLAIN AHNob3AAaHVud", "500 AUTH PLAIN ***"),
            ("", ""),
        ] {
            assert_eq!(secrets.hide_in(text), hidden);
        }
        assert_eq!(Secrets::default().hide_in("535 hunter2"), "535 hunter2");
    }
}
