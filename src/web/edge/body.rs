//! Bodies of requests: JSON or a form, read into the same flat list of fields.

use axum::http::{HeaderMap, header};
use percent_encoding::percent_decode;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::{
    api::{ApiError, ErrorCode},
    domain::{Field, FieldError, FieldErrors},
};

/// What the API takes that is no [`Field`] of a form: nobody typed it, so there is no fault to show beside it.
const UNTYPED: [&str; 4] = ["language", "next", "session", "token"];

/// The most fields a body may have, ours and others. The longest form of the API has six.
const MAX_FIELDS: usize = 32;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Json,
    Form,
    /// No content type: fine as long as there is nothing to read.
    Unnamed,
}

impl Kind {
    /// Reads the `Content-Type`.
    ///
    /// # Errors
    /// `UnsupportedMediaType` for any other.
    pub fn of(headers: &HeaderMap) -> Result<Self, ErrorCode> {
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

/// The fields of a body: plain names with one string each.
#[derive(Default)]
pub struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// Reads a body.
    ///
    /// # Errors
    /// `Invalid` when it is not what its type says or has more than [`MAX_FIELDS`] fields, and by field for a value that
    /// is no string, no Unicode or there twice; `UnsupportedMediaType` for a body of no type.
    pub fn read(kind: Kind, body: &[u8]) -> Result<Self, ApiError> {
        let read = match kind {
            _ if body.is_empty() => Vec::new(),
            Kind::Unnamed => return Err(ErrorCode::UnsupportedMediaType.into()),
            Kind::Json => serde_json::from_slice::<FlatObject>(body).map_err(|_| ErrorCode::Invalid)?.0,
            Kind::Form => read_form(body)?,
        };
        let mut errors = FieldErrors::default();
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        for (name, value) in read {
            if !is_plain(&name) {
                continue;
            }
            let is_repeated = fields.iter().any(|(earlier, _)| *earlier == name);
            match value {
                Some(value) if !is_repeated => fields.push((name, value)),
                _ if UNTYPED.contains(&name.as_str()) => return Err(ErrorCode::Invalid.into()),
                _ => note_fault(&mut errors, &name),
            }
        }
        if errors.is_empty() { Ok(Self(fields)) } else { Err(ApiError::invalid(errors)) }
    }

    /// The value of a field, or nothing.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// The same fields as a form.
    #[must_use]
    pub fn to_form(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.0.iter().map(|(name, value)| (name, value.as_str())))
            .finish()
    }
}

/// Notes that the value of a field cannot be taken. What the API has no field for is dropped anyway.
fn note_fault(errors: &mut FieldErrors, name: &str) {
    if let Ok(field) = serde_json::from_value::<Field>(Value::String(name.to_owned())) {
        errors.add(field, FieldError::Malformed);
    }
}

/// Names of our own kind. Everything else, `email[$ne]` say, is dropped unread.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// A name with its value, or with nothing where the value is no text.
type Pair = (String, Option<Zeroizing<String>>);

/// Reads a form. The first field above [`MAX_FIELDS`] ends the reading; empty pairs (`&&`) are no fields.
fn read_form(body: &[u8]) -> Result<Vec<Pair>, ErrorCode> {
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
        pairs.extend(name.map(|name| (name.to_string(), value)));
    }
    Ok(pairs)
}

/// A JSON object as it was written, duplicates included; `null` is the same as nothing.
struct FlatObject(Vec<Pair>);

