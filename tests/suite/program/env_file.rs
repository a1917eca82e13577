//! The sources of the configuration: the environment, `.env`, and files and credentials with secrets.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path, process::Output};

use tempfile::TempDir;

use super::{KEY, Serving, program, run};

/// Returns what a program in `folder` reports about its configuration, with this content of `.env`.
fn check(folder: &Path, content: impl AsRef<[u8]>, variables: &[(&str, &str)]) -> Output {
    fs::write(folder.join(".env"), content).unwrap();
    run(folder, &["check-config"], variables)
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// Returns the settings of `.env.example`: each name with its literal value.
fn settings() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../../../.env.example").lines().filter_map(|line| line.strip_prefix('#'));
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let settings = lines.filter_map(|line| line.split_once('=')).filter(|(name, _)| is_name(name)).collect::<Vec<_>>();
    assert!(settings.len() > 25, "the settings were not found");
    settings
}

/// Returns how a value is printed that is normalised or secret.
fn printed(name: &str, value: &str) -> String {
    match (name, value) {
        ("SMTP_URL", url) => url.replace("user:password", "***"),
        ("ACTIVITY_RETENTION", _) => "5months 27days 19h 12m".to_owned(),
        (name, value) if name.ends_with("TTL") => value.replace('d', "days"),
        ("OTEL_EXPORTER_OTLP_HEADERS", _) => "authorization=***".to_owned(),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url) => format!("{url}/"),
        _ => value.to_owned(),
    }
}

