//! The language of a response: the one chosen in this browser, that of the account, or the first supported one that the
//! browser prefers (RFC 9110, 12.5.4).

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use time::Duration;

use super::cookies;
use crate::domain::Language;

/// The cookie with the chosen language. It is not secret, and its name is the same on http and https.
pub(super) const COOKIE: &str = "language";
/// The maximum number of `Accept-Language` ranges that are read. Browsers send a few.
const MAX_RANGES: usize = 64;
/// The weight of a range without one, in thousandths.
const MAX_WEIGHT: u16 = 1000;
/// The lifetime of the cookie.
const REMEMBERED: Duration = Duration::days(365);

/// Returns the language of a request, without regard to the account.
pub(super) fn of(headers: &HeaderMap) -> Language {
    known(headers).unwrap_or_default()
}

/// Returns the language chosen in this browser or preferred by it, or `None` if it prefers none that is supported.
pub(super) fn known(headers: &HeaderMap) -> Option<Language> {
    chosen(headers).or_else(|| spoken(headers))
}

/// Returns the language chosen in this browser, if any.
pub(super) fn chosen(headers: &HeaderMap) -> Option<Language> {
    cookies::pairs(headers).filter(|(name, _)| *name == COOKIE.as_bytes()).find_map(|(_, value)| parse(value))
}

/// Returns the supported language that the browser prefers, or the default.
pub(super) fn accepted(headers: &HeaderMap) -> Language {
    spoken(headers).unwrap_or_default()
}

/// Returns the supported language that the browser prefers, or `None` if it accepts none. Of ranges with equal weight,
/// the first counts.
fn spoken(headers: &HeaderMap) -> Option<Language> {
    let ranges =
        headers.get_all(header::ACCEPT_LANGUAGE).iter().flat_map(|value| value.as_bytes().split(|&b| b == b','));
    let spoken = ranges.take(MAX_RANGES).filter_map(|range| {
        let mut parts = range.split(|&b| b == b';').map(<[u8]>::trim_ascii);
        // A regional variant of a language is treated as the language.
        let tag = str::from_utf8(parts.next()?).ok()?;
        let weight = parts.next().map_or(MAX_WEIGHT, weight);
        Some((Language::of_tag(tag)?, weight))
    });
    let wanted = spoken.filter(|(_, weight)| *weight > 0);
    wanted.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(language, _)| language)
}

fn parse(code: &[u8]) -> Option<Language> {
    Language::parse(str::from_utf8(code).ok()?)
}

/// Parses a weight in thousandths (RFC 9110, 12.4.2). A malformed one (`q=NaN`, `q=x`) counts as the lowest.
fn weight(parameter: &[u8]) -> u16 {
    let digits = parameter.strip_prefix(b"q=").or(parameter.strip_prefix(b"Q="));
    let weight = digits.and_then(|digits| match digits {
        [b'1'] | [b'1', b'.'] => Some(MAX_WEIGHT),
        [b'1', b'.', zeros @ ..] if zeros.iter().all(|&b| b == b'0') => Some(MAX_WEIGHT),
        [b'0'] => Some(0),
        [b'0', b'.', decimals @ ..] if decimals.iter().all(u8::is_ascii_digit) => {
            let digit = |place: usize| decimals.get(place).map_or(0, |digit| u16::from(digit - b'0'));
            Some(100 * digit(0) + 10 * digit(1) + digit(2))
        }
        _ => None,
    });
    weight.unwrap_or(1)
}