impl<'de> Deserialize<'de> for FlatObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = FlatObject;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FlatObject, A::Error> {
                let mut pairs = Vec::new();
                let mut count = 0;
                while let Some(name) = map.next_key::<String>()? {
                    count += 1;
                    if count > MAX_FIELDS {
                        return Err(A::Error::custom("too many fields"));
                    }
                    match map.next_value()? {
                        FlatValue::Null => {}
                        FlatValue::Text(text) => pairs.push((name, Some(text))),
                        FlatValue::Other => pairs.push((name, None)),
                    }
                }
                Ok(FlatObject(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

/// A value of a JSON object. Whatever is no text is skipped, not stored: a list of 30,000 lists costs no memory.
enum FlatValue {
    Null,
    Text(Zeroizing<String>),
    Other,
}

impl<'de> Deserialize<'de> for FlatValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;

        impl<'de> Visitor<'de> for Value {
            type Value = FlatValue;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E: Error>(self) -> Result<FlatValue, E> {
                Ok(FlatValue::Null)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<FlatValue, E> {
                self.visit_string(text.to_owned())
            }

            fn visit_string<E: Error>(self, text: String) -> Result<FlatValue, E> {
                Ok(FlatValue::Text(Zeroizing::new(text)))
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<FlatValue, E> {
                Ok(FlatValue::Other)
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<FlatValue, E> {
                Ok(FlatValue::Other)
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<FlatValue, E> {
                Ok(FlatValue::Other)
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<FlatValue, E> {
                Ok(FlatValue::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FlatValue, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(FlatValue::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FlatValue, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(FlatValue::Other)
            }
        }

        deserializer.deserialize_any(Value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(body: &str) -> Result<Fields, ApiError> {
        Fields::read(Kind::Json, body.as_bytes())
    }

    fn form(body: &[u8]) -> Result<Fields, ApiError> {
        Fields::read(Kind::Form, body)
    }

    fn email_fault(result: Result<Fields, ApiError>) -> Option<FieldError> {
        result.err().and_then(|error| error.fields.get(Field::Email))
    }

    #[test]
    fn json_and_form_say_the_same() {
        let from_json = json(r#"{"email":"a+b@x.test","name":"Zoë & Co","next":null}"#).unwrap();
        let from_form = form("email=a%2Bb%40x.test&name=Zo%C3%AB+%26+Co".as_bytes()).unwrap();
        assert_eq!(from_json.to_form(), from_form.to_form());
        assert_eq!(from_form.get("name"), "Zoë & Co");
        assert_eq!(from_form.get("next"), "");
    }

    #[test]
    fn r7_operators_types_and_duplicates_do_not_pass() {
        assert_eq!(email_fault(json(r#"{"email":{"$gt":""}}"#)), Some(FieldError::Malformed));
        assert_eq!(email_fault(json(r#"{"email":["a@x.test"]}"#)), Some(FieldError::Malformed));
        assert_eq!(email_fault(json(r#"{"email":1}"#)), Some(FieldError::Malformed));
        assert_eq!(email_fault(json(r#"{"email":"a","email":"b"}"#)), Some(FieldError::Malformed));
        assert_eq!(email_fault(form(b"email=a&email=b")), Some(FieldError::Malformed));
        assert_eq!(form(b"email[$ne]=&email%5B%24gt%5D=").unwrap().to_form(), "");
        assert_eq!(form(b"email[]=a").unwrap().to_form(), "");
    }

    #[test]
    fn r7_what_is_taken_besides_the_fields_of_forms_is_as_strict() {
        let code = |result: Result<Fields, ApiError>| result.err().map(|error| error.code);
        for name in UNTYPED {
            for value in [r#"{"$gt":""}"#, r#"["a"]"#, "1", "false"] {
                assert_eq!(code(json(&format!(r#"{{"{name}":{value}}}"#))), Some(ErrorCode::Invalid), "{name} {value}");
            }
            assert_eq!(code(json(&format!(r#"{{"{name}":"a","{name}":"b"}}"#))), Some(ErrorCode::Invalid), "{name}");
            assert_eq!(code(form(format!("{name}=a&{name}=b").as_bytes())), Some(ErrorCode::Invalid), "{name}");
            assert_eq!(code(form(format!("{name}=%ff").as_bytes())), Some(ErrorCode::Invalid), "{name}");
            assert_eq!(json(&format!(r#"{{"{name}":null}}"#)).unwrap().get(name), "");
        }
        assert_eq!(json(r#"{"remember":true,"email":"a@x.test"}"#).unwrap().to_form(), "email=a%40x.test");
    }

    #[test]
    fn what_is_no_unicode_is_malformed() {
        assert_eq!(email_fault(form(b"email=%ff%fe")), Some(FieldError::Malformed));
        assert_eq!(email_fault(form(b"email=\xff")), Some(FieldError::Malformed));
        assert!(Fields::read(Kind::Json, b"{\"email\":\"\xff\"}").is_err());
        assert!(json(r#"{"email":"\ud800"}"#).is_err());
    }

    #[test]
    fn what_is_no_object_is_invalid() {
        for body in ["{", "[]", "\"text\"", "1", "null", "{}x", "{'email':1}", &"[".repeat(10_000)] {
            assert_eq!(json(body).err().map(|error| error.code), Some(ErrorCode::Invalid), "{body:.20}");
        }
    }

    #[test]
    fn a_body_needs_a_type_of_ours_unless_it_is_empty() {
        let kind = |value: &str| Kind::of(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]));
        assert_eq!(kind("application/json; charset=utf-8"), Ok(Kind::Json));
        assert_eq!(kind("Application/X-WWW-Form-Urlencoded"), Ok(Kind::Form));
        assert_eq!(kind("text/plain"), Err(ErrorCode::UnsupportedMediaType));
        assert_eq!(kind("multipart/form-data; boundary=x"), Err(ErrorCode::UnsupportedMediaType));
        assert_eq!(kind("application/jsonp"), Err(ErrorCode::UnsupportedMediaType));
        assert!(Fields::read(Kind::Unnamed, b"").is_ok());
        assert!(Fields::read(Kind::Unnamed, b"x").is_err());
    }

    #[test]
    fn n13_a_body_of_more_than_32_fields_is_invalid_as_json_and_as_a_form() {
        let code = |result: Result<Fields, ApiError>| result.err().map(|error| error.code);
        // Ours, another's, repeated, nameless and no text: each is a field.
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
                assert_eq!(code(self::form(form.join("&").as_bytes())), Some(ErrorCode::Invalid));
                let object: Vec<String> = pairs().map(|(name, value)| format!("{name:?}:{value:?}")).collect();
                assert_eq!(code(json(&format!("{{{}}}", object.join(",")))), Some(ErrorCode::Invalid));
            }
        }
        let names: Vec<String> = (1..=32).map(|n| "a".repeat(n)).collect();
        let most = names.iter().map(|name| format!("{name}=x")).collect::<Vec<_>>().join("&");
        assert_eq!(form(most.as_bytes()).unwrap().to_form(), most);
        let most = names.iter().map(|name| format!("\"{name}\":\"x\"")).collect::<Vec<_>>().join(",");
        assert_eq!(json(&format!("{{{most}}}")).unwrap().get(&"a".repeat(32)), "x");
    }

    /// A reader of JSON that counts what is read of it.
    struct Counted<'a>(&'a [u8], usize);

    impl std::io::Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1 += read;
            Ok(read)
        }
    }

    #[test]
    fn n13_d1_a_body_of_many_fields_is_refused_in_linear_time() {
        // What follows the 33rd field is not even read.
        let object = format!("{{{}}}", vec!["\"a\":\"x\""; 10_000].join(","));
        let mut counted = Counted(object.as_bytes(), 0);
        assert!(serde_json::from_reader::<_, FlatObject>(&mut counted).is_err());
        assert!(counted.1 < 34 * "\"a\":\"x\",".len(), "{} bytes were read", counted.1);
        // In a form, what does not decode is beyond the end of the reading, too.
        let mut pairs = vec!["a=x"; MAX_FIELDS];
        assert_eq!(read_form(pairs.join("&").as_bytes()).unwrap().len(), MAX_FIELDS);
        pairs.push("&&&");
        assert_eq!(read_form(pairs.join("&").as_bytes()).unwrap().len(), MAX_FIELDS);
        pairs.push("%ff=x");
        assert_eq!(read_form(pairs.join("&").as_bytes()).err(), Some(ErrorCode::Invalid));
    }

    #[test]
    fn n13_what_is_no_text_is_skipped_however_deep_or_long_it_is() {
        for value in ["[".repeat(100) + &"]".repeat(100), format!("[{}0]", "[],".repeat(10_000)), "-1.5e9".to_owned()] {
            assert_eq!(json(&format!("{{\"x\":{value},\"email\":\"a\"}}")).unwrap().get("email"), "a");
            assert_eq!(email_fault(json(&format!("{{\"email\":{value}}}"))), Some(FieldError::Malformed));
        }
        for body in ["{\"x\":".to_owned() + &"[".repeat(60_000), "{\"x\":".repeat(10_000)] {
            assert_eq!(json(&body).err().map(|error| error.code), Some(ErrorCode::Invalid));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_without_a_panic(body: Vec<u8>) {
            let _ = Fields::read(Kind::Json, &body);
            if let Ok(fields) = Fields::read(Kind::Form, &body) {
                let again = form(fields.to_form().as_bytes()).unwrap();
                prop_assert_eq!(again.to_form(), fields.to_form());
            }
        }
    }
}
