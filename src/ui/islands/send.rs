//! A form on its way to the server. By hand and not by an action of Leptos, which sends the same: what that needs for streams,
//! files and any encoding was a fifth of what a browser loads.

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

/// Sends the form to where it would go by itself.
///
/// # Errors
/// As the API says; `Unavailable` when the request did not get through, or what came back is no answer of ours.
pub(super) async fn send(form: &HtmlFormElement) -> Result<(), ApiError> {
    match post(form).await {
        Ok(None) => Ok(()),
        Ok(Some(body)) => Err(serde_json::from_str(&body).unwrap_or_else(|_| ErrorCode::Unavailable.into())),
        Err(_) => Err(ErrorCode::Unavailable.into()),
    }
}

/// The request that carries these fields.
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

/// The body of an answer that says no; `None` for one that says yes.
async fn post(form: &HtmlFormElement) -> Result<Option<String>, JsValue> {
    let request = request(FormData::new_with_form(form)?)?;
    let fetched = leptos::prelude::window().fetch_with_str_and_init(&form.action(), &request);
    let response: Response = JsFuture::from(fetched).await?.dyn_into()?;
    // To its end in any case: a page that is left meanwhile would have the browser report that the request was broken off.
    let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((!response.ok()).then_some(body))
}