/// Returns what a setting requires: another setting, or a file of this machine instead of the example's.
fn completed(folder: &Path, name: &str, value: &str) -> (String, Vec<(&'static str, String)>) {
    let file = |name: &str| {
        fs::write(folder.join(name), "<svg/>").unwrap();
        folder.join(name).display().to_string()
    };
    let with = |name, value: &str| vec![(name, value.to_owned())];
    match name {
        "SHOP_LOGO" => (file("sign.svg"), Vec::new()),
        "THEME_CSS" => (file("theme.css"), Vec::new()),
        "MONGODB_URI" => {
            let others = [("REDIS_URL", "redis://127.0.0.1:1".to_owned()), ("SECRET_KEY", KEY.to_owned())];
            (value.replace("27017", "1"), others.to_vec())
        }
        "REDIS_URL" => {
            let others = [("MONGODB_URI", "mongodb://127.0.0.1:1/x".to_owned()), ("SECRET_KEY", KEY.to_owned())];
            (value.to_owned(), others.to_vec())
        }
        "SMTP_URL" => (value.to_owned(), with("MAIL_FROM", "hello@tea.example")),
        "MAIL_FROM" | "REQUIRE_VERIFIED_EMAIL" => {
            (value.to_owned(), [with("SMTP_URL", "smtps://mail.example"), with("MAIL_FROM", "a@tea.example")].concat())
        }
        "OTEL_EXPORTER_OTLP_HEADERS" | "OTEL_SERVICE_NAME" => {
            (value.to_owned(), with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"))
        }
        _ => (value.to_owned(), Vec::new()),
    }
}

#[test]
fn n9_each_line_of_the_example_takes_effect_once_its_mark_is_removed() {
    for (name, value) in settings() {
        let folder = TempDir::new().unwrap();
        let (value, others) = completed(folder.path(), name, value);
        let others: Vec<(&str, &str)> = others.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let others: Vec<_> = others.into_iter().filter(|(other, _)| *other != name).collect();
        let output = check(folder.path(), format!("{name}={value}\n"), &others);
        let said = said(&output);
        // The stores' addresses do not answer.
        let code = i32::from(["MONGODB_URI", "REDIS_URL"].contains(&name));
        assert_eq!(output.status.code(), Some(code), "{name}={value}: {said}");
        if !value.is_empty() {
            let line = format!("{name}={}", printed(name, &value));
            assert!(said.lines().any(|said| said == line), "{line} is missing in: {said}");
        }
    }
}

#[test]
fn n9_all_lines_of_the_example_take_effect_together() {
    let folder = TempDir::new().unwrap();
    let settings: Vec<(&str, String)> =
        settings().into_iter().map(|(name, value)| (name, completed(folder.path(), name, value).0)).collect();
    let lines: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    let output = check(folder.path(), lines.concat(), &[("SECRET_KEY", KEY)]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "nothing answers at the addresses of stores: {said}");
    for (name, value) in settings.iter().filter(|(name, value)| !value.is_empty() && *name != "DATA_DIR") {
        let line = format!("{name}={}", printed(name, value));
        assert!(said.lines().any(|said| said == line), "{line} is missing in: {said}");
    }
}

#[test]
fn n9_only_the_working_directory_is_looked_at() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(folder.path().join(".env"), "PORT=5555\n").unwrap();
    assert!(said(&run(&inner, &["check-config"], &[])).contains("PORT=5000"));
    assert!(said(&run(folder.path(), &["check-config"], &[])).contains("PORT=5555"));
}

#[test]
fn n9_every_bad_line_is_named_by_its_number_and_never_by_its_value() {
    let folder = TempDir::new().unwrap();
    let output = check(folder.path(), "PORT=5555\nhunter2\n\nSMTP_URL='hunter2\n", &[]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(".env: line 2 ") && said.contains(".env: line 4 ") && !said.contains("hunter2"), "{said}");
}

#[test]
fn n9_a_file_of_windows_is_read() {
    let folder = TempDir::new().unwrap();
    for end in ["\r\n", "\r"] {
        let output = check(folder.path(), format!("\u{feff}PORT=5555{end}SHOP_NAME=Tea # the shop{end}"), &[]);
        let said = said(&output);
        assert!(said.contains("PORT=5555\n") && said.contains("SHOP_NAME=Tea\n"), "{said}");
    }
}

#[test]
fn n9_trusted_proxies_that_cover_most_public_addresses_are_refused() {
    let folder = TempDir::new().unwrap();
    for networks in [
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1,128.0.0.0/1",
        "10.0.0.0/8, ::/1, 8000::/1",
        "0.0.0.0/2,64.0.0.0/2,128.0.0.0/2,192.0.0.0/3",
        "::ffff:0:0/96",
    ] {
        let output = run(folder.path(), &["check-config"], &[("TRUSTED_PROXIES", networks)]);
        assert_eq!(output.status.code(), Some(2), "{networks}");
        assert!(said(&output).contains("TRUSTED_PROXIES: "), "{networks}");
    }
    assert!(run(folder.path(), &["check-config"], &[("TRUSTED_PROXIES", "10.0.0.0/8,::1")]).status.success());
    let mapped = run(folder.path(), &["check-config"], &[("TRUSTED_PROXIES", "::ffff:10.0.0.0/104")]);
    assert!(said(&mapped).contains("TRUSTED_PROXIES=10.0.0.0/8\n"), "{mapped:?}");
}

#[test]
fn n9_x4_a_credential_that_cannot_be_read_is_not_treated_as_missing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let credentials = folder.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    let run = |directory: &Path| {
        run(folder.path(), &["check-config"], &[("CREDENTIALS_DIRECTORY", directory.to_str().unwrap())])
    };
    assert!(run(&credentials).status.success(), "there is none");
    for directory in [&folder.path().join("nowhere"), &file] {
        let output = run(directory);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.matches("CREDENTIALS_DIRECTORY: ").count(), 1, "{said}");
    }
    for (credential, variable) in
        [("secret_key", "SECRET_KEY: "), ("secret_key_previous", "SECRET_KEY_PREVIOUS: "), ("smtp_url", "SMTP_URL: ")]
    {
        let link = credentials.join(credential);
        std::os::unix::fs::symlink("/nowhere", &link).unwrap();
        let output = run(&credentials);
        assert_eq!(output.status.code(), Some(2), "{credential}");
        assert!(said(&output).contains(variable), "{output:?}");
        fs::remove_file(link).unwrap();
    }
    for credential in ["mongodb_uri", "redis_url"] {
        std::os::unix::fs::symlink("/nowhere", credentials.join(credential)).unwrap();
    }
    let output = run(&credentials);
    assert_eq!(output.status.code(), Some(2), "it would use the embedded store");
    assert!(said(&output).contains("MONGODB_URI: ") && said(&output).contains("REDIS_URL: "), "{output:?}");
}

#[test]
fn n9_a_check_fails_when_the_store_cannot_be_used() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/doorstep.db"), "this is no store").unwrap();
    let output = run(folder.path(), &["check-config"], &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8(output.stdout.clone()).unwrap().contains("PORT=5000"), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("the store cannot be used: "));
}

