//! The security headers of responses (ASVS 5.0, 3.4).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use leptos::config::LeptosOptions;

use super::page::{HeaderOrigin, Policy};

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];
/// The policy of everything except pages: it loads nothing, and cannot be framed.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Two years, as browsers recommend.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Adds the security headers to a response, and prevents caching of private ones. `is_https` is true if the site is
/// reached over https.
pub(super) fn defend(is_https: bool, headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING));
    // Assets set their own cache policy. All other responses may be private.
    if !headers.contains_key(header::CACHE_CONTROL) || headers.contains_key(header::SET_COOKIE) {
        headers.insert(header::CACHE_CONTROL, NO_STORE);
    }
}

/// Adds the header that lets a browser fetch the page's files before it has read the page (W3C, Preload).
pub(super) fn preload(headers: &mut HeaderMap, options: &LeptosOptions, islands: bool) {
    let package = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    let mut links = format!("<{package}.css>; rel=preload; as=style");
    if islands {
        links = format!("{links}, <{package}.wasm>; rel=preload; as=fetch; type=application/wasm; crossorigin");
    }
    if let Ok(links) = HeaderValue::try_from(links) {
        headers.insert(header::LINK, links);
    }
}

/// Returns the policy of a page whose scripts carry `nonce`; `development` allows the page to connect to the watcher.
pub(super) fn page_policy(nonce: &str, development: bool, Policy { form_action, frame_src }: &Policy) -> String {
    let origins =
        |origins: &[HeaderOrigin]| origins.iter().fold(String::new(), |list, origin| list + " " + origin.as_str());
    let form_action = origins(form_action);
    let frames = if frame_src.is_empty() { String::new() } else { format!("frame-src{}; ", origins(frame_src)) };
    let connect = if development { "connect-src 'self' ws:" } else { "connect-src 'self'" };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         {connect}; img-src 'self'; font-src 'self'; manifest-src 'self'; {frames}form-action 'self'{form_action}; \
         base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
}

/// Returns the nonce in a policy of [`page_policy`].
pub(super) fn nonce_of(policy: &HeaderValue) -> Option<&str> {
    policy.to_str().ok()?.split_once("'nonce-")?.1.split_once('\'').map(|(nonce, _)| nonce)
}

/// Returns the policy of a page without scripts.
pub(super) fn still_page_policy() -> HeaderValue {
    HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_name_other_origins_for_its_forms_and_frames_and_nothing_else() {
        let origin = |url: &str| HeaderOrigin::of(&url.parse().unwrap());
        let policy = Policy {
            form_action: vec![origin("https://login.example/path?a=b").unwrap()],
            frame_src: vec![origin("https://pay.example:8443/").unwrap()],
        };
        let header = page_policy("abc", false, &policy);
        assert!(header.contains("form-action 'self' https://login.example;"), "{header}");
        assert!(header.contains("frame-src https://pay.example:8443;"), "{header}");
        assert!(!page_policy("abc", false, &Policy::default()).contains("frame-src"));
        assert_eq!(origin("data:text/html,;script-src *"), None);
    }

    #[test]
    fn an_answer_that_sets_a_cookie_is_never_cached_whatever_its_own_header_says() {
        for (sets_cookie, kept) in [(false, "max-age=60"), (true, "no-store")] {
            let mut headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"))]);
            if sets_cookie {
                headers.insert(header::SET_COOKIE, HeaderValue::from_static("a=b"));
            }
            defend(true, &mut headers);
            assert_eq!(headers[header::CACHE_CONTROL], kept);
        }
    }
}
