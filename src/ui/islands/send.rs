//! Sends a form to the server. This does not use a Leptos action, because its support for streams, files and other
//! encodings was a fifth of the code that browsers load.

use leptos::{
    serde_json,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::{
        FormData, HtmlFormElement, RequestInit, Response, UrlSearchParams,
        js_sys::{Object, Reflect},
    },
};
use wasm_bindgen_futures::JsFuture;

use crate::api::{ApiError, ErrorCode};

/// Sends the form to its `action`.
///
/// # Errors
/// The errors of the API, or `Unavailable` if the request failed or the response did not come from this program.
pub(super) async fn send(form: &HtmlFormElement) -> Result<(), ApiError> {
    match post(form).await {
        Ok(None) => Ok(()),
        Ok(Some(body)) => Err(serde_json::from_str(&body).unwrap_or_else(|_| ErrorCode::Unavailable.into())),
        Err(_) => Err(ErrorCode::Unavailable.into()),
    }
}

/// Returns the request with these fields.
pub(super) fn request(fields: FormData) -> Result<RequestInit, JsValue> {
    let body = UrlSearchParams::new_with_str_sequence_sequence(&fields.into())?;
    let headers = Object::new();
    Reflect::set(&headers, &"accept".into(), &"application/json".into())?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&body);
    request.set_headers(&headers);
    Ok(request)
}

/// Sends the form, and returns the body of an error response, or `None` on success.
async fn post(form: &HtmlFormElement) -> Result<Option<String>, JsValue> {
    let request = request(FormData::new_with_form(form)?)?;
    let fetched = leptos::prelude::window().fetch_with_str_and_init(&form.action(), &request);
    let response: Response = JsFuture::from(fetched).await?.dyn_into()?;
    // Reads the whole body even on success: otherwise, the browser reports an aborted request when the page is left.
    let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((!response.ok()).then_some(body))
}
