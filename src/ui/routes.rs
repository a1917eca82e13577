//! Where the pages are.

use crate::domain::LocalPath;

pub const HOME: &str = "/";
pub const SIGN_UP: &str = "/signup";
pub const LOG_IN: &str = "/login";
/// Where the link of a mail leads by which an address is verified, and where its code is typed.
pub const VERIFY_EMAIL: &str = "/verify-email";
pub const FORGOT_PASSWORD: &str = "/forgot-password";
pub const RESET_PASSWORD: &str = "/reset-password";
/// Where the link of a mail leads by which an address is changed.
pub const CHANGE_EMAIL: &str = "/change-email";
/// The target of the "this wasn't me" link of a notice.
pub const SECURE_ACCOUNT: &str = "/secure-account";
/// Under this is what is for developers alone.
pub const DEV: &str = "/dev/";
/// The emails that a developer's machine keeps instead of sending them.
pub const DEV_MAIL: &str = "/dev/mail";
/// Every component in every state.
pub const DEV_DESIGN: &str = "/dev/design";
/// The API's document, for readers. For developers, like all below [`DEV`].
pub const API_DOCS: &str = "/docs/api";
pub const ACCOUNT: &str = "/account";
pub const ACTIVITY: &str = "/account/activity";
pub const DEVICES: &str = "/account/sessions";
pub const SECURITY: &str = "/account/security";
pub const EMAIL: &str = "/account/email";
pub const CONFIRM: &str = "/account/confirm";
/// Where the choice of a language is sent, from every page.
pub const CHOOSE_LANGUAGE: &str = "/api/language";

/// Returns where a customer goes after signing in: to `next`, or to their account.
#[must_use]
pub fn after_sign_in(next: Option<&LocalPath>) -> &str {
    next.map_or(ACCOUNT, LocalPath::as_str)
}

/// Returns the page with the token of a link; the page alone if the text is not a token.
#[must_use]
pub fn with_token(page: &str, token: &str) -> String {
    if is_token(token) { format!("{page}?token={token}") } else { page.to_owned() }
}

/// Returns true if the text has the form of a token: base64url, which needs no encoding anywhere.
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The page at `path`, leading on to `next`, if anywhere. What would end the value or start another is encoded; the rest of a
/// [`LocalPath`] may stand in a query as it is (RFC 3986, 3.4).
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
    fn a_plain_path_is_readable_and_a_query_cannot_break_out() {
        let login = |next: &str| with_next(LOG_IN, LocalPath::parse(next).as_ref());
        assert_eq!(login("/account"), "/login?next=/account");
        assert_eq!(login("/a?b=c&next=//e"), "/login?next=/a%3Fb%3Dc%26next%3D//e");
        assert_eq!(with_next("/a?b=c", LocalPath::parse("/d").as_ref()), "/a?b=c&next=/d");
    }
}
