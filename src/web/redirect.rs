//! Redirects to another page.

use axum::{
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use crate::{domain::LocalPath, ui::routes};

/// Returns a 303, which browsers follow with a GET (RFC 9110, 15.4.4). `target` is a path on this site.
pub(super) fn see_other(target: &str) -> Response {
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static(routes::HOME));
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

/// Returns a 308 to the same path without trailing slashes, with its query. Returns `None` if the path has none, or if
/// the rest could lead to another site (`//evil.test/`).
pub(super) fn without_trailing_slash(uri: &Uri) -> Option<Response> {
    let path = uri.path().strip_suffix('/')?.trim_end_matches('/');
    let path = LocalPath::parse(path)?;
    let target = match uri.query() {
        Some(query) => format!("{}?{query}", path.as_str()),
        None => path.as_str().to_owned(),
    };
    let mut target = HeaderValue::from_str(&target).ok()?;
    // It can contain the token of a link.
    target.set_sensitive(true);
    Some((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(uri: &str) -> Option<String> {
        let response = without_trailing_slash(&uri.parse().ok()?)?;
        Some(response.headers()[header::LOCATION].to_str().unwrap().to_owned())
    }

    #[test]
    fn n26_a_trailing_slash_leads_to_the_path_without_it_and_never_elsewhere() {
        for (uri, to) in [
            ("/account/", Some("/account")),
            ("/account///", Some("/account")),
            ("/login/?next=/a/&x=%0d%0a", Some("/login?next=/a/&x=%0d%0a")),
            ("/login/?", Some("/login?")),
            ("/", None),
            ("//", None),
            ("/account", None),
            ("/account?x=/", None),
            ("//evil.test/", None),
            ("///evil.test//", None),
            ("/%2fevil.test/", None),
            ("/%5cevil.test/", None),
            ("/%09/evil.test/", None),
            ("http://evil.test/account/", Some("/account")),
            ("http://shop.test//evil.test/", None),
        ] {
            assert_eq!(target(uri).as_deref(), to, "{uri}");
        }
    }

    #[test]
    fn g2_where_it_leads_is_marked_as_a_secret() {
        let response = without_trailing_slash(&Uri::from_static("/reset-password/?token=x")).unwrap();
        assert!(response.headers()[header::LOCATION].is_sensitive());
    }

    proptest! {
        #[test]
        fn n26_no_path_with_a_trailing_slash_leads_to_another_origin(path in r"/[/%a-z0-9:.@?#;,-]{0,24}/") {
            if let Some(target) = target(&path) {
                let base = url::Url::parse("https://shop.test/login").unwrap();
                prop_assert_eq!(base.join(&target).unwrap().origin(), base.origin());
            }
        }
    }
}
