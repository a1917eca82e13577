//! The cookies between browser and server.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use cookie::{Cookie, SameSite};
use time::Duration;
use tower_sessions::session;
use zeroize::Zeroizing;

use super::{AppState, language};
use crate::accounts::{BrowserCookie, PendingSignupCookie, Tokens};

/// The names and attributes of the cookies. On https, the names have the `__Host-` prefix, which prevents other hosts
/// of the domain from setting them (RFC 6265bis, 4.1.3.2).
#[derive(Clone, Copy, Debug)]
pub struct AuthCookies {
    secure: bool,
    access: &'static str,
    refresh: &'static str,
    browser: &'static str,
    pending_signup: &'static str,
    form: &'static str,
}

/// The cookies of a request, not verified yet.
#[derive(Clone, Default)]
pub struct Presented {
    access: Option<Zeroizing<String>>,
    refresh: Option<Zeroizing<String>>,
    browser: Option<Zeroizing<String>>,
    pending_signup: Option<Zeroizing<String>>,
}

impl Presented {
    /// Returns the access token, a JWT that is not verified yet.
    #[must_use]
    pub fn access(&self) -> Option<&str> {
        self.access.as_ref().map(|token| token.as_str())
    }

    /// Returns the refresh token, not verified yet.
    #[must_use]
    pub fn refresh(&self) -> Option<&str> {
        self.refresh.as_ref().map(|token| token.as_str())
    }

    /// Returns the signed id of the browser, not verified yet.
    #[must_use]
    pub fn browser(&self) -> Option<&str> {
        self.browser.as_ref().map(|id| id.as_str())
    }

    /// Returns the ticket of a pending sign-up, not verified yet.
    #[must_use]
    pub fn pending_signup(&self) -> Option<&str> {
        self.pending_signup.as_ref().map(|ticket| ticket.as_str())
    }
}

impl AuthCookies {
    /// Returns the cookies for a site on https, or on http for tests and development.
    #[must_use]
    pub fn new(https: bool) -> Self {
        if https {
            Self {
                secure: true,
                access: "__Host-accessToken",
                refresh: "__Host-refreshToken",
                browser: "__Host-browser",
                pending_signup: "__Host-newcomer",
                form: "__Host-form",
            }
        } else {
            Self {
                secure: false,
                access: "accessToken",
                refresh: "refreshToken",
                browser: "browser",
                pending_signup: "newcomer",
                form: "form",
            }
        }
    }

    /// Returns the names of all cookies that Doorstep sets or reads.
    #[must_use]
    pub fn names(&self) -> [&'static str; 6] {
        [self.access, self.refresh, self.browser, self.pending_signup, self.form, language::COOKIE]
    }

