//! What a thief of a copied store has, and the secrets that it must not contain in any encoding.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use mongodb::bson::{Document, doc};

use crate::{servers::Servers, stores::harness::redis_entries};

/// The length of a MAC in bytes. It is the end of each of our tokens, and makes it valid.
const MAC: usize = 32;

/// Returns the bytes of all files in this folder, including a SQLite store's log.
pub fn files(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.is_file()).flat_map(|file| fs::read(file).unwrap()).collect()
}

/// Returns all documents of all collections of the test's database, and all keys and values in Redis.
pub async fn servers(servers: &Servers) -> Vec<u8> {
    let mut dump = Vec::new();
    let client = mongodb::Client::with_uri_str(&servers.mongodb).await.unwrap();
    let database = client.database(&servers.database);
    for name in database.list_collection_names().await.unwrap() {
        let mut documents = database.collection::<Document>(&name).find(doc! {}).await.unwrap();
        while documents.advance().await.unwrap() {
            dump.extend(documents.current().as_bytes());
        }
    }
    for (key, _, values) in redis_entries(&servers.redis).await {
        for part in [key.into_bytes()].into_iter().chain(values) {
            dump.extend(part);
            dump.push(b'\n');
        }
    }
    dump
}

/// Passwords, tokens and codes that were used, each with a name that a failed test can print.
#[derive(Default)]
pub struct Secrets {
    /// Each in every encoding in which it could be stored.
    long: BTreeMap<String, Vec<Vec<u8>>>,
    codes: BTreeMap<String, String>,
}

impl Secrets {
    /// Adds a password, a cookie's value, or the token of a link.
    pub fn add(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= 7, "{name} is too short to be looked for: {secret}");
        let mut forms = vec![secret.as_bytes().to_vec()];
        forms.extend(encoded(secret.as_bytes()));
        // The signature of a JWT, or the whole of another token.
        let last = secret.rsplit('.').next().unwrap();
        if let Ok(bytes) = URL_SAFE_NO_PAD.decode(last)
            && bytes.len() >= MAC
        {
            for part in [&bytes[..], &bytes[bytes.len() - MAC..]] {
                forms.push(part.to_vec());
                forms.extend(encoded(part));
            }
        }
        self.long.insert(format!("{name} {secret}"), forms);
    }

    /// Adds the six-digit code of a mail.
    pub fn add_code(&mut self, name: &str, code: &str) {
        self.codes.insert(format!("{name} {code}"), code.to_owned());
    }

    /// Returns the number of secrets.
    pub fn len(&self) -> usize {
        self.long.len() + self.codes.len()
    }

    /// # Panics
    /// With the name of a secret that is in `content`. A code counts unless it is part of a longer number, decimal or
    /// hex: random ids may contain any six digits.
    #[track_caller]
    pub fn assert_not_in(&self, content: &[u8], place: &str) {
        let codes = self.codes.iter().map(|(name, code)| (name, code.as_bytes(), true));
        let long = self.long.iter().flat_map(|(name, forms)| forms.iter().map(move |form| (name, &form[..], false)));
        // Indexed by the first two bytes, so that a large store is scanned once.
        let mut starting = vec![Vec::new(); 1 << 16];
        for needle in long.chain(codes) {
            starting[usize::from(u16::from_be_bytes([needle.1[0], needle.1[1]]))].push(needle);
        }
        let ends_at =
            |at: Option<usize>| at.and_then(|at| content.get(at)).is_none_or(|byte| !byte.is_ascii_hexdigit());
        for (at, pair) in content.windows(2).enumerate() {
            for (name, form, is_code) in &starting[usize::from(u16::from_be_bytes([pair[0], pair[1]]))] {
                if content[at..].starts_with(form) {
                    let is_part = *is_code && !(ends_at(at.checked_sub(1)) && ends_at(Some(at + form.len())));
                    assert!(is_part, "{name} is in {place}, as {}", form.escape_ascii());
                }
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// Returns the bytes as text in the usual encodings.
fn encoded(bytes: &[u8]) -> [Vec<u8>; 4] {
    let hex = hex(bytes);
    [hex.to_uppercase(), hex, STANDARD_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)].map(String::into_bytes)
}

#[test]
fn a_secret_is_found_in_every_form() {
    let token = URL_SAFE_NO_PAD.encode((100..160).collect::<Vec<u8>>());
    let mut secrets = Secrets::default();
    secrets.add("a token", &token);
    secrets.add_code("a code", "123456");
    let mac: Vec<u8> = (128..160).collect();
    for content in [token.as_bytes(), &mac, hex(&mac).as_bytes(), b"x'123456'"] {
        let content = [b"before", content, b"'after"].concat();
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| secrets.assert_not_in(&content, "it")));
        assert!(found.is_err(), "{content:?}");
    }
    secrets.assert_not_in(b"1234567 a123456 123456F", "it");
}
