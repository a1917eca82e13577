//! What a form shows while it lives in the browser: errors, and that it is busy.
//!
//! It is set on elements that are looked up at each change. A view that follows signals would hold on to text nodes, which
//! translators and extensions replace, and would have to find its page as the server sent it.

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, HtmlFormElement, SubmitEvent},
};

use crate::{
    domain::Field,
    ui::components::{ERROR_SUMMARY_ID, control_id, described_by, error_id, hint_id},
};

/// A form in the page.
#[derive(Clone)]
pub(super) struct LiveForm(HtmlFormElement);

impl LiveForm {
    /// Returns the form that is being sent.
    pub(super) fn of(event: &SubmitEvent) -> Option<Self> {
        event.target()?.dyn_into().ok().map(Self)
    }

    pub(super) fn element(&self) -> &HtmlFormElement {
        &self.0
    }

    /// Shows `message` in the summary, with `errors`, and at each of `fields` its error, if it has one. An empty message takes all
    /// of it away. Returns `None` if the page has no place for them.
    pub(super) fn show(&self, fields: &[Field], message: &str, errors: &[(Field, String)]) -> Option<()> {
        for field in fields {
            let error = errors.iter().find(|(other, _)| other == field).map(|(_, text)| text.as_str());
            self.show_error(*field, error.unwrap_or_default())?;
        }
        let summary = self.find(ERROR_SUMMARY_ID)?;
        summary.query_selector(".error-summary-message").ok()??.set_text_content(Some(message));
        let list = summary.query_selector("ul").ok()??;
        list.set_text_content(None);
        for (field, text) in errors {
            list.append_child(&*link_to(*field, text)?).ok()?;
        }
        set_flag(&summary, "hidden", message.is_empty())
    }

    /// Shows the error of one field; none if `text` is empty.
    fn show_error(&self, field: Field, text: &str) -> Option<()> {
        let has_error = !text.is_empty();
        let error = self.find(&error_id(field))?;
        error.set_text_content(Some(text));
        set_flag(&error, "hidden", !has_error)?;
        let control = self.find(control_id(field))?;
        set(&control, "aria-invalid", has_error.then_some("true"))?;
        let has_hint = self.find(&hint_id(field)).is_some();
        set(&control, "aria-describedby", described_by(field, has_hint, has_error).as_deref())?;
        let frame = control.closest(".field").ok()??;
        frame.class_list().toggle_with_force("invalid", has_error).ok().map(drop)
    }

    /// Puts the focus on the summary, so that it is read out and in view.
    pub(super) fn focus_summary(&self) {
        if let Some(summary) = self.find(ERROR_SUMMARY_ID).and_then(|summary| summary.dyn_into::<HtmlElement>().ok()) {
            let _ = summary.focus();
        }
    }

    /// Returns true while the form is on its way. The page knows, and nothing else: when it comes back from the history,
    /// `public/page.js` makes it ready again.
    pub(super) fn is_busy(&self) -> bool {
        let button = self.button();
        button.is_some_and(|button| button.get_attribute("aria-disabled").as_deref() == Some("true"))
    }

    /// Shows that the form is on its way, as `public/page.js` does for a plain one, or no longer.
    pub(super) fn set_busy(&self, busy: bool) {
        let Some(button) = self.button() else { return };
        let idle = if busy { button.text_content() } else { None };
        let shown = button.get_attribute(if busy { "data-busy" } else { "data-idle" });
        set(&button, "data-idle", idle.as_deref());
        set(&button, "aria-disabled", busy.then_some("true"));
        if shown.is_some() {
            button.set_text_content(shown.as_deref());
        }
    }

    /// Lets the browser send the form, as if it had no scripts.
    pub(super) fn send_as_plain(&self) {
        let _ = self.0.submit();
    }

    fn button(&self) -> Option<Element> {
        self.0.query_selector("button[type=submit]").ok()?
    }

    /// Returns the element of this id in the form: an extension may have used the same id elsewhere.
    fn find(&self, id: &str) -> Option<Element> {
        self.0.query_selector(&format!("[id={id}]")).ok()?
    }
}

/// A list item that leads to the field.
fn link_to(field: Field, text: &str) -> Option<Element> {
    let link = document().create_element("a").ok()?;
    set(&link, "href", Some(&format!("#{}", control_id(field))))?;
    link.set_text_content(Some(text));
    let item = document().create_element("li").ok()?;
    item.append_child(&link).ok()?;
    Some(item)
}

fn set(element: &Element, attribute: &str, value: Option<&str>) -> Option<()> {
    match value {
        Some(value) => element.set_attribute(attribute, value).ok(),
        None => element.remove_attribute(attribute).ok(),
    }
}

fn set_flag(element: &Element, attribute: &str, is_set: bool) -> Option<()> {
    set(element, attribute, is_set.then_some(""))
}
