//! Request bodies: JSON or a form, read into the same list of fields.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use percent_encoding::percent_decode;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::api::ErrorCode;

/// The maximum number of fields in a body, including unknown ones. The longest form of the API has six.
const MAX_FIELDS: usize = 32;

/// The format of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Json,
    Form,
    /// No content type, which is valid if the body is empty.
    Unnamed,
}

impl Kind {
    /// Returns the format that the `Content-Type` names.
    ///
    /// # Errors
    /// `UnsupportedMediaType` for any other format, and for an encoded body (RFC 9110, 15.5.16).
    pub fn of(headers: &HeaderMap) -> Result<Self, ErrorCode> {
        if is_encoded(headers) {
            return Err(ErrorCode::UnsupportedMediaType);
        }
        let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(Self::Unnamed) };
        let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            Ok(Self::Json)
        } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Ok(Self::Form)
        } else {
            Err(ErrorCode::UnsupportedMediaType)
        }
    }
}

/// Returns true if the body has a content encoding other than `identity`, or a transfer coding other than `chunked`.
fn is_encoded(headers: &HeaderMap) -> bool {
    let names_others = |name, plain: &str| {
        headers.get_all(name).iter().any(|value| {
            let value = value.as_bytes().trim_ascii();
            !value.is_empty() && !value.eq_ignore_ascii_case(plain.as_bytes())
        })
    };
    names_others(header::CONTENT_ENCODING, "identity") || names_others(header::TRANSFER_ENCODING, "chunked")
}

/// The fields of a body as sent, including unknown ones and duplicates.
#[derive(Default)]
pub struct Body<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

/// The value of a field.
pub enum Value<'a> {
    Text(Text),
    /// A value of a JSON object that is not a string.
    Json(&'a RawValue),
    /// A form field that is not Unicode.
    Unreadable,
}

/// Text that can be a password.
#[derive(Clone)]
pub struct Text(pub Zeroizing<String>);

impl<'a> Body<'a> {
    /// Parses a body.
    ///
    /// # Errors
    /// `Invalid` if the body does not match its type or has more than [`MAX_FIELDS`] fields; `UnsupportedMediaType` if
    /// it has content but no type.
    pub fn read(kind: Kind, body: &'a [u8]) -> Result<Self, ErrorCode> {
        match kind {
            _ if body.is_empty() => Ok(Self::default()),
            Kind::Unnamed => Err(ErrorCode::UnsupportedMediaType),
            Kind::Json => Ok(Self(serde_json::from_slice::<Object>(body).map_err(|_| ErrorCode::Invalid)?.0)),
            Kind::Form => read_form(body).map(Self),
        }
    }

    /// Returns the fields in their order.
    #[must_use]
    pub fn pairs(&self) -> &[(Cow<'a, str>, Value<'a>)] {
        &self.0
    }

    /// Returns the text of a field, or an empty string if it has none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        let value = self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value);
        if let Some(Value::Text(Text(text))) = value { text } else { "" }
    }

    /// Returns the text fields with plain names as a form, each once. The form decoder of Leptos reads `email[$ne]` as
    /// an object.
    #[must_use]
    pub fn to_form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (index, (name, value)) in self.0.iter().enumerate() {
            let is_first = !self.0[..index].iter().any(|(earlier, _)| earlier == name);
            if let Value::Text(Text(text)) = value
                && is_first
                && is_plain(name)
            {
                form.append_pair(name, text);
            }
        }
        form.finish()
    }
}

impl Value<'_> {
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_)) || self.is_null()
    }

    /// Returns true for `null`, which means the same as an absent field.
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Json(value) if value.get() == "null")
    }

    pub(super) fn is_readable(&self) -> bool {
        !matches!(self, Self::Unreadable)
    }
}

/// Returns true for a name of only lowercase letters and underscores, like those of our fields.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Parses a form. It stops at the first field above [`MAX_FIELDS`]. Empty pairs (`&&`) and pairs whose name is not
/// Unicode do not count as fields.
fn read_form<'a>(body: &[u8]) -> Result<Vec<(Cow<'a, str>, Value<'a>)>, ErrorCode> {
    let decode = |text: &[u8]| {
        let spaced: Zeroizing<Vec<u8>> =
            Zeroizing::new(text.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect());
        percent_decode(&spaced).decode_utf8().ok().map(|text| Zeroizing::new(text.into_owned()))
    };
    let mut pairs = Vec::new();
    for (index, pair) in body.split(|&b| b == b'&').filter(|pair| !pair.is_empty()).enumerate() {
        if index == MAX_FIELDS {
            return Err(ErrorCode::Invalid);
        }
        let mut sides = pair.splitn(2, |&b| b == b'=');
        let name = decode(sides.next().unwrap_or_default());
        let value = decode(sides.next().unwrap_or_default());
        let value = value.map_or(Value::Unreadable, |text| Value::Text(Text(text)));
        pairs.extend(name.map(|name| (Cow::Owned(name.to_string()), value)));
    }
    Ok(pairs)
}