#[test]
fn n9_x4_secrets_come_from_files_and_from_credentials() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, content: &str| {
        fs::write(folder.path().join(name), content).unwrap();
        folder.path().join(name).display().to_string()
    };
    let uri = "mongodb://u:hunter2@127.0.0.1:1/shop";
    let files = [
        ("SECRET_KEY_FILE", write("secret_key", &format!("{KEY}\n"))),
        ("SECRET_KEY_PREVIOUS_FILE", write("secret_key_previous", "c2V2ZW4gdGFsbCBoZXJvbnMgaW4gdGhlIHJlZWRzISE=\r\n")),
        ("MONGODB_URI_FILE", write("mongodb_uri", &format!("{uri}\r\n"))),
        ("REDIS_URL_FILE", write("redis_url", "redis://:hunter2@127.0.0.1:1")),
        ("SMTP_URL_FILE", write("smtp_url", "smtps://shop:hunter2@mail.example\n")),
    ];
    let by_files: Vec<(&str, &str)> = files.iter().map(|(name, path)| (*name, path.as_str())).collect();
    let directory = folder.path().display().to_string();
    let by_credentials = [("CREDENTIALS_DIRECTORY", directory.as_str())];
    for variables in [&by_files[..], &by_credentials] {
        let output = run(folder.path(), &["check-config"], &[variables, &[("MAIL_FROM", "a@tea.example")]].concat());
        let told = said(&output);
        assert_eq!(output.status.code(), Some(1), "nothing answers at the addresses of stores: {told}");
        for line in [
            "SECRET_KEY=***",
            "SECRET_KEY_PREVIOUS=***",
            "MONGODB_URI=mongodb://***@127.0.0.1:1/shop",
            "REDIS_URL=redis://***@127.0.0.1:1",
            "SMTP_URL=smtps://***@mail.example",
        ] {
            assert!(told.contains(line), "{line} is missing in: {told}");
        }
        assert!(!told.contains("hunter2") && !told.contains(KEY), "{told}");
    }
    let both = [&by_files[..], &[("SECRET_KEY", KEY), ("MONGODB_URI", uri)]].concat();
    let twice = [&by_credentials[..], &[("SECRET_KEY", KEY), ("REDIS_URL_FILE", files[3].1.as_str())]].concat();
    let nowhere =
        [("SECRET_KEY_FILE", "/nowhere/key"), ("MONGODB_URI_FILE", &directory), ("REDIS_URL_FILE", "/dev/null")];
    for (variables, named) in [
        (&both[..], &["SECRET_KEY_FILE: ", "MONGODB_URI_FILE: "][..]),
        (&twice, &["SECRET_KEY: ", "REDIS_URL_FILE: "]),
        (&nowhere, &["SECRET_KEY_FILE: /nowhere/key", "MONGODB_URI_FILE: ", "REDIS_URL_FILE: "]),
    ] {
        let output = run(folder.path(), &["check-config"], variables);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(named.iter().all(|variable| said.contains(variable)) && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn n9_the_store_in_use_is_named_at_the_start_and_by_a_check() {
    let folder = TempDir::new().unwrap();
    assert!(said(&run(folder.path(), &["check-config"], &[])).contains("database data/doorstep.db, customers: 0"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "and nothing is written");
    let log = folder.path().join("log");
    let start = || Serving::start_logging(folder.path(), &[], fs::File::create(&log).unwrap());
    start().sign_up();
    let mut serving = start();
    assert!(said(&run(folder.path(), &["check-config"], &[])).contains("database data/doorstep.db, customers: 1"));
    assert_eq!(serving.terminate(), Some(0));
    let logged = fs::read_to_string(&log).unwrap();
    let line = logged.lines().find(|line| line.contains("store in use")).unwrap();
    assert!(line.contains("data/doorstep.db") && line.contains("customers=1"), "{line}");
}

#[test]
fn n10_a_store_in_clear_over_the_internet_is_warned_of() {
    let folder = TempDir::new().unwrap();
    let check = |mongodb, redis| {
        let variables = [("MONGODB_URI", mongodb), ("REDIS_URL", redis), ("SECRET_KEY", KEY)];
        said(&run(folder.path(), &["check-config"], &variables))
    };
    let told = check("mongodb://u:hunter2@127.0.0.1:1,db.invalid/shop", "redis://:hunter2@cache.invalid:6379");
    assert!(told.contains("warning: MONGODB_URI: connects to db.invalid without TLS"), "{told}");
    assert!(told.contains("warning: REDIS_URL: connects to cache.invalid without TLS"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    let told = check("mongodb://127.0.0.1:1/shop", "rediss://cache.invalid");
    assert!(!told.contains("warning"), "{told}");
}

#[test]
fn n9_x4_a_session_outlives_a_change_of_the_secret_and_ends_with_the_previous_one() {
    const NEW: &str = "c2V2ZW4gdGFsbCBoZXJvbnMgaW4gdGhlIHJlZWRzISE=";
    let folder = TempDir::new().unwrap();
    let refresh = |serving: &Serving, cookies: &str| {
        let answer = serving.post("/api/auth/refresh-token", cookies, "").unwrap();
        let set = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
        let token =
            set.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("refreshToken="));
        (answer.lines().next().unwrap().to_owned(), token.unwrap_or_default().to_owned())
    };
    let token = {
        let serving = Serving::start(folder.path(), &[("SECRET_KEY", KEY)]);
        let cookies = serving.sign_up();
        cookies.into_iter().find(|cookie| cookie.starts_with("refreshToken=")).unwrap()
    };
    // One instance that was restarted already, and one that was not.
    let late = Serving::start(folder.path(), &[("SECRET_KEY", NEW), ("SECRET_KEY_PREVIOUS", KEY)]);
    let early = Serving::start(folder.path(), &[("SECRET_KEY", KEY), ("SECRET_KEY_PREVIOUS", NEW)]);
    let ((status, one), (_, other)) = (refresh(&late, &token), refresh(&early, &token));
    assert!(status.contains("200") && !one.is_empty(), "{status}");
    assert_eq!(one, other, "one successor, whichever instance is asked");
    let (status, _) = refresh(&early, &one);
    assert!(status.contains("200"), "{status}");
    let keys = run(folder.path(), &["keys", "list"], &[("SECRET_KEY", NEW), ("SECRET_KEY_PREVIOUS", KEY)]);
    assert!(said(&keys).contains("signing since") && said(&keys).contains("SECRET_KEY_PREVIOUS"), "{keys:?}");
    drop((late, early));

    let after = Serving::start(folder.path(), &[("SECRET_KEY", NEW)]);
    let (status, _) = refresh(&after, &one);
    assert!(status.contains("401"), "{status}");
}

#[test]
fn x2_problems_of_the_file_and_of_the_variables_are_reported_at_once() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "nonsense\nBCRYPT_COST=hunter2\n").unwrap();
    let output = run(folder.path(), &["check-config"], &[("PORT", "none")]);
    assert_eq!(output.status.code(), Some(2));
    let told = said(&output);
    for problem in [".env: line 1 ", "BCRYPT_COST: ", "PORT: "] {
        assert!(told.contains(problem), "{problem} is missing in: {told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn n9_a_value_that_is_not_utf_8_is_reported_by_its_variable_and_is_not_changed() {
    let folder = TempDir::new().unwrap();
    let not_utf_8 = OsStr::from_bytes(b"hunter2\xff");
    for variable in ["SHOP_NAME", "DATA_DIR", "SECRET_KEY", "SECRET_KEY_FILE", "MAIL_FROM", "LOG_FORMAT", "RUST_LOG"] {
        let output = program(folder.path()).arg("check-config").env(variable, not_utf_8).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{variable}: {said}");
        assert_eq!(said.matches(&format!("{variable}: must be UTF-8")).count(), 1, "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let output = program(folder.path()).arg("check-config").env("OTHER", not_utf_8).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn n9_the_folder_of_the_store_is_taken_literally() {
    for name in ["file:x", "file:data?mode=memory", ":memory:", "a%41 b#c?d&e=f", "-x", "'é\"\\"] {
        let folder = TempDir::new().unwrap();
        let variables = [("DATA_DIR", name)];
        Serving::start(folder.path(), &variables).sign_up();
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [name], "nothing else is created");
        assert!(folder.path().join(name).join("doorstep.db").exists(), "{name}");
        for (command, expected) in [
            (&["customers", "list"][..], "ada@x.test"),
            (&["backup", "file:copy"], ""),
            (&["restore", "file:copy"], ""),
            (&["check-config"], "customers: 1"),
        ] {
            let output = run(folder.path(), command, &variables);
            let said = said(&output);
            assert!(output.status.success() && said.contains(expected), "{name} {command:?}: {said}");
        }
        assert!(folder.path().join("file:copy").exists(), "{name}");
    }
}
