//! The paths of the pages.

use crate::domain::LocalPath;

pub const HOME: &str = "/";
pub const SIGN_UP: &str = "/signup";
pub const LOG_IN: &str = "/login";
/// The page for verifying an address, by the link or the code of a mail.
pub const VERIFY_EMAIL: &str = "/verify-email";
pub const FORGOT_PASSWORD: &str = "/forgot-password";
pub const RESET_PASSWORD: &str = "/reset-password";
/// The target of the link that completes a change of address.
pub const CHANGE_EMAIL: &str = "/change-email";
/// The target of the "this wasn't me" link of a notice.
pub const SECURE_ACCOUNT: &str = "/secure-account";
/// The prefix of pages for developers only.
pub const DEV: &str = "/dev/";
/// The development mailbox: mails that are kept instead of sent.
pub const DEV_MAIL: &str = "/dev/mail";
/// The page with every component in every state.
pub const DEV_DESIGN: &str = "/dev/design";
/// The API's documentation. For developers, like all pages below [`DEV`].
pub const API_DOCS: &str = "/docs/api";
pub const ACCOUNT: &str = "/account";
pub const ACTIVITY: &str = "/account/activity";
pub const DEVICES: &str = "/account/sessions";
pub const SECURITY: &str = "/account/security";
pub const EMAIL: &str = "/account/email";
pub const CONFIRM: &str = "/account/confirm";
/// The endpoint of the language switch.
pub const CHOOSE_LANGUAGE: &str = "/api/language";

/// Returns the page that follows the login: `next`, or the account.
#[must_use]
pub fn after_sign_in(next: Option<&LocalPath>) -> &str {
    next.map_or(ACCOUNT, LocalPath::as_str)
}

/// Returns the page with the token of a link, or without it if the text is not a token.
#[must_use]
pub fn with_token(page: &str, token: &str) -> String {
    if is_token(token) { format!("{page}?token={token}") } else { page.to_owned() }
}

/// Returns true if the text has the format of a token: base64url, which never needs encoding.
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Returns `path` with `next` as its parameter, if any. Characters that would end the parameter are encoded; all others
/// of a [`LocalPath`] are valid in a query (RFC 3986, 3.4).
#[must_use]
pub fn with_next(path: &str, next: Option<&LocalPath>) -> String {
    let Some(next) = next else { return path.to_owned() };
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut target = format!("{path}{separator}next=");
    for c in next.as_str().chars() {
        match c {
            '%' => target.push_str("%25"),
            '&' => target.push_str("%26"),
            '+' => target.push_str("%2B"),
            '#' => target.push_str("%23"),
            '?' => target.push_str("%3F"),
            '=' => target.push_str("%3D"),
            '"' => target.push_str("%22"),
            '\'' => target.push_str("%27"),
            '<' => target.push_str("%3C"),
            '>' => target.push_str("%3E"),
            c => target.push(c),
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_path_stays_readable_and_its_query_is_escaped() {
        let login = |next: &str| with_next(LOG_IN, LocalPath::parse(next).as_ref());
        assert_eq!(login("/account"), "/login?next=/account");
        assert_eq!(login("/a?b=c&next=//e"), "/login?next=/a%3Fb%3Dc%26next%3D//e");
        assert_eq!(with_next("/a?b=c", LocalPath::parse("/d").as_ref()), "/a?b=c&next=/d");
    }
}
