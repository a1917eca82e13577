//! Generates the API's `OpenAPI` 3.1 document from the types of the endpoints. Only a test runs this; it fails if
//! `docs/openapi.json` differs.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{access::Access, edge::Input, endpoint::Endpoint};
use crate::{
    api::{ApiError, ErrorCode},
    domain::FieldError,
};

/// The errors that every endpoint can return.
const COMMON: [ErrorCode; 4] =
    [ErrorCode::Misdirected, ErrorCode::Invalid, ErrorCode::Unavailable, ErrorCode::Internal];

/// The additional errors of every endpoint with a body.
const OF_BODIES: [ErrorCode; 3] = [ErrorCode::CrossOrigin, ErrorCode::TooLarge, ErrorCode::UnsupportedMediaType];

/// The errors of every endpoint with another status than that of their code: a request without exactly one `Host` or with
/// an invalid target, and a path that is requested with another method.
const WITH_OTHER_STATUS: [(u16, &[ErrorCode]); 2] = [(400, &[ErrorCode::Misdirected]), (405, &[ErrorCode::NotFound])];

/// The schemas collected so far.
#[derive(Default)]
pub struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Adds the schema of a type, and returns a reference to it.
    pub fn reference<T: ToSchema>(&mut self) -> Value {
        let name = T::name();
        // A list has no name.
        let schema = to_value(T::schema());
        if schema["type"] == "array" {
            self.add_parts::<T>();
            return schema;
        }
        self.0.insert(name.to_string(), schema);
        self.add_parts::<T>();
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn add_parts<T: ToSchema>(&mut self) {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        self.0.extend(parts.into_iter().map(|(name, schema)| (name, to_value(schema))));
    }
}

fn to_value(schema: impl serde::Serialize) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

/// The document to which endpoints are added.
#[derive(Default)]
pub struct Document {
    paths: BTreeMap<&'static str, Map<String, Value>>,
    schemas: Schemas,
}

impl Document {
    /// Adds an endpoint.
    #[must_use]
    pub fn with<E: Endpoint>(mut self) -> Self {
        let operation = self.operation::<E>();
        self.paths.entry(E::PATH).or_default().insert(E::METHOD.as_str().to_ascii_lowercase(), operation);
        self
    }

    fn operation<E: Endpoint>(&mut self) -> Value {
        let documentation = E::DOCUMENTATION;
        let mut operation = json!({
            "operationId": operation_id::<E>(),
            "summary": documentation.summary,
            "tags": ["accounts"],
            "responses": self.responses::<E>(),
        });
        if E::ACCESS != Access::Anyone {
            operation["security"] = json!([{ "accessToken": [] }, { "refreshToken": [] }]);
        }
        if let Some(schema) = E::Input::schema(&mut self.schemas) {
            let content = json!({ "schema": schema });
            operation["requestBody"] = json!({
                "required": true,
                "content": { "application/json": content, "application/x-www-form-urlencoded": content },
            });
        }
        operation
    }

    fn responses<E: Endpoint>(&mut self) -> Value {
        let mut responses = Map::new();
        let schema = self.schemas.reference::<E::Output>();
        for (status, description) in E::DOCUMENTATION.success {
            let content = json!({ "application/json": { "schema": schema } });
            responses.insert(status.to_string(), json!({ "description": description, "content": content }));
        }
        let mut codes: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
        let of_body = OF_BODIES.into_iter().filter(|_| E::METHOD == Method::POST);
        // A refresh on the way is limited too.
        let of_session = (E::ACCESS != Access::Anyone).then_some(ErrorCode::TooManyAttempts);
        for code in E::DOCUMENTATION.errors.iter().copied().chain(of_session).chain(of_body).chain(COMMON) {
            let codes = codes.entry(code.status()).or_default();
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes.extend(WITH_OTHER_STATUS.map(|(status, codes)| (status, codes.to_vec())));
        for (status, codes) in codes {
            responses.insert(status.to_string(), self.error(status, &codes));
        }
        Value::Object(responses)
    }

    fn error(&mut self, status: u16, codes: &[ErrorCode]) -> Value {
        let names: Vec<String> = codes.iter().map(|code| format!("`{}`", code.as_str())).collect();
        let examples: Map<String, Value> = codes
            .iter()
            .map(|code| (code.as_str().to_owned(), json!({ "value": to_value(ApiError::from(*code)) })))
            .collect();
        let schema = self.schemas.reference::<ErrorCode>();
        self.schemas.reference::<FieldError>();
        self.schemas.0.insert("Error".to_owned(), error_schema(&schema));
        let error = json!({ "$ref": "#/components/schemas/Error" });
        let mut response = json!({
            "description": names.join(", "),
            "content": { "application/json": { "schema": error, "examples": examples } },
        });
        if [429, 503].contains(&status) {
            let seconds = json!({ "type": "integer", "minimum": 1 });
            response["headers"] =
                json!({ "Retry-After": { "description": "Seconds until the next try.", "schema": seconds } });
        }
        response
    }

    /// Returns the complete document.
    #[must_use]
    pub fn finish(self) -> Value {
        let cookie = |name: &str, description: &str| json!({ "type": "apiKey", "in": "cookie", "name": name, "description": description });
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Doorstep",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Customer accounts of a shop. Bodies are JSON or forms; unknown fields are ignored, and a field that is there twice or of another type is answered with 422 by its name. Sessions are carried by cookies, which the server sets and renews; on https their names begin with `__Host-`.",
                "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            },
            "servers": [{ "url": "/" }],
            "tags": [{ "name": "accounts" }],
            "paths": self.paths,
            "components": {
                "schemas": self.schemas.0,
                "securitySchemes": {
                    "accessToken": cookie("accessToken", "A JWT, valid for 15 minutes."),
                    "refreshToken": cookie("refreshToken", "By which the server renews both cookies."),
                },
            },
        })
    }
}

/// Returns `changeEmail` for the endpoint `ChangeEmail`.
fn operation_id<E: Endpoint>() -> String {
    let name = std::any::type_name::<E>().rsplit("::").next().unwrap_or_default();
    let (first, rest) = name.split_at(1.min(name.len()));
    first.to_ascii_lowercase() + rest
}

fn error_schema(code: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": code,
            "message": { "type": "string", "description": "What happened, and what to do next." },
            "fields": {
                "type": "object",
                "description": "What is wrong with each field.",
                "additionalProperties": { "$ref": "#/components/schemas/FieldError" },
            },
            "retryAfter": { "type": "integer", "minimum": 1, "description": "Seconds until the next try." },
        },
    })
}
