//! Runs the fuzzer's seeds (`fuzz/seeds`) and its corpus (`fuzz/corpus`) through the same checks, so that old findings
//! cannot return.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[path = "../../fuzz/src/lib.rs"]
mod oracles;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn holds_for_all(target: &str, check: fn(&[u8])) {
    for folder in [fuzz().join("seeds").join(target), fuzz().join("corpus").join(target)] {
        let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        for file in files {
            let input = fs::read(&file).unwrap();
            let holds = std::panic::catch_unwind(|| check(&input)).is_ok();
            assert!(holds, "it does not hold for {}", file.display());
        }
    }
}

#[test]
fn r7_every_input_of_the_fuzz_corpus_of_cookies_is_read_unchanged() {
    holds_for_all("cookies", oracles::cookies);
}

#[test]
fn t3_a_token_of_the_fuzz_corpus_is_valid_only_if_it_is_ours() {
    holds_for_all("tokens", |input| _ = oracles::tokens(input));
}

#[test]
fn t3_the_fuzzer_starts_from_valid_tokens_and_from_nearly_valid_ones() {
    let is_believed = |seed: &str| oracles::tokens(&fs::read(fuzz().join("seeds/tokens").join(seed)).unwrap());
    for seed in ["access", "signed_by_us", "over_within_the_leeway", "refresh", "browser", "link"] {
        assert!(is_believed(seed), "{seed}");
    }
    for seed in ["garbage", "none", "over", "exp_negative", "embedded_key", "twice", "aud_of_several"] {
        assert!(!is_believed(seed), "{seed}");
    }
}

#[test]
fn r7_every_input_of_the_fuzz_corpus_of_bodies_becomes_plain_text_or_an_error() {
    holds_for_all("body", oracles::body);
}

#[test]
fn every_input_of_the_fuzz_corpus_of_user_agents_gives_only_known_names() {
    holds_for_all("user_agent", oracles::user_agent);
}

#[test]
fn n14_n21_every_input_of_the_fuzz_corpus_of_headers_is_read() {
    holds_for_all("headers", oracles::headers);
}

#[test]
fn n14_every_header_that_is_read_is_fuzzed() {
    use doorstep::web::request_headers::READ;

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = fs::read_to_string(fuzz().join("dictionaries/headers")).unwrap();
    for header in READ {
        assert!(read.contains(&format!("\"{header}: \"")), "{header} is not in the dictionary");
    }
    let mut folders = vec![root.join("src/web"), root.join("src/telemetry")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let product = source.split("#[cfg(test)]").next().unwrap();
            for name in
                [".get(header::", ".get_all(header::", ".contains_key(header::", "headers.get(\"", "headers.get_all(\""]
                    .iter()
                    .flat_map(|asks| product.split(asks).skip(1))
            {
                let name = name.split([')', '"']).next().unwrap().to_lowercase().replace('_', "-");
                // Response headers.
                if ["location", "set-cookie", "cache-control", "content-security-policy"].contains(&name.as_str()) {
                    continue;
                }
                assert!(READ.contains(&name.as_str()), "{} reads {name}", path.display());
                found += 1;
            }
        }
    }
    assert!(found >= 6, "the source was not read");
}
