//! The cookies of a request: each has a value from the header, the first of its name counts, cookies of http do not
//! count for https, and cookies of other applications hide none of them.

use axum::http::{HeaderMap, HeaderValue, header};
use doorstep::web::cookies::AuthCookies;

/// Checks the cookies of a request. Each line of `input` is a `Cookie` header.
pub fn cookies(input: &[u8]) {
    let lines: Vec<HeaderValue> =
        input.split(|&b| b == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let headers: HeaderMap = lines.iter().map(|line| (header::COOKIE, line.clone())).collect();
    for (https, prefix) in [(false, ""), (true, "__Host-")] {
        let presented = AuthCookies::new(https).read(&headers);
        for (name, value) in [
            ("accessToken", presented.access()),
            ("refreshToken", presented.refresh()),
            ("browser", presented.browser()),
        ] {
            assert_eq!(value, first(&lines, &format!("{prefix}{name}")), "{prefix}{name}");
        }
    }
}

/// Returns the value of the first cookie of this name with a valid value: ASCII without white space (RFC 6265, 4.2.1).
/// Written as simply as possible.
fn first<'a>(lines: &'a [HeaderValue], name: &str) -> Option<&'a str> {
    let pairs = lines.iter().flat_map(|line| line.as_bytes().split(|&b| b == b';'));
    pairs
        .filter_map(|pair| str::from_utf8(pair.trim_ascii()).ok()?.split_once('='))
        .find(|(found, value)| found.trim_ascii() == name && value.trim_ascii().bytes().all(|b| (33..127).contains(&b)))
        .map(|(_, value)| value.trim_ascii())
}
