//! The texts that only the browser can format. The counterpart of the server's module.

use leptos::{
    prelude::document,
    wasm_bindgen::JsValue,
    web_sys::js_sys::{Array, Intl::NumberFormat, Object, Reflect},
};

/// Returns a duration as text, rounded up: `40 seconds`, `2 minutes`, `3 hours`. Uses the browser's plural rules
/// (ECMA-402).
pub(super) fn span(seconds: u32) -> String {
    let (count, unit) = match seconds {
        0 => (1, "second"),
        1..=60 => (seconds, "second"),
        61..=7200 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    let options = Object::new();
    for (name, value) in [("style", "unit"), ("unit", unit), ("unitDisplay", "long")] {
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let language = document().document_element().and_then(|html| html.get_attribute("lang")).unwrap_or_default();
    let format = NumberFormat::new(&Array::of1(&language.into()), &options).format();
    let text = format.call1(&JsValue::UNDEFINED, &count.into());
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}
