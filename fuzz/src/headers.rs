//! The headers of a request: any content can be read, and the result is plain text.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use doorstep::web::request_headers::{READ, read};

/// Checks the headers of a request. Each line of `input` is a header, `Name: value`. Ignores those that the program
/// does not read.
pub fn headers(input: &[u8]) {
    let lines = input.split(|&b| b == b'\n').filter_map(|line| {
        let end = line.iter().position(|&b| b == b':')?;
        let name = str::from_utf8(&line[..end]).ok()?.to_ascii_lowercase();
        let name = READ.into_iter().find(|read| *read == name)?;
        Some((HeaderName::from_static(name), HeaderValue::from_bytes(line[end + 1..].trim_ascii()).ok()?))
    });
    let headers: HeaderMap = lines.collect();
    let understood = read(headers.clone());
    if !headers.contains_key("x-forwarded-for") {
        assert_eq!(understood.client.address.to_string(), "10.0.0.1", "an address was made up");
    }
    if !headers.contains_key(header::ACCEPT) {
        assert!(!understood.wants_page);
    }
    // At most one cookie header, which any library reads the same way.
    let cookies: Vec<_> = understood.cookies.get_all(header::COOKIE).iter().collect();
    assert!(cookies.len() <= 1);
    for cookie in cookies.iter().flat_map(|value| value.to_str().unwrap().split("; ")) {
        let (name, value) = cookie.split_once('=').unwrap();
        assert!(["accessToken", "refreshToken", "browser", "newcomer", "form", "language"].contains(&name), "{cookie}");
        assert!(value.bytes().all(|b| b.is_ascii_graphic() && b != b';'), "{cookie}");
    }
}
