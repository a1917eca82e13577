//! `docs/security/`: the page on the OWASP ASVS is complete and refers to existing things, and the inventories match
//! the source.

use std::{collections::BTreeSet, path::Path};

use super::security_page::{quoted, sources};

const PAGE: &str = include_str!("../../docs/security/asvs.md");
const INVENTORIES: &str = include_str!("../../docs/security/inventories.md");

/// The number of requirements of OWASP ASVS 5.0.0 at level 1 and at level 2.
const LEVELS: [(&str, usize); 2] = [("1", 70), ("2", 183)];

/// One line of a table of the page.
struct Row {
    id: &'static str,
    level: &'static str,
    status: &'static str,
    shown_by: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = PAGE.lines().filter(|line| line.starts_with("| V"));
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, level, _topic, status, shown_by] = cells[..] else { panic!("not five cells: {line}") };
        Row { id, level, status, shown_by }
    });
    rows.collect()
}

/// Returns the chapter, section and number of `V1.2.3`.
fn numbers(id: &str) -> Vec<u32> {
    let numbers: Vec<u32> = id[1..].split('.').map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers.len(), 3, "{id}");
    numbers
}

/// Returns true for the name of a test. Settings, paths and headers have other characters or no underscore.
fn is_test(text: &str) -> bool {
    let is_plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    is_plain && text.contains('_') && !text.starts_with('_')
}

/// Returns the first cells in backticks of the inventory section with this heading.
fn listed(heading: &str) -> BTreeSet<&'static str> {
    let section = INVENTORIES.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}

/// Returns the text from each `start` to the next quotation mark.
fn literals<'a>(source: &'a str, start: &str) -> BTreeSet<&'a str> {
    source.split(start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_requirement_of_levels_1_and_2_is_on_the_page_once_in_order() {
    let rows = rows();
    for pair in rows.windows(2) {
        assert!(numbers(pair[0].id) < numbers(pair[1].id), "{} comes before {}", pair[0].id, pair[1].id);
    }
    for (level, count) in LEVELS {
        assert_eq!(rows.iter().filter(|row| row.level == level).count(), count, "level {level}");
    }
    assert_eq!(rows.len(), LEVELS.iter().map(|(_, count)| count).sum::<usize>());
}

#[test]
fn every_requirement_has_a_status_and_each_met_one_names_a_test_or_the_design() {
    let browser = sources(&["end2end/tests"]);
    for Row { id, status, shown_by, .. } in rows() {
        assert!(["met", "not met", "not applicable"].contains(&status), "{id}: {status}");
        let has_test = quoted(shown_by, '`').into_iter().any(is_test)
            || quoted(shown_by, '"').iter().any(|test| browser.contains(&format!("test(\"{test}\"")));
        let is_shown = has_test || shown_by.starts_with("by design: ");
        assert_eq!(is_shown, status == "met", "{id}: {shown_by}");
    }
}

#[test]
fn every_test_file_and_section_on_the_page_exists() {
    let (rust, browser) = (sources(&["src", "tests"]), sources(&["end2end/tests"]));
    let mut named = BTreeSet::new();
    for Row { id, shown_by, .. } in rows() {
        for test in quoted(shown_by, '`').into_iter().filter(|text| is_test(text)) {
            assert!(rust.contains(&format!("fn {test}(")), "{id}: there is no test {test}");
            named.insert(test);
        }
        for test in quoted(shown_by, '"') {
            assert!(browser.contains(&format!("test(\"{test}\"")), "{id}: there is no test {test}");
        }
        if let Some(file) = shown_by.strip_prefix("by design: `").and_then(|rest| rest.split('`').next()) {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{id}: there is no {file}");
        }
        for anchor in shown_by.split("(inventories.md#").skip(1).filter_map(|rest| rest.split(')').next()) {
            let titles = INVENTORIES.lines().filter_map(|line| line.strip_prefix("## "));
            let mut anchors = titles.map(|title| title.to_lowercase().replace(' ', "-"));
            assert!(anchors.any(|known| known == anchor), "{id}: there is no section {anchor}");
        }
    }
    assert!(named.len() > 100, "the page was not read");
}

#[test]
fn the_inventories_list_every_key_log_event_and_limit() {
    let source = sources(&["src"]);
    let purposes = literals(&source, "secret_keys.derive(\"");
    assert!(purposes.len() >= 5, "the purposes were not read");
    assert!(purposes.is_subset(&listed("Keys")), "{purposes:?}");

    let events = literals(&source, "event = \"");
    assert!(events.len() > 20, "the events were not read");
    assert_eq!(events, listed("Logs"));

    // The arms `Self::SignUpFrom(_) => "sign_up_from"`.
    let kinds = source.split("fn kind(&self) -> &'static str").nth(1).and_then(|rest| rest.split("\n    }").next());
    let kinds = literals(kinds.unwrap(), " => \"");
    assert!(kinds.len() > 20, "the limits were not read");
    assert!(kinds.is_subset(&listed("Limits")), "{kinds:?}");
}