/// A JSON object as sent, including duplicates. Only strings are decoded.
struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(name) = map.next_key::<Name>()? {
                    if pairs.len() == MAX_FIELDS {
                        return Err(A::Error::custom("too many fields"));
                    }
                    let value: &'de RawValue = map.next_value()?;
                    let text = value.get().starts_with('"').then(|| serde_json::from_str::<String>(value.get()));
                    let value = match text {
                        None => Value::Json(value),
                        Some(text) => Value::Text(Text(Zeroizing::new(text.map_err(A::Error::custom)?))),
                    };
                    pairs.push((name.0, value));
                }
                Ok(Object(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

/// The name of a field.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(body: &str) -> Result<Body<'_>, ErrorCode> {
        Body::read(Kind::Json, body.as_bytes())
    }

    fn form(body: &[u8]) -> Result<Body<'_>, ErrorCode> {
        Body::read(Kind::Form, body)
    }

    #[test]
    fn json_and_a_form_are_read_into_the_same_fields() {
        let from_json = json(r#"{"email":"a+b@x.test","name":"Zoë & Co","next":null}"#).unwrap();
        let from_form = form("email=a%2Bb%40x.test&name=Zo%C3%AB+%26+Co".as_bytes()).unwrap();
        assert_eq!(from_json.to_form(), from_form.to_form());
        assert_eq!(from_form.text("name"), "Zoë & Co");
        assert_eq!(from_form.text("next"), "");
    }

    #[test]
    fn r7_operators_and_duplicates_do_not_reach_a_server_function() {
        assert_eq!(form(b"email[$ne]=&email%5B%24gt%5D=&email[]=a").unwrap().to_form(), "");
        assert_eq!(form(b"email=a&email=b").unwrap().to_form(), "email=a");
        assert_eq!(json(r#"{"email":{"$gt":""},"remember":true}"#).unwrap().to_form(), "");
    }

    #[test]
    fn bytes_that_are_not_unicode_are_not_text() {
        for body in [b"email=%ff%fe".as_slice(), b"email=\xff"] {
            assert!(matches!(form(body).unwrap().pairs(), [(_, Value::Unreadable)]));
        }
        assert!(Body::read(Kind::Json, b"{\"email\":\"\xff\"}").is_err());
        assert!(json(r#"{"email":"\ud800"}"#).is_err());
    }

    #[test]
    fn json_that_is_not_an_object_is_invalid() {
        for body in ["{", "[]", "\"text\"", "1", "null", "{}x", "{'email':1}", &"[".repeat(10_000)] {
            assert_eq!(json(body).err(), Some(ErrorCode::Invalid), "{body:.20}");
        }
    }

    #[test]
    fn a_body_needs_a_supported_content_type_unless_it_is_empty() {
        let kind = |value: &str| Kind::of(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]));
        assert_eq!(kind("application/json; charset=utf-8"), Ok(Kind::Json));
        assert_eq!(kind("Application/X-WWW-Form-Urlencoded"), Ok(Kind::Form));
        assert_eq!(kind("text/plain"), Err(ErrorCode::UnsupportedMediaType));
        assert_eq!(kind("multipart/form-data; boundary=x"), Err(ErrorCode::UnsupportedMediaType));
        assert_eq!(kind("application/jsonp"), Err(ErrorCode::UnsupportedMediaType));
        assert!(Body::read(Kind::Unnamed, b"").is_ok());
        assert!(Body::read(Kind::Unnamed, b"x").is_err());
    }

    #[test]
    fn an_encoded_body_is_not_a_supported_format() {
        let kind = |name: header::HeaderName, encodings: &[&str]| {
            let mut headers = HeaderMap::from_iter([(header::CONTENT_TYPE, "application/json".parse().unwrap())]);
            for encoding in encodings {
                headers.append(name.clone(), encoding.parse().unwrap());
            }
            Kind::of(&headers)
        };
        for (name, plain) in [(header::CONTENT_ENCODING, "identity"), (header::TRANSFER_ENCODING, "chunked")] {
            for encodings in [&[][..], &[plain], &[&plain.to_uppercase()], &[""]] {
                assert_eq!(kind(name.clone(), encodings), Ok(Kind::Json), "{name}: {encodings:?}");
            }
            for encodings in [&["gzip"][..], &["br"], &["gzip, chunked"], &["identity, gzip"], &[plain, "deflate"]] {
                let refused = Err(ErrorCode::UnsupportedMediaType);
                assert_eq!(kind(name.clone(), encodings), refused, "{name}: {encodings:?}");
            }
        }
    }

    #[test]
    fn n13_a_body_of_more_than_32_fields_is_invalid_as_json_and_as_a_form() {
        // Ours, unknown, repeated, without name and not Unicode: each counts as a field.
        let kinds: [fn(usize) -> (String, String); 5] = [
            |n| (format!("a{}", "b".repeat(n)), "x".to_owned()),
            |n| (format!("a[{n}]"), "x".to_owned()),
            |_| ("a".to_owned(), "x".to_owned()),
            |_| (String::new(), "x".to_owned()),
            |n| (n.to_string(), String::new()),
        ];
        for kind in kinds {
            for count in [33, 18_000] {
                let pairs = || (0..count).map(|n| kind(n.min(64)));
                let form: Vec<String> = pairs().map(|(name, value)| format!("{name}={value}")).collect();
                assert_eq!(self::form(form.join("&").as_bytes()).err(), Some(ErrorCode::Invalid));
                let object: Vec<String> = pairs().map(|(name, value)| format!("{name:?}:{value:?}")).collect();
                assert_eq!(json(&format!("{{{}}}", object.join(","))).err(), Some(ErrorCode::Invalid));
            }
        }
        let names: Vec<String> = (1..=32).map(|n| "a".repeat(n)).collect();
        let most = names.iter().map(|name| format!("{name}=x")).collect::<Vec<_>>().join("&");
        assert_eq!(form(most.as_bytes()).unwrap().to_form(), most);
        let most = names.iter().map(|name| format!("\"{name}\":\"x\"")).collect::<Vec<_>>().join(",");
        assert_eq!(json(&format!("{{{most}}}")).unwrap().text(&"a".repeat(32)), "x");
    }

    #[test]
    fn n13_d1_a_body_of_many_fields_is_refused_in_linear_time() {
        // Parsing stops at the 33rd field: the rest is not even valid JSON.
        let object = format!("{{{},]]", vec!["\"a\":\"x\""; MAX_FIELDS].join(","));
        let error = serde_json::from_str::<Object>(&object.replace(",]]", ",\"b\":1]]")).err().unwrap();
        assert!(error.to_string().contains("too many fields"), "{error}");
        // Parsing of a form stops there too, so it does not reach what cannot be decoded.
        let mut pairs = vec!["a=x"; MAX_FIELDS];
        assert_eq!(read_form(pairs.join("&").as_bytes()).unwrap().len(), MAX_FIELDS);
        pairs.push("&&&");
        assert_eq!(read_form(pairs.join("&").as_bytes()).unwrap().len(), MAX_FIELDS);
        pairs.push("%ff=x");
        assert_eq!(read_form(pairs.join("&").as_bytes()).err(), Some(ErrorCode::Invalid));
    }

    #[test]
    fn n13_values_that_are_not_text_are_skipped_however_deep_or_long_they_are() {
        for value in ["[".repeat(100) + &"]".repeat(100), format!("[{}0]", "[],".repeat(10_000)), "-1.5e9".to_owned()] {
            assert_eq!(json(&format!("{{\"x\":{value},\"email\":\"a\"}}")).unwrap().text("email"), "a");
        }
        for body in ["{\"x\":".to_owned() + &"[".repeat(60_000), "{\"x\":".repeat(10_000)] {
            assert_eq!(json(&body).err(), Some(ErrorCode::Invalid));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_without_a_panic(body: Vec<u8>) {
            let _ = Body::read(Kind::Json, &body);
            if let Ok(body) = Body::read(Kind::Form, &body) {
                let form = body.to_form();
                let again = Body::read(Kind::Form, form.as_bytes()).unwrap();
                prop_assert_eq!(again.to_form(), body.to_form());
            }
        }
    }
}
