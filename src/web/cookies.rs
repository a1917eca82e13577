//! The cookies that carry a session between browser and server.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
};
use cookie::{Cookie, SameSite};
use time::Duration;
use tower_sessions::session;
use zeroize::Zeroizing;

use super::{AppState, language};
use crate::accounts::{BrowserCookie, NewcomerCookie, Tokens};

/// The names and attributes of the auth cookies. On https they carry the `__Host-` prefix, which keeps every other
/// host of the domain from setting them (RFC 6265bis, 4.1.3.2).
#[derive(Clone, Copy, Debug)]
pub struct AuthCookies {
    secure: bool,
    access: &'static str,
    refresh: &'static str,
    browser: &'static str,
    newcomer: &'static str,
    form: &'static str,
}

/// What a request brought along, not yet believed.
#[derive(Clone, Default)]
pub struct Presented {
    access: Option<Zeroizing<String>>,
    refresh: Option<Zeroizing<String>>,
    browser: Option<Zeroizing<String>>,
    newcomer: Option<Zeroizing<String>>,
}

impl Presented {
    /// A JWT, if the client says the truth.
    #[must_use]
    pub fn access(&self) -> Option<&str> {
        self.access.as_ref().map(|token| token.as_str())
    }

    /// A refresh token, if the client says the truth.
    #[must_use]
    pub fn refresh(&self) -> Option<&str> {
        self.refresh.as_ref().map(|token| token.as_str())
    }

    /// A browser's signed id, if the client says the truth.
    #[must_use]
    pub fn browser(&self) -> Option<&str> {
        self.browser.as_ref().map(|id| id.as_str())
    }

    /// The ticket of somebody who signed up and has yet to verify their address, if the client says the truth.
    #[must_use]
    pub fn newcomer(&self) -> Option<&str> {
        self.newcomer.as_ref().map(|ticket| ticket.as_str())
    }
}

impl AuthCookies {
    /// For a site on https, or on http for tests and development.
    #[must_use]
    pub fn new(https: bool) -> Self {
        if https {
            Self {
                secure: true,
                access: "__Host-accessToken",
                refresh: "__Host-refreshToken",
                browser: "__Host-browser",
                newcomer: "__Host-newcomer",
                form: "__Host-form",
            }
        } else {
            Self {
                secure: false,
                access: "accessToken",
                refresh: "refreshToken",
                browser: "browser",
                newcomer: "newcomer",
                form: "form",
            }
        }
    }

    /// The name of the cookie for the state of a form, which lives for one step.
    #[must_use]
    pub fn form(&self) -> &'static str {
        self.form
    }

    /// Whether browsers send the cookies over https alone.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Reads the tokens, and the browser's id. Of two cookies of one name the first counts, which is the one with the
    /// longer path or the older one (RFC 6265, 5.4).
    #[must_use]
    pub fn read(&self, headers: &HeaderMap) -> Presented {
        let mut presented = Presented::default();
        for (name, value) in pairs(headers) {
            let place = match str::from_utf8(name) {
                Ok(name) if name == self.access => &mut presented.access,
                Ok(name) if name == self.refresh => &mut presented.refresh,
                Ok(name) if name == self.browser => &mut presented.browser,
                Ok(name) if name == self.newcomer => &mut presented.newcomer,
                _ => continue,
            };
            // What is no text of ours was set by somebody else; ours may follow.
            if let Some(value) = text(value) {
                place.get_or_insert_with(|| Zeroizing::new(value.to_owned()));
            }
        }
        presented
    }

    /// Replaces the `Cookie` headers by one with the first well-formed cookie of each of our names. Libraries that read
    /// cookies lose all of a header when one byte of it is not UTF-8, and decode what is not encoded.
    pub(super) fn keep_own(&self, headers: &mut HeaderMap) {
        let own = [self.access, self.refresh, self.browser, self.newcomer, self.form, language::COOKIE];
        let found = own.map(|own| {
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

    /// Sets the cookies of a session, and that of a browser that has just signed in.
    #[must_use]
    pub fn set(&self, tokens: &Tokens) -> Vec<HeaderValue> {
        let mut cookies = vec![
            self.header(self.access, &tokens.access, seconds(tokens.access_max_age)),
            self.header(self.refresh, &tokens.refresh.expose(), seconds(tokens.refresh_max_age)),
        ];
        cookies.extend(tokens.browser.as_ref().map(|browser| self.set_browser(browser)));
        cookies
    }

    /// Sets the cookie of a browser that is known from now on.
    #[must_use]
    pub fn set_browser(&self, browser: &BrowserCookie) -> HeaderValue {
        self.header(self.browser, &browser.value, seconds(browser.max_age))
    }

    /// Clears the cookies of a session. The browser stays the one it is.
    #[must_use]
    pub fn clear(&self) -> Vec<HeaderValue> {
        vec![self.header(self.access, "", Duration::ZERO), self.header(self.refresh, "", Duration::ZERO)]
    }

    /// Sets the cookie of a browser in which somebody signed up.
    #[must_use]
    pub fn set_newcomer(&self, cookie: &NewcomerCookie) -> HeaderValue {
        self.header(self.newcomer, &cookie.value, seconds(cookie.max_age))
    }

    /// Clears it: nobody in this browser is a newcomer any more.
    #[must_use]
    pub fn clear_newcomer(&self) -> HeaderValue {
        self.header(self.newcomer, "", Duration::ZERO)
    }

    /// Sets the cookie that leads to the state of a form.
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

/// Passes a request on with our own cookies alone.
pub(super) async fn keep_own(State(state): State<AppState>, mut request: Request) -> Request {
    state.cookies.keep_own(request.headers_mut());
    request
}

/// Returns the cookies of a request as they stand in its headers, in their order and without decoding anything. A cookie of
/// the shop may hold any bytes; it spoils none of its neighbours.
pub(super) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    let headers = headers.get_all(header::COOKIE).iter();
    headers.flat_map(|value| value.as_bytes().split(|&b| b == b';')).filter_map(|pair| {
        let end = pair.iter().position(|&b| b == b'=')?;
        Some((pair[..end].trim_ascii(), pair[end + 1..].trim_ascii()))
    })
}

/// Returns a cookie's value as text, if it is one that a cookie of ours can have (RFC 6265, 4.1.1).
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
    fn n21_foreign_cookies_of_any_bytes_hide_none_of_ours() {
        for foreign in
            ["city=München".as_bytes(), b"city=M\xfcnchen", b"\xff\xfe", b"a=%ff%", b"\"=\"", b"accessToken=\xff"]
        {
            let ours = b"accessToken=a.b.c; refreshToken=r; browser=b; newcomer=n".as_slice();
            for line in [[foreign, b"; ", ours].concat(), [ours, b";", foreign].concat()] {
                let presented = AuthCookies::new(false).read(&headers(&[&line]));
                assert_eq!(presented.access(), Some("a.b.c"), "{foreign:?}");
                assert_eq!(presented.refresh(), Some("r"), "{foreign:?}");
                assert_eq!(presented.browser(), Some("b"), "{foreign:?}");
                assert_eq!(presented.newcomer(), Some("n"), "{foreign:?}");
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
    fn n21_only_well_formed_cookies_of_ours_are_passed_on() {
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
