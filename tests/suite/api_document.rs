//! The API's document says what the endpoints are.

use std::{collections::BTreeSet, env, fs, path::Path};

use doorstep::endpoints::{ENDPOINTS, document};

/// Writes the document anew if `DOORSTEP_WRITE_DOCUMENT` is set.
#[test]
fn the_document_of_the_api_is_the_one_that_the_types_make() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let made = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if env::var_os("DOORSTEP_WRITE_DOCUMENT").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "docs/openapi.json is stale: run the test with DOORSTEP_WRITE_DOCUMENT=1");
}

#[test]
fn every_endpoint_is_in_the_document_and_in_the_table_of_the_readme() {
    let document = document();
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for endpoint in ENDPOINTS {
        let method = endpoint.method.as_str();
        assert!(document["paths"][endpoint.path][method.to_ascii_lowercase()].is_object(), "{}", endpoint.path);
        assert!(readme.contains(&format!("`{method} {}`", endpoint.path)), "{method} {}", endpoint.path);
    }
    let paths: BTreeSet<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    assert_eq!(document["paths"].as_object().unwrap().len(), paths.len());
}
