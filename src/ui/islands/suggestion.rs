//! Suggests a corrected email address while the customer types.

use leptos::{
    ev::{Event, MouseEvent},
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlFormElement, HtmlInputElement},
};

use crate::{
    domain::{EmailAddress, Field},
    ui::components::{EMAIL_SUGGESTION_ID, control_id},
};

/// Returns the address that was probably meant, or an empty string if the typed one looks right.
pub(crate) fn probably_meant(typed: &str) -> String {
    let meant = EmailAddress::parse(typed).ok().and_then(|email| email.probably_meant());
    meant.map(|meant| meant.as_str().to_owned()).unwrap_or_default()
}

/// Checks the address if the event comes from its field. Shows `question` with the suggestion in place of `{email}`.
pub(super) fn suggest(event: &Event, question: &str) {
    if let Some(field) = changed(event) {
        let meant = probably_meant(&field.value());
        let question = if meant.is_empty() { String::new() } else { question.replace("{email}", &meant) };
        offer(field.form(), &question);
    }
}

/// Accepts the suggestion if it was clicked.
pub(super) fn take(event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    // A translator may have inserted elements into the button.
    let button = target.and_then(|target| target.closest(&format!("[id={EMAIL_SUGGESTION_ID}]")).ok().flatten());
    let form = button.and_then(|button| button.closest("form").ok().flatten());
    let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else { return };
    let field = form.query_selector(&format!("[id={}]", control_id(Field::Email))).ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        field.set_value(&probably_meant(&field.value()));
        let _ = field.focus();
    }
    offer(Some(form), "");
}

/// Returns the address field if the event comes from it.
fn changed(event: &Event) -> Option<HtmlInputElement> {
    let field = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    (field.id() == control_id(Field::Email)).then_some(field)
}

fn offer(form: Option<HtmlFormElement>, text: &str) {
    let button = form.and_then(|form| form.query_selector(&format!("[id={EMAIL_SUGGESTION_ID}]")).ok().flatten());
    if let Some(button) = button {
        button.set_text_content(Some(text));
    }
}
