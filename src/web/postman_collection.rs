//! The Postman collection (format 2.1) of the API, from its `OpenAPI` document. A test writes
//! `docs/doorstep.postman_collection.json` and fails when that file is out of date; `script/test` runs its first
//! folder.

use serde_json::{Map, Value, json};

/// A step of the first folder: an operation, the expected status, and a further check in Postman's script language.
struct Step {
    title: &'static str,
    operation: &'static str,
    status: u16,
    check: &'static str,
}

const IS_THE_CUSTOMER: &str = "pm.expect(pm.response.json().email).to.equal(pm.collectionVariables.get('email'));";
const IS_SIGNED_OUT: &str = "pm.expect(pm.response.json().code).to.equal('unauthenticated');";
const SETS_TWO_COOKIES: &str =
    "pm.expect(pm.response.headers.filter(({ key }) => key.toLowerCase() === 'set-cookie').length).to.be.at.least(2);";

/// One visit of a customer. The account has a new address in each run.
const VISIT: [Step; 9] = [
    Step { title: "Sign up", operation: "signUp", status: 201, check: IS_THE_CUSTOMER },
    Step { title: "Signed in by the sign-up", operation: "profile", status: 200, check: IS_THE_CUSTOMER },
    Step { title: "Renew the cookies", operation: "refreshToken", status: 200, check: SETS_TWO_COOKIES },
    Step { title: "Still signed in", operation: "profile", status: 200, check: IS_THE_CUSTOMER },
    Step { title: "Log out", operation: "logOut", status: 200, check: SETS_TWO_COOKIES },
    Step { title: "Signed out", operation: "profile", status: 401, check: IS_SIGNED_OUT },
    Step { title: "Log in", operation: "logIn", status: 200, check: IS_THE_CUSTOMER },
    Step { title: "Signed in again", operation: "profile", status: 200, check: IS_THE_CUSTOMER },
    Step { title: "Log out again", operation: "logOut", status: 200, check: SETS_TWO_COOKIES },
];

/// An operation of the document.
#[derive(Clone, Copy)]
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    details: &'a Value,
}

/// Returns the collection: a visit that can be run, and a request for each endpoint.
#[must_use]
pub fn collection(document: &Value) -> Value {
    let operations = operations(document);
    let find = |id: &str| operations.iter().find(|operation| operation.details["operationId"] == id);
    let visit: Vec<Value> = VISIT
        .iter()
        .filter_map(|step| {
            let mut item = item(document, *find(step.operation)?, step.title);
            item["event"] = events(step);
            Some(item)
        })
        .collect();
    let endpoints: Vec<Value> = operations
        .iter()
        .map(|operation| item(document, *operation, operation.details["summary"].as_str().unwrap_or_default()))
        .collect();
    json!({
        "info": {
            "name": "Doorstep",
            "description": document["info"]["description"],
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "variable": [
            { "key": "baseUrl", "value": "http://localhost:5000" },
            { "key": "email", "value": "ada@example.com" },
            { "key": "password", "value": "seven tall herons" },
        ],
        "item": [
            { "name": "A visit", "description": "Run this folder: it needs no other settings.", "item": visit },
            { "name": "All endpoints", "item": endpoints },
        ],
    })
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, details)| Operation { path, method, details })
        })
        .collect()
}

fn item(document: &Value, operation: Operation<'_>, title: &str) -> Value {
    let segments: Vec<&str> = operation.path.split('/').skip(1).collect();
    let mut request = json!({
        "method": operation.method.to_ascii_uppercase(),
        "header": [{ "key": "Accept", "value": "application/json" }],
        "url": { "raw": format!("{{{{baseUrl}}}}{}", operation.path), "host": ["{{baseUrl}}"], "path": segments },
    });
    if let Some(body) = body(document, operation) {
        request["body"] = json!({ "mode": "raw", "raw": body, "options": { "raw": { "language": "json" } } });
    }
    json!({ "name": title, "request": request })
}

/// Returns a body with the examples of the document, and the address and password of the collection's customer.
fn body(document: &Value, operation: Operation<'_>) -> Option<String> {
    let content = &operation.details["requestBody"]["content"]["application/json"];
    let name = content["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    let fields = document["components"]["schemas"][name]["properties"].as_object()?;
    let example = |(name, schema): (&String, &Value)| {
        let value = match name.as_str() {
            "email" | "password" => json!(format!("{{{{{name}}}}}")),
            _ if schema["type"] == "boolean" => json!(false),
            _ => schema.get("example").cloned().unwrap_or_else(|| json!("")),
        };
        (name.clone(), value)
    };
    serde_json::to_string_pretty(&fields.iter().map(example).collect::<Map<_, _>>()).ok()
}

fn events(step: &Step) -> Value {
    let test = [
        format!("pm.test('{} is answered with {}', () => {{", step.title, step.status),
        format!("  pm.response.to.have.status({});", step.status),
        format!("  {}", step.check),
        "});".to_owned(),
    ];
    let mut events = vec![json!({ "listen": "test", "script": { "type": "text/javascript", "exec": test } })];
    if step.operation == "signUp" {
        let new_address =
            ["pm.collectionVariables.set('email', pm.variables.replaceIn('{{$randomUUID}}@shop.example'));"];
        events.push(json!({ "listen": "prerequest", "script": { "type": "text/javascript", "exec": new_address } }));
    }
    json!(events)
}