/// Returns the cookie that stores `language` in this browser.
pub(super) fn cookie(language: Language, secure: bool) -> HeaderValue {
    let cookie = Cookie::build((COOKIE, language.code()))
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .path("/")
        .max_age(REMEMBERED)
        .to_string();
    HeaderValue::try_from(cookie).unwrap_or_else(|_| unreachable!("every part of it is plain ASCII"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(accept: &str, cookies: &str) -> Language {
        of(&HeaderMap::from_iter([
            (header::ACCEPT_LANGUAGE, accept.parse().unwrap()),
            (header::COOKIE, cookies.parse().unwrap()),
        ]))
    }

    #[test]
    fn a_browser_is_answered_in_its_preferred_supported_language() {
        for (accept, language) in [
            ("id", Language::Indonesian),
            ("id-ID,id;q=0.9,en-US;q=0.8", Language::Indonesian),
            ("de, id;q=0.5, en;q=0.4", Language::Indonesian),
            ("en-GB, id;q=0.5", Language::English),
            ("id;q=0.3, en;q=0.9", Language::English),
            ("in-ID,in;q=0.9,en;q=0.8", Language::Indonesian),
            ("de", Language::English),
            ("", Language::English),
            ("*;q=x,,;;", Language::English),
        ] {
            assert_eq!(answered(accept, ""), language, "{accept}");
        }
        assert_eq!(of(&HeaderMap::new()), Language::English);
    }

    #[test]
    fn t2_no_script_reads_the_language_cookie_and_on_https_it_is_sent_only_over_https() {
        for (secure, attribute) in [(true, " Secure;"), (false, "")] {
            let expected = format!("language=id; HttpOnly; SameSite=Lax;{attribute} Path=/; Max-Age=31536000");
            assert_eq!(cookie(Language::Indonesian, secure), expected);
        }
    }

    #[test]
    fn n28_a_browser_that_asks_for_no_supported_language_has_no_known_language() {
        let known = |accept: &str| known(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accept.parse().unwrap())]));
        assert_eq!(known("de, in;q=0.5"), Some(Language::Indonesian));
        assert_eq!(known("en"), Some(Language::English));
        for accept in ["", "*", "de", "id;q=0", "id;q=0.000, de"] {
            assert_eq!(known(accept), None, "{accept}");
        }
        assert_eq!(super::known(&HeaderMap::new()), None);
    }

    #[test]
    fn n14_no_accept_language_header_panics_whatever_its_weights_are() {
        let many = |range: &str| vec![range; 21].join(",");
        for (accept, language) in [
            (many("en;q=NaN"), Language::English),
            (format!("{},id;q=0.5", many("en;q=NaN")), Language::Indonesian),
            (format!("id;q=NaN,{}", many("de;q=0.9")), Language::Indonesian),
            (format!("{},id", many("en;q=inf")), Language::Indonesian),
            (format!("{},id;q=0.001", many("de;q=-1")), Language::Indonesian),
            ("en;q=0.0,id;q=0.1".to_owned(), Language::Indonesian),
            ("en;q=0,id;q=0".to_owned(), Language::English),
            ("id;q=1.000,en;q=1".to_owned(), Language::Indonesian),
            ("en;q=0.8999,id;q=0.9".to_owned(), Language::Indonesian),
            ("en ; Q=0.1 , id ; q=0.2".to_owned(), Language::Indonesian),
            (format!("{},id", many("de;q=")), Language::Indonesian),
            (format!("{},id", vec!["de"; 10_000].join(",")), Language::English),
        ] {
            assert_eq!(answered(&accept, ""), language, "{accept:.80}");
        }
    }

    #[test]
    fn n21_the_language_is_read_from_headers_and_cookies_with_bytes_outside_ascii() {
        let headers = |name, value: &[u8]| HeaderMap::from_iter([(name, HeaderValue::from_bytes(value).unwrap())]);
        let spoken = |value: &[u8]| of(&headers(header::ACCEPT_LANGUAGE, value));
        assert_eq!(spoken("türkçe, id".as_bytes()), Language::Indonesian);
        assert_eq!(spoken(b"\xe9\xff;q=\xff, id;q=0.5"), Language::Indonesian);
        for neighbour in ["city=München".as_bytes(), b"city=M\xfcnchen", b"%ff", b"=", b"language=\xff"] {
            let before = [neighbour, b"; language=id"].concat();
            let after = [b"language=id; ", neighbour].concat();
            assert_eq!(chosen(&headers(header::COOKIE, &before)), Some(Language::Indonesian));
            assert_eq!(chosen(&headers(header::COOKIE, &after)), Some(Language::Indonesian));
        }
    }

    #[test]
    fn the_chosen_language_takes_precedence_over_those_of_the_browser() {
        assert_eq!(answered("en", "a=b; language=id"), Language::Indonesian);
        assert_eq!(answered("id", "language=en"), Language::English);
        assert_eq!(answered("id", "language=xx"), Language::Indonesian);
        assert_eq!(answered("id", "language"), Language::Indonesian);
    }
}
