//! Tests of reading input.

use serde_json::{Value as JsonValue, json};
use zeroize::Zeroizing;

use super::{super::body::Kind, *};
use crate::api::ErrorCode;

#[derive(Debug, PartialEq, Deserialize)]
struct Form {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: Zeroizing<String>,
    #[serde(default)]
    session: String,
    #[serde(default)]
    count: Option<u32>,
    #[serde(default)]
    list: Vec<Item>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Item {
    #[serde(rename = "publicKey")]
    public_key: String,
}

fn read(kind: Kind, body: &[u8]) -> Result<Form, ApiError> {
    super::read(&Body::read(kind, body)?)
}

fn from_json(body: &str) -> Result<Form, ApiError> {
    read(Kind::Json, body.as_bytes())
}

fn from_form(body: &str) -> Result<Form, ApiError> {
    read(Kind::Form, body.as_bytes())
}

/// Returns the fields of an error as they are sent.
fn fields(result: Result<Form, ApiError>) -> JsonValue {
    let error = result.unwrap_err();
    assert_eq!(error.code, ErrorCode::Invalid);
    serde_json::to_value(error).unwrap()["fields"].clone()
}

#[test]
fn a_form_and_an_object_are_read_into_the_same_input() {
    let expected = Form {
        email: "a+b@x.test".to_owned(),
        password: Zeroizing::new("é".to_owned()),
        session: String::new(),
        count: Some(7),
        list: Vec::new(),
    };
    let object = r#"{"email":"a+b@x.test","password":"\u00e9","session":null,"count":7}"#;
    assert_eq!(from_json(object).unwrap(), expected);
    assert_eq!(from_form("email=a%2Bb%40x.test&password=%C3%A9&count=7").unwrap(), expected);
}

#[test]
fn an_object_may_have_lists_and_objects_where_the_input_has_them() {
    let form = from_json(r#"{"list":[{"publicKey":"a","unknown":[1]},{"publicKey":"b"}]}"#).unwrap();
    assert_eq!(form.list.iter().map(|item| item.public_key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(fields(from_json(r#"{"list":[{"publicKey":1}]}"#)), json!({ "list": "malformed" }));
    assert_eq!(fields(from_form("list=a")), json!({ "list": "malformed" }));
}

#[test]
fn r7_operators_types_and_duplicates_do_not_pass() {
    for value in [r#"{"$gt":""}"#, r#"["a"]"#, "1", "false"] {
        for name in ["email", "password", "session", "next"] {
            let body = format!(r#"{{"{name}":{value}}}"#);
            assert_eq!(fields(from_json(&body)), json!({ name: "malformed" }), "{body}");
        }
    }
    for name in ["email", "password", "session", "next", "count"] {
        for body in [format!("{name}=1&{name}=1"), format!("{name}=%ff")] {
            assert_eq!(fields(from_form(&body)), json!({ name: "malformed" }), "{body}");
        }
        assert_eq!(fields(from_json(&format!(r#"{{"{name}":"1","{name}":"1"}}"#))), json!({ name: "malformed" }));
    }
    assert_eq!(fields(from_form("count=many")), json!({ "count": "malformed" }));
}

#[test]
fn r7_unknown_fields_are_ignored_whatever_they_are() {
    let expected = from_form("email=a").unwrap();
    for body in [
        r#"{"email":"a","remember":true,"remember":[],"email[$ne]":"b"}"#,
        r#"{"email":"a","__proto__":{"email":"b"}}"#,
    ] {
        assert_eq!(from_json(body).unwrap(), expected, "{body}");
    }
    for body in ["email=a&email[$ne]=b&email%5B%24gt%5D=b", "email=a&email[]=b", "x=%ff&email=a&x=1"] {
        assert_eq!(from_form(body).unwrap(), expected, "{body}");
    }
}

#[test]
fn an_error_never_holds_what_was_sent() {
    let error = from_json(r#"{"count":"my secret","email":7}"#).unwrap_err();
    assert!(!serde_json::to_string(&error).unwrap().contains("secret"));
}
