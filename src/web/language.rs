//! In which language somebody is answered: in the one they chose here, in that of their account, or in the first of their
//! browser's that Doorstep speaks (RFC 9110, 12.5.4).

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use time::Duration;

use crate::domain::Language;

/// The cookie that remembers a choice. It is no secret, and has the same name everywhere.
const COOKIE: &str = "language";
/// How long it is remembered.
const REMEMBERED: Duration = Duration::days(365);

/// The language of a request by itself.
pub(super) fn of(headers: &HeaderMap) -> Language {
    known(headers).unwrap_or_default()
}

/// The language that a request asks for, by a choice or by its browser; `None` if it asks for none that is spoken here.
pub(super) fn known(headers: &HeaderMap) -> Option<Language> {
    chosen(headers).or_else(|| spoken(headers))
}

/// The one that was chosen in this browser, if one was.
pub(super) fn chosen(headers: &HeaderMap) -> Option<Language> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies = texts.flat_map(Cookie::split_parse).flatten();
    cookies.filter(|cookie| cookie.name() == COOKIE).find_map(|cookie| Language::parse(cookie.value()))
}

/// The first of the browser's own that Doorstep speaks, or the default.
pub(super) fn accepted(headers: &HeaderMap) -> Language {
    spoken(headers).unwrap_or_default()
}

fn spoken(headers: &HeaderMap) -> Option<Language> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept_language::parse(accepted).iter().find_map(|tag| Language::of_tag(tag))
}

/// Remembers `language` in this browser.
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
    fn a_browser_is_answered_in_the_first_of_its_languages_that_is_spoken() {
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
    fn n28_a_browser_that_asks_for_no_language_of_ours_asks_for_none() {
        let known = |accept: &str| known(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accept.parse().unwrap())]));
        assert_eq!(known("de, in;q=0.5"), Some(Language::Indonesian));
        assert_eq!(known("en"), Some(Language::English));
        for accept in ["", "*", "de"] {
            assert_eq!(known(accept), None, "{accept}");
        }
        assert_eq!(super::known(&HeaderMap::new()), None);
    }

    #[test]
    fn what_was_chosen_comes_before_what_the_browser_likes() {
        assert_eq!(answered("en", "a=b; language=id"), Language::Indonesian);
        assert_eq!(answered("id", "language=en"), Language::English);
        assert_eq!(answered("id", "language=xx"), Language::Indonesian);
        assert_eq!(answered("id", "language"), Language::Indonesian);
    }
}
