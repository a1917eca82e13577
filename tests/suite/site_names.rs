//! The names of the site's files in a release (`build/names.rs`).

#[path = "../../build/names.rs"]
mod names;

use std::collections::BTreeMap;

use names::Site;

/// Returns the files of a site like ours.
fn files() -> Vec<(String, Vec<u8>)> {
    [
        ("/page.js", "document.title"),
        ("/password.js", "// From public/zxcvbn.js.\nimport(\"/zxcvbn.js\"); fetch(\"/api/auth/profile\")"),
        ("/zxcvbn.js", "export const score = 1"),
        ("/young-serif.woff2", "font"),
        ("/young-serif.LICENSE.txt", "license"),
        ("/apple-touch-icon.png", "icon"),
        ("/pkg/doorstep.css", "@font-face{src:url(/young-serif.woff2) format(\"woff2\")}"),
        ("/pkg/doorstep.js", "glue"),
        ("/pkg/doorstep.wasm", "code"),
    ]
    .map(|(path, content)| (path.to_owned(), content.as_bytes().to_vec()))
    .to_vec()
}

/// Returns the same files, with another content of one of them.
fn with(path: &str, content: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = files();
    files.iter_mut().find(|(other, _)| other == path).unwrap().1 = content.as_bytes().to_vec();
    files
}

/// Returns the hashed path of each file, by its source.
fn paths(files: Vec<(String, Vec<u8>)>) -> BTreeMap<String, String> {
    let site = Site::new(files).unwrap();
    site.files.into_iter().filter(|file| file.is_hashed).map(|file| (file.source, file.path)).collect()
}

/// Returns the sources of the files whose names change when the content of one changes.
fn renamed_with(path: &str) -> Vec<String> {
    let (before, after) = (paths(files()), paths(with(path, "other")));
    before.iter().filter(|(source, path)| after[*source] != **path).map(|(source, _)| source.clone()).collect()
}

#[test]
fn n25_every_file_has_a_hashed_name_and_well_known_files_also_have_their_plain_name() {
    let site = Site::new(files()).unwrap();
    let mut plain = Vec::new();
    for file in &site.files {
        let hash = file.path.rsplit('.').nth(1).unwrap();
        let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert_eq!(file.is_hashed, file.path.starts_with("/pkg/") && is_hash, "{}", file.path);
        if !file.is_hashed {
            plain.push(file.path.as_str());
        }
    }
    assert_eq!(plain, ["/apple-touch-icon.png", "/young-serif.LICENSE.txt"]);
    assert!(site.files.iter().any(|file| file.path == format!("/pkg/{}.wasm", site.output_name)));
}

#[test]
fn n25_a_file_that_refers_to_another_refers_to_it_by_its_name() {
    let site = Site::new(files()).unwrap();
    let paths = paths(files());
    let content = |source: &str| {
        let file = site.files.iter().find(|file| file.source == source).unwrap();
        String::from_utf8(file.content.clone()).unwrap()
    };
    assert_eq!(
        content("/pkg/doorstep.css"),
        format!("@font-face{{src:url({}) format(\"woff2\")}}", paths["/young-serif.woff2"])
    );
    let script = content("/password.js");
    assert!(script.contains(&format!("import(\"{}\")", paths["/zxcvbn.js"])), "{script}");
    // Names that are not files of the site are unchanged.
    assert!(script.contains("public/zxcvbn.js") && script.contains("\"/api/auth/profile\""), "{script}");
}

#[test]
fn n25_a_file_that_changes_changes_its_name_and_that_of_every_file_that_refers_to_it() {
    let package = ["/pkg/doorstep.css", "/pkg/doorstep.js", "/pkg/doorstep.wasm"];
    assert_eq!(renamed_with("/page.js"), ["/page.js"]);
    assert_eq!(renamed_with("/zxcvbn.js"), ["/password.js", "/zxcvbn.js"]);
    assert_eq!(renamed_with("/young-serif.woff2"), [&package[..], &["/young-serif.woff2"]].concat());
    assert_eq!(renamed_with("/pkg/doorstep.wasm"), package);
}

#[test]
fn n25_a_site_with_a_reference_that_cannot_be_named_is_not_built() {
    for (path, content) in [
        ("/pkg/doorstep.css", "@font-face{src:url(/other.woff2)}"),
        ("/password.js", "import('/other.js')"),
        // It would have to be named before itself.
        ("/zxcvbn.js", "import(\"/password.js\")"),
    ] {
        assert!(Site::new(with(path, content)).is_err(), "{content}");
    }
    let unnamed = [files(), vec![("/pkg/snippet.js".to_owned(), Vec::new())]].concat();
    assert!(Site::new(unnamed).is_err());
}