    /// Returns the name of the cookie for a form's state, which is used for one redirect.
    #[must_use]
    pub fn form(&self) -> &'static str {
        self.form
    }

    /// Returns true if browsers send the cookies only over https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Reads the session's tokens, the browser's id and the ticket of a sign-up. If two cookies have the same name, the
    /// first counts: it has the longer path or is older (RFC 6265, 5.4).
    #[must_use]
    pub fn read(&self, headers: &HeaderMap) -> Presented {
        let mut presented = Presented::default();
        for (name, value) in pairs(headers) {
            let place = match str::from_utf8(name) {
                Ok(name) if name == self.access => &mut presented.access,
                Ok(name) if name == self.refresh => &mut presented.refresh,
                Ok(name) if name == self.browser => &mut presented.browser,
                Ok(name) if name == self.pending_signup => &mut presented.pending_signup,
                _ => continue,
            };
            // Another site of the domain may have set a malformed cookie; ours may follow it.
            if let Some(value) = text(value) {
                place.get_or_insert_with(|| Zeroizing::new(value.to_owned()));
            }
        }
        presented
    }

    /// Replaces the `Cookie` headers by one that contains the first well-formed cookie for each of our names. Libraries
    /// that read cookies drop a whole header if one byte of it is not UTF-8, and decode values that are not encoded.
    pub(super) fn keep_own(&self, headers: &mut HeaderMap) {
        let found = self.names().map(|own| {
            let named = pairs(headers).filter(|(name, _)| *name == own.as_bytes());
            let mut values = named.filter_map(|(_, value)| text(value));
            let value = values.find(|value| own != self.form || value.parse::<session::Id>().is_ok())?;
            Some(format!("{own}={value}"))
        });
        headers.remove(header::COOKIE);
        let found = Zeroizing::new(found.into_iter().flatten().collect::<Vec<_>>().join("; "));
        if let Some(mut cookies) = HeaderValue::from_str(&found).ok().filter(|cookies| !cookies.is_empty()) {
            cookies.set_sensitive(true);
            headers.insert(header::COOKIE, cookies);
        }
    }

    /// Returns the cookies of a session, and the cookie of the browser if it has just logged in.
    #[must_use]
    pub fn set(&self, tokens: &Tokens) -> Vec<HeaderValue> {
        let mut cookies = vec![
            self.header(self.access, &tokens.access, seconds(tokens.access_max_age)),
            self.header(self.refresh, &tokens.refresh.expose(), seconds(tokens.refresh_max_age)),
        ];
        cookies.extend(tokens.browser.as_ref().map(|browser| self.set_browser(browser)));
        cookies
    }

    /// Returns the cookie that makes a browser known.
    #[must_use]
    pub fn set_browser(&self, browser: &BrowserCookie) -> HeaderValue {
        self.header(self.browser, &browser.value, seconds(browser.max_age))
    }

    /// Returns the headers that clear the session's cookies. The browser remains known.
    #[must_use]
    pub fn clear(&self) -> Vec<HeaderValue> {
        vec![self.header(self.access, "", Duration::ZERO), self.header(self.refresh, "", Duration::ZERO)]
    }

    /// Returns the cookie of a sign-up in this browser.
    #[must_use]
    pub fn set_pending_signup(&self, cookie: &PendingSignupCookie) -> HeaderValue {
        self.header(self.pending_signup, &cookie.value, seconds(cookie.max_age))
    }

    /// Returns the header that clears the cookie of a sign-up.
    #[must_use]
    pub fn clear_pending_signup(&self) -> HeaderValue {
        self.header(self.pending_signup, "", Duration::ZERO)
    }

    /// Gives the cookie of a form's state, where the layer of its session clears it, the attributes with which it was
    /// set: browsers ignore a `__Host-` cookie without them.
    fn complete_cleared_form(&self, headers: &mut HeaderMap) {
        let is_cleared = |cookie: &HeaderValue| {
            let value = cookie.as_bytes().strip_prefix(self.form.as_bytes());
            value.is_some_and(|value| value.starts_with(b"=;"))
        };
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
        if cookies.iter().any(is_cleared) {
            headers.remove(header::SET_COOKIE);
            for cookie in cookies {
                let cookie = if is_cleared(&cookie) { self.set_form("", Duration::ZERO) } else { cookie };
                headers.append(header::SET_COOKIE, cookie);
            }
        }
    }

    /// Returns the cookie with the id of a form's state.
    pub(super) fn set_form(&self, id: &str, max_age: Duration) -> HeaderValue {
        self.header(self.form, id, max_age)
    }

    fn header(&self, name: &str, value: &str, max_age: Duration) -> HeaderValue {
        let cookie = Cookie::build((name, value))
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .path("/")
            .max_age(max_age)
            .to_string();
        let mut header = HeaderValue::try_from(cookie)
            .unwrap_or_else(|_| unreachable!("tokens are base64url, and so is everything else here plain ASCII"));
        header.set_sensitive(true);
        header
    }
}

/// Removes all cookies but our own from a request.
pub(super) async fn keep_own(State(state): State<AppState>, mut request: Request) -> Request {
    state.cookies.keep_own(request.headers_mut());
    request
}

/// Completes the cookie of a form's state that a response clears.
pub(super) async fn complete_cleared_form(State(state): State<AppState>, mut response: Response) -> Response {
    state.cookies.complete_cleared_form(response.headers_mut());
    response
}

