//! The architecture of the source: which part may depend on which.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The parts of the crate that each part may use. `platform` provides Unicode for the domain.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("platform", &[] as &[_]),
        ("domain", &["platform"]),
        ("telemetry", &[]),
        ("workers", &["telemetry"]),
        ("accounts", &["domain", "telemetry"]),
        ("config", &["accounts"]),
        ("words", &["domain"]),
        ("adapters", &["accounts", "domain", "telemetry", "words", "workers"]),
        // `api` reaches `endpoints` and `web` inside of server functions' bodies only; see below.
        ("api", &["domain", "endpoints", "web"]),
        ("ui", &["api", "domain", "words"]),
        ("web", &["accounts", "api", "config", "domain", "telemetry", "ui", "workers"]),
        ("endpoints", &["accounts", "api", "domain", "ui", "web"]),
        ("pages", &["accounts", "api", "domain", "endpoints", "ui", "web"]),
    ])
}

#[test]
fn every_dependency_between_the_parts_is_allowed() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (path, source) in sources() {
        let part = path.components().next().unwrap().as_os_str().to_str().unwrap();
        let Some(may) = allowed.get(part) else { continue };
        for named in parts_named_in(product(&source)) {
            if named != part && allowed.contains_key(named.as_str()) && !may.contains(&named.as_str()) {
                wrong.push(format!("{}: {part} must not know {named}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_api_calls_the_server_and_imports_nothing_of_it() {
    for (path, source) in sources().into_iter().filter(|(path, _)| path.starts_with("api")) {
        let names_server =
            |line: &&str| ["crate::web", "crate::endpoints", "crate::{"].iter().any(|part| line.contains(part));
        for line in source.lines().filter(names_server) {
            assert!(
                line.starts_with("    ") || !line.contains("web") && !line.contains("endpoints"),
                "{}: {line}",
                path.display()
            );
        }
    }
}

#[test]
fn only_the_composition_root_and_the_commands_name_adapters() {
    for (path, source) in sources() {
        let file = path.to_str().unwrap();
        let is_root = file == "lib.rs" || file.starts_with("composition") || file.starts_with("commands");
        if !file.starts_with("adapters") && !is_root {
            assert!(!product(&source).contains("adapters::"), "{file} names an adapter");
        }
    }
}

#[test]
fn features_are_checked_only_where_modules_are_listed() {
    let lists = ["lib.rs", "ui/mod.rs", "ui/components/mod.rs", "ui/islands/mod.rs"].map(Path::new);
    for (path, source) in sources() {
        if !lists.contains(&path.as_path()) {
            // Types of both sides describe themselves for the API's document, on the server only.
            let source = source.replace("#[cfg_attr(feature = \"ssr\", derive(utoipa::ToSchema))]", "");
            let source = source.replace("#[cfg_attr(feature = \"ssr\", schema(", "");
            for needle in ["cfg(feature", "cfg(not(feature", "cfg_attr(feature", "cfg!(feature"] {
                assert!(!source.contains(needle), "{} asks for a feature", path.display());
            }
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for (path, source) in sources() {
        assert!(source.starts_with("//! "), "{} does not open with its purpose", path.display());
    }
}

#[test]
fn the_check_of_dependencies_finds_the_named_parts() {
    let source =
        "use crate::{\n    accounts::Accounts,\n    web::{self, AppState},\n};\nlet x = crate::config::Config;";
    assert_eq!(parts_named_in(source), ["accounts", "web", "config"]);
    assert_eq!(product("real\n#[cfg(test)]\nmod tests { use crate::web; }"), "real\n");
    assert!(sources().len() > 40, "the source was not found");
}

/// Returns a file's source without its tests, which may use any part.
fn product(source: &str) -> &str {
    source.split("#[cfg(test)]").next().unwrap()
}

/// Returns the parts of the crate that a source uses, by `crate::part` or within `use crate::{…}`.
fn parts_named_in(source: &str) -> Vec<String> {
    let mut named = Vec::new();
    for rest in source.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => named.push(identifier(rest)),
            Some(group) => named.extend(top_level_names(group)),
        }
    }
    named
}

/// Returns the first name of each item in a `{…}` group.
fn top_level_names(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut item = String::new();
    let mut names = Vec::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(identifier(std::mem::take(&mut item).trim())),
            c if depth == 0 => item.push(c),
            _ => {}
        }
    }
    names.push(identifier(item.trim()));
    names.retain(|name| !name.is_empty());
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Returns every Rust file below `src`, with its path relative to it.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(&root).unwrap().to_owned(), source));
            }
        }
    }
    found
}
