//! Checks the languages against each other, and the code against the languages.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::*;

/// Returns the source of a language's messages, by key.
fn written(language: Language) -> BTreeMap<String, String> {
    let (_, sources) = sources(language);
    let mut messages: BTreeMap<String, String> = BTreeMap::new();
    for source in sources {
        assert!(FluentResource::try_new(source.to_owned()).is_ok(), "{language:?} cannot be read");
        let mut key = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if let Some((name, text)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
                name.clone_into(&mut key);
                assert!(messages.insert(key.clone(), text.to_owned()).is_none(), "{key} is there twice");
            } else {
                messages.get_mut(&key).unwrap().push_str(line);
            }
        }
    }
    messages
}

/// Returns the names after each `mark` in a text.
fn names_after<'a>(text: &'a str, mark: &str) -> BTreeSet<&'a str> {
    let name = |rest: &'a str| {
        rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap_or_default()
    };
    text.split(mark).skip(1).map(name).filter(|name| !name.is_empty()).collect()
}

/// Returns the source code without tests.
fn code() -> String {
    fn read(folder: &Path, code: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, code);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("words/tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                code.push_str(text.split("#[cfg(test)]\nmod tests {").next().unwrap());
            }
        }
    }
    let mut code = String::new();
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut code);
    code
}

#[test]
fn every_language_says_the_same_things_of_the_same_arguments() {
    let english = written(Language::English);
    for language in Language::ALL {
        let other = written(language);
        let keys = |messages: &BTreeMap<String, String>| messages.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&other), keys(&english), "{language:?}");
        for (key, text) in &other {
            assert_eq!(names_after(text, "$"), names_after(&english[key], "$"), "{language:?}, {key}");
            for mark in ["<a>", "</a>", "<b>", "</b>"] {
                assert_eq!(
                    text.matches(mark).count(),
                    english[key].matches(mark).count(),
                    "{language:?}, {key}: {mark}"
                );
            }
        }
    }
}

#[test]
fn every_text_that_the_code_uses_exists() {
    let messages = written(Language::English);
    let code = code();
    for call in ["say(\"", "fill(\"", "sentence(\"", "sentence_of(\"", "self.text(\"", "self.button(\""] {
        for key in names_after(&code, call) {
            assert!(messages.contains_key(key), "there are no words for {key}");
        }
    }
}

#[test]
fn every_text_is_used() {
    let messages = written(Language::English);
    let (code, all) = (code(), messages.values().map(String::as_str).collect::<String>());
    for key in messages.keys() {
        let is_said = code.contains(&format!("\"{key}\"")) || all.contains(&format!("{{ {key} }}"));
        assert!(is_said, "{key} is never said");
    }
}

#[test]
fn a_day_and_a_minute_are_formatted_in_the_language() {
    let (english, indonesian) = (Words::of(Language::English), Words::of(Language::Indonesian));
    assert_eq!(english.day("2026-05-22T14:45:57.123Z"), "22 May 2026");
    assert_eq!(indonesian.day("2026-05-22T14:45:57.123Z"), "22 Mei 2026");
    assert_eq!(english.day("2024-03-01T10:20:30Z"), "1 March 2024");
    assert_eq!(english.minute("2026-11-22T04:05:57.123Z"), "22 November 2026, 04:05 UTC");
    assert_eq!(indonesian.minute("2026-11-22T04:05:57.123Z"), "22 November 2026 pukul 04.05 UTC");
    for odd in ["soon", "", "2024-13-01T00:00:00Z", "2024-01-01", "T"] {
        assert_eq!(english.day(odd), odd);
        assert_eq!(english.minute(odd), odd);
    }
}

#[test]
fn singular_and_plural_differ_where_the_language_has_both() {
    let count = |language, count: u32| Words::of(language).fill("event-attempt-failed", &[("count", count.into())]);
    assert_eq!(count(Language::English, 1), "Failed login attempt");
    assert_eq!(count(Language::English, 3), "3 failed login attempts");
    assert_eq!(count(Language::Indonesian, 3), "3 upaya masuk gagal");
}
