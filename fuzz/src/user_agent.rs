//! A `User-Agent`: for any value, a customer only sees names from our own rules.

use std::{collections::HashSet, sync::LazyLock};

use doorstep::web::user_agent::device;
use serde_json::{Map, Value};

static RULES: &str = include_str!("../../src/web/user_agents.json");

/// The names that the rules can produce: their replacements, or the alternatives of a rule.
static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let rules: Value = serde_json::from_str(RULES).unwrap();
    let rules = rules.as_object().unwrap().values().flat_map(|list| list.as_array().unwrap());
    rules.flat_map(|rule| names(rule.as_object().unwrap())).collect()
});

fn names(rule: &Map<String, Value>) -> Vec<String> {
    let replacement = rule.iter().find(|(key, _)| key.ends_with("_replacement")).unwrap().1.as_str().unwrap();
    if replacement != "$1" {
        return vec![replacement.to_owned()];
    }
    let words = rule["regex"].as_str().unwrap().split(['(', ')']).nth(1).unwrap();
    words.split('|').map(str::to_owned).collect()
}

/// Checks the device of a header, which is `input` if it is UTF-8.
pub fn user_agent(input: &[u8]) {
    let Ok(header) = str::from_utf8(input) else { return };
    let device = device(header);
    for name in [&device.browser, &device.system] {
        assert!(name.is_empty() || NAMES.contains(name), "{name}");
    }
}