/// Returns the name and value of each cookie in a request, in order and not decoded. A cookie of another site of the
/// domain can contain any bytes; it does not affect the cookies next to it.
pub(super) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    let headers = headers.get_all(header::COOKIE).iter();
    headers.flat_map(|value| value.as_bytes().split(|&b| b == b';')).filter_map(|pair| {
        let end = pair.iter().position(|&b| b == b'=')?;
        Some((pair[..end].trim_ascii(), pair[end + 1..].trim_ascii()))
    })
}

/// Returns a cookie's value as text, or `None` if it has characters that our cookies never have (RFC 6265, 4.1.1).
fn text(value: &[u8]) -> Option<&str> {
    str::from_utf8(value).ok().filter(|value| value.bytes().all(|b| b.is_ascii_graphic()))
}

fn seconds(duration: std::time::Duration) -> Duration {
    Duration::seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    fn headers(values: &[&[u8]]) -> HeaderMap {
        values.iter().map(|value| (header::COOKIE, HeaderValue::from_bytes(value).unwrap())).collect()
    }

    #[test]
    fn n21_foreign_cookies_of_any_bytes_do_not_hide_our_cookies() {
        for foreign in
            ["city=München".as_bytes(), b"city=M\xfcnchen", b"\xff\xfe", b"a=%ff%", b"\"=\"", b"accessToken=\xff"]
        {
            let ours = b"accessToken=a.b.c; refreshToken=r; browser=b; newcomer=n".as_slice();
            for line in [[foreign, b"; ", ours].concat(), [ours, b";", foreign].concat()] {
                let presented = AuthCookies::new(false).read(&headers(&[&line]));
                assert_eq!(presented.access(), Some("a.b.c"), "{foreign:?}");
                assert_eq!(presented.refresh(), Some("r"), "{foreign:?}");
                assert_eq!(presented.browser(), Some("b"), "{foreign:?}");
                assert_eq!(presented.pending_signup(), Some("n"), "{foreign:?}");
            }
        }
    }

    #[test]
    fn of_two_cookies_of_one_name_the_first_that_is_well_formed_counts() {
        for sent in
            ["accessToken=a; accessToken=b", "accessToken=x y; accessToken=a", "accessToken=\u{fc}; accessToken=a"]
        {
            assert_eq!(AuthCookies::new(false).read(&headers(&[sent.as_bytes()])).access(), Some("a"), "{sent}");
        }
    }

    #[test]
    fn g2_cookies_are_marked_as_secrets_so_that_no_library_logs_them() {
        let cookies = AuthCookies::new(true);
        assert!(cookies.clear().iter().all(HeaderValue::is_sensitive));
        assert!(cookies.set_form(STATE, Duration::MINUTE).is_sensitive());
        let mut passed = headers(&[b"__Host-refreshToken=r"]);
        cookies.keep_own(&mut passed);
        assert!(passed[header::COOKIE].is_sensitive());
    }

    #[test]
    fn n21_only_our_own_well_formed_cookies_are_passed_on() {
        let form = format!("form={STATE}");
        for (sent, passed) in [
            (vec!["city=München".as_bytes(), form.as_bytes()], form.as_str()),
            (
                vec![b"form=foreign; form=%41; ".as_slice(), form.as_bytes(), b"form=BAAAAAAAAAAAAAAAAAAAAA"],
                form.as_str(),
            ),
            (
                vec![b"language=id; a=b; accessToken= a.b%2Ec ;refreshToken=r".as_slice()],
                "accessToken=a.b%2Ec; refreshToken=r; language=id",
            ),
            (vec![b"browser=x y; browser=\xff; browser=z; browser=w".as_slice()], "browser=z"),
        ] {
            let mut headers = headers(&sent);
            AuthCookies::new(false).keep_own(&mut headers);
            assert_eq!(headers.get_all(header::COOKIE).iter().collect::<Vec<_>>(), [passed]);
        }
        let mut nothing = headers(&[b"form=x; other=y"]);
        AuthCookies::new(false).keep_own(&mut nothing);
        assert!(nothing.is_empty());
    }
}
