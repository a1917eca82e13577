//! The cookies that carry a session between browser and server.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use time::Duration;
use zeroize::Zeroizing;

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
        let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        for cookie in texts.flat_map(Cookie::split_parse).flatten() {
            let place = match cookie.name() {
                name if name == self.access => &mut presented.access,
                name if name == self.refresh => &mut presented.refresh,
                name if name == self.browser => &mut presented.browser,
                name if name == self.newcomer => &mut presented.newcomer,
                _ => continue,
            };
            place.get_or_insert_with(|| Zeroizing::new(cookie.value().to_owned()));
        }
        presented
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

fn seconds(duration: std::time::Duration) -> Duration {
    Duration::seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}
