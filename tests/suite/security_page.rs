//! `docs/security.md`: every property on it has a test that exists.

use std::{collections::BTreeSet, fs, path::Path};

const PAGE: &str = include_str!("../../docs/security.md");

/// Returns the rows of the tables: the ids, and the content of the last column.
fn rows() -> Vec<(Vec<String>, &'static str)> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let lines = PAGE.lines().filter(|line| line.starts_with("| ")).map(cells);
    // A letter and a number: other tables have no ids.
    let is_id = |cell: &str| cell.len() > 1 && cell[1..].starts_with(|c: char| c.is_ascii_digit());
    lines.filter(|cells| is_id(cells[0])).map(|cells| (ids(cells[0]), *cells.last().unwrap())).collect()
}

/// Returns the ids of a cell: `T4`, or the range `V1–V7`.
fn ids(cell: &str) -> Vec<String> {
    let (first, last) = cell.split_once('–').unwrap_or((cell, cell));
    let number = |id: &str| id[1..].parse::<u32>().unwrap();
    (number(first)..=number(last)).map(|number| format!("{}{number}", &first[..1])).collect()
}

/// Returns the texts between two `quote`s of a cell.
pub fn quoted(cell: &str, quote: char) -> Vec<&str> {
    cell.split(quote).skip(1).step_by(2).collect()
}

/// Returns all files below these folders, concatenated.
pub fn sources(folders: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "ts") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

#[test]
fn every_promise_is_on_the_page_once() {
    let expected = [
        ("R", 1..=7),
        ("S", 1..=5),
        ("L", 1..=7),
        ("T", 1..=12),
        ("C", 1..=8),
        ("V", 1..=7),
        ("M", 1..=5),
        ("A", 1..=6),
        ("D", 1..=5),
        ("P", 1..=3),
        ("G", 1..=4),
        ("X", 1..=4),
        ("F", 1..=9),
        ("N", 0..=32),
    ];
    let expected: Vec<String> = expected
        .into_iter()
        .flat_map(|(letter, numbers)| numbers.map(move |number| format!("{letter}{number}")))
        .collect();
    let found: Vec<String> = rows().into_iter().flat_map(|(ids, _)| ids).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_promise_that_is_not_for_later_has_a_test_with_its_id() {
    for (ids, shown_by) in rows() {
        let prefix = format!("{}_", ids[0].to_lowercase());
        let has_test = quoted(shown_by, '`').iter().any(|test| test.split_inclusive('_').any(|part| part == prefix))
            || quoted(shown_by, '"').iter().any(|title| title.starts_with(&format!("{}: ", ids[0])));
        // The tests of faults are named after the fault.
        assert!(has_test || ids[0].starts_with('F') || shown_by.starts_with("later"), "{ids:?}");
    }
}

#[test]
fn every_test_of_a_reported_fault_is_on_the_page() {
    let rust = sources(&["src", "tests"]);
    let tests = rust.split("fn n").skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let names = tests.map(|rest| format!("n{}", rest.split('(').next().unwrap()));
    let missing: Vec<String> = names.filter(|name| !PAGE.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_test_on_the_page_exists() {
    let (rust, browser) = (sources(&["src", "tests"]), sources(&["end2end/tests"]));
    let mut named = BTreeSet::new();
    for (_, shown_by) in rows() {
        for test in quoted(shown_by, '`') {
            assert!(rust.contains(&format!("fn {test}(")), "there is no test {test}");
            named.insert(test);
        }
        for test in quoted(shown_by, '"') {
            // Titles that are composed from parts are given by their beginning.
            let is_there = match test.strip_suffix('…') {
                Some(beginning) => browser.contains(&format!("test(`{beginning}")),
                None => browser.contains(&format!("test(\"{test}\"")),
            };
            assert!(is_there, "there is no test {test}");
        }
    }
    assert!(named.len() > 80, "the page was not read");
}
