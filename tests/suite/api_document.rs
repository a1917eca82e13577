//! The API's document and its Postman collection match the endpoints.

use std::{collections::BTreeSet, env, fs, path::Path};

use doorstep::{
    endpoints::{ENDPOINTS, document},
    web::postman_collection::collection,
};
use serde_json::Value;

/// Fails unless `file` of `docs` has this content. Writes it first if `DOORSTEP_WRITE_DOCUMENT` is set.
#[track_caller]
fn assert_is_written(file: &str, content: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    let made = serde_json::to_string_pretty(content).unwrap() + "\n";
    if env::var_os("DOORSTEP_WRITE_DOCUMENT").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "docs/{file} is out of date: run the test with DOORSTEP_WRITE_DOCUMENT=1");
}

#[test]
fn the_document_of_the_api_is_the_one_that_the_types_make() {
    assert_is_written("openapi.json", &document());
}

#[test]
fn the_postman_collection_is_the_one_that_the_document_makes() {
    assert_is_written("doorstep.postman_collection.json", &collection(&document()));
}

#[test]
fn every_endpoint_is_in_the_postman_collection_with_a_body_where_it_reads_one() {
    let (document, collection) = (document(), collection(&document()));
    let [visit, endpoints] = &collection["item"].as_array().unwrap()[..] else { panic!("{collection}") };
    assert_eq!(visit["item"].as_array().unwrap().len(), 9, "each step names an operation");
    let endpoints = endpoints["item"].as_array().unwrap();
    assert_eq!(endpoints.len(), ENDPOINTS.len());
    for item in endpoints {
        let request = &item["request"];
        let path = request["url"]["raw"].as_str().unwrap().strip_prefix("{{baseUrl}}").unwrap();
        let method = request["method"].as_str().unwrap().to_ascii_lowercase();
        let operation = &document["paths"][path][method];
        assert_eq!(operation["summary"], item["name"]);
        assert_eq!(request["body"].is_object(), operation["requestBody"].is_object(), "{path}");
    }
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
