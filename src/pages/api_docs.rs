//! `/docs/api`
//!
//! Its texts are for developers, and in English only.

use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::{
    accounts::Error,
    ui::{
        components::{Card, Framed},
        routes,
    },
    web::{access::Access, api_document, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The API's document as a page: every endpoint with its fields, responses and errors.
pub struct ApiDocs;

/// An endpoint as the page shows it.
#[derive(Clone)]
pub struct Operation {
    method: String,
    path: String,
    summary: String,
    needs_session: bool,
    fields: Vec<Field>,
    responses: Vec<Response>,
}

#[derive(Clone)]
struct Field {
    name: String,
    kind: String,
    description: String,
}

#[derive(Clone)]
struct Response {
    status: String,
    description: String,
    /// The properties of the body.
    fields: Vec<Field>,
}

impl Page for ApiDocs {
    const PATH: &'static str = routes::API_DOCS;
    const ACCESS: Access = Access::Developer;
    type Query = NoQuery;
    type Data = Vec<Operation>;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Vec<Operation>, Error> {
        if !visit.state().public_url.is_loopback() {
            return Err(Error::NotFound);
        }
        Ok(operations(&api_document::document().unwrap_or_default()))
    }

    fn view(operations: Vec<Operation>) -> AnyView {
        view! {
            <Framed title="API".to_owned()>
                <p class="lead">
                    "Bodies are JSON or forms. Unknown fields are ignored. Errors have a code and a message, and name the fields \
                    that are invalid. " <a href="/openapi.json">"openapi.json"</a> " is the same for tools."
                </p>
                {operations.into_iter().map(|operation| view! { <Endpoint operation /> }).collect_view()}
            </Framed>
        }
        .into_any()
    }
}

#[component]
fn Endpoint(operation: Operation) -> impl IntoView {
    let Operation { method, path, summary, needs_session, fields, responses } = operation;
    let id = format!("{}{}", method.to_lowercase(), path.replace('/', "-"));
    view! {
        <Card id=id title=summary>
            <p><code>{method} " " {path}</code>{needs_session.then_some(" · needs a session")}</p>
            {(!fields.is_empty()).then(|| view! { <h3>"Fields"</h3> <Fields fields /> })}
            {responses.into_iter().map(|response| view! { <Answer response /> }).collect_view()}
        </Card>
    }
}

#[component]
fn Answer(response: Response) -> impl IntoView {
    let Response { status, description, fields } = response;
    view! {
        <p><strong>{status}</strong> " " {description}</p>
        {(!fields.is_empty()).then(|| view! { <Fields fields /> })}
    }
}

#[component]
fn Fields(fields: Vec<Field>) -> impl IntoView {
    let field = |Field { name, kind, description }: Field| {
        view! { <dt><code>{name}</code> " " <small>{kind}</small></dt> <dd>{description}</dd> }
    };
    view! { <dl class="details">{fields.into_iter().map(field).collect_view()}</dl> }
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().cloned().unwrap_or_default();
        let path = path.clone();
        methods.into_iter().map(move |(method, operation)| (method, path.clone(), operation)).collect::<Vec<_>>()
    };
    let read = |(method, path, operation): (String, String, Value)| {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let responses = operation["responses"].as_object().cloned().unwrap_or_default();
        let response = |(status, response): (String, Value)| {
            let is_success = status.starts_with('2');
            let schema = &response["content"]["application/json"]["schema"];
            let fields = if is_success { fields(document, schema) } else { Vec::new() };
            Response { status, description: text(&response["description"]).replace('`', ""), fields }
        };
        Operation {
            method: method.to_ascii_uppercase(),
            path,
            summary: text(&operation["summary"]),
            needs_session: operation["security"].is_array(),
            fields: fields(document, body),
            responses: responses.into_iter().map(response).collect(),
        }
    };
    paths.flat_map(of_path).map(read).collect()
}

/// Returns the properties of a schema, or of the items of a list.
fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let schema = resolved(document, if schema["items"].is_object() { &schema["items"] } else { schema });
    let schema =
        schema["oneOf"].as_array().and_then(|kinds| kinds.first()).map_or(schema, |one| resolved(document, one));
    let properties: Map<String, Value> = schema["properties"].as_object().cloned().unwrap_or_default();
    let field = |(name, property): (String, Value)| {
        let property = resolved(document, &property);
        let kind = property["format"].as_str().or(property["type"].as_str()).unwrap_or("one of several").to_owned();
        Field { name, kind, description: text(&property["description"]) }
    };
    properties.into_iter().map(field).collect()
}

/// Returns the schema that a reference points to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
