//! Bodies: parsing yields one plain text per plain name, and the same fields survive a round trip as JSON and as a
//! form.

use std::collections::HashSet;

use axum::http::{HeaderMap, HeaderValue, header};
use doorstep::web::edge::body::{Body, Kind};
use serde_json::{Map, Value};

/// Checks a body. The first line of `input` is the `Content-Type`, and the rest is the body.
pub fn body(input: &[u8]) {
    let end = input.iter().position(|&b| b == b'\n').unwrap_or(input.len());
    let (first, body) = (&input[..end], input.get(end + 1..).unwrap_or_default());
    let mut headers = HeaderMap::new();
    if let Some(value) = Some(first).filter(|first| !first.is_empty()) {
        let Ok(value) = HeaderValue::from_bytes(value) else { return };
        headers.insert(header::CONTENT_TYPE, value);
    }
    let Ok(kind) = Kind::of(&headers) else { return };
    match Body::read(kind, body) {
        Ok(fields) => {
            assert!(kind != Kind::Unnamed || body.is_empty(), "a body of no type was read");
            says_the_same_again(&fields);
            if kind == Kind::Json && !body.is_empty() {
                says_what_it_said(&fields, body);
            }
        }
        Err(error) => assert!((400..500).contains(&error.status()), "{error:?}"),
    }
}

/// Checks that the fields stay the same when they are written as a form and as JSON, and parsed again.
fn says_the_same_again(fields: &Body<'_>) {
    let form = fields.to_form();
    let again = Body::read(Kind::Form, form.as_bytes()).unwrap_or_else(|error| panic!("{form}: {error:?}"));
    assert_eq!(again.to_form(), form);

    let names: Vec<&str> =
        form.split('&').filter_map(|pair| pair.split('=').next()).filter(|n| !n.is_empty()).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "twice: {form}");
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')), "{form}");

    let object: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), Value::String(fields.text(name).to_owned()))).collect();
    let json = serde_json::to_vec(&object).unwrap();
    let again = Body::read(Kind::Json, &json).unwrap_or_else(|error| panic!("{form}: {error:?}"));
    for name in names {
        assert_eq!(again.text(name), fields.text(name));
    }
}

/// Checks that another JSON parser finds the same texts, for names that occur once.
fn says_what_it_said(fields: &Body<'_>, body: &[u8]) {
    // That parser rejects deep nesting and large numbers, which this program skips.
    let Ok(object) = serde_json::from_slice::<Map<String, Value>>(body) else { return };
    let is_once = |name: &str| fields.pairs().iter().filter(|(other, _)| other == name).count() == 1;
    for (name, value) in object.iter().filter(|(name, _)| is_once(name)) {
        assert!(fields.text(name) == value.as_str().unwrap_or_default(), "{name}");
    }
}
