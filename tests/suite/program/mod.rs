//! The built program: how it starts, what it reports about its configuration, how it stops.

mod check_config;
mod customers;
mod env_file;
mod half_stores;
mod healthcheck;
mod hosts;
mod keys;
mod limits;
mod logs;
mod lost_files;
mod moving;
mod ownership;
mod signals;
mod stop;
mod telemetry;

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::server_process::signal;

/// A `SECRET_KEY`.
const KEY: &str = "Zk3mQb0pT1x8yLrV5uWc2aHnE7dJ4gSf9oKiPqXwYtM=";

/// Returns the program in an empty folder, without configuration.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorstep"));
    command.env_clear().current_dir(folder).env("LOG_FORMAT", "text");
    command
}

fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    program(folder).args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running server, which is stopped at the end of the test.
pub struct Serving {
    child: Child,
    port: u16,
    said: String,
}

impl Serving {
    pub fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start_logging(folder, variables, Stdio::null())
    }

    fn start_logging(folder: &Path, variables: &[(&str, &str)], log: impl Into<Stdio>) -> Self {
        Self::spawn(program(folder), variables, log)
    }

    /// Starts a server with a file size limit of this many blocks of 512 bytes. A larger file is an error.
    pub fn start_with_small_files(
        folder: &Path,
        variables: &[(&str, &str)],
        blocks: u32,
        log: impl Into<Stdio>,
    ) -> Self {
        Self::start_from_shell(folder, variables, &format!("ulimit -S -f {blocks}"), log)
    }

    /// Starts a server from a shell, after these commands.
    fn start_limited(folder: &Path, variables: &[(&str, &str)], limits: &str) -> Self {
        Self::start_from_shell(folder, variables, limits, Stdio::null())
    }

    fn start_from_shell(folder: &Path, variables: &[(&str, &str)], limits: &str, log: impl Into<Stdio>) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{limits}; exec \"$0\""), env!("CARGO_BIN_EXE_doorstep")]);
        command.env_clear().current_dir(folder).env("LOG_FORMAT", "text");
        Self::spawn(command, variables, log)
    }

    fn spawn(mut command: Command, variables: &[(&str, &str)], log: impl Into<Stdio>) -> Self {
        let port = free_port();
        command.env("PORT", port.to_string()).env("BCRYPT_COST", "4").envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        Self { child, port, said }
    }

    /// Sends one request in hand-written HTTP/1.1.
    fn ask(&self, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn get(&self, path: &str, cookies: &str) -> String {
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncookie: {cookies}\r\n\r\n");
        self.ask(&head).unwrap()
    }

    /// Posts JSON. There may be no response if the program is killed.
    pub fn post(&self, path: &str, cookies: &str, body: &str) -> io::Result<String> {
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             cookie: {cookies}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Posts a form, as a browser without scripts does.
    fn post_form(&self, path: &str, cookies: &str, fields: &[(&str, &str)]) -> io::Result<String> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\naccept: text/html\r\n\
             content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\n\
             cookie: {cookies}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Signs Ada up, and returns her cookies.
    fn sign_up(&self) -> Vec<String> {
        let body = r#"{"name":"Ada","email":"ada@x.test","password":"seven tall herons"}"#;
        let answer = self.post("/api/auth/signup", "", body).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let cookies = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
        cookies.map(|cookie| cookie.split(';').next().unwrap().to_owned()).collect()
    }

    /// Signs Ada up, and returns her access token only.
    fn access_token(&self) -> String {
        let cookies = self.sign_up();
        cookies.iter().find_map(|cookie| cookie.strip_prefix("accessToken=")).unwrap().to_owned()
    }

    /// Kills it (SIGKILL), possibly while requests are running.
    pub fn kill(&self) {
        signal(&self.child, "KILL");
    }

    pub fn terminate(&mut self) -> Option<i32> {
        signal(&self.child, "TERM");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn x2_every_problem_of_a_configuration_is_reported_at_once_by_variable() {
    let folder = TempDir::new().unwrap();
    let variables = [
        ("PORT", "none"),
        ("HOST", "everywhere"),
        ("PUBLIC_URL", "http://shop.example"),
        ("SECURITY_CONTACT", "javascript:alert(1)"),
        ("MONGODB_URI", "mysql://hunter2@x"),
        ("SECRET_KEY", "aHVudGVyMg=="),
        ("BCRYPT_COST", "9000"),
        ("ACCESS_TOKEN_TTL", "soon"),
        ("RATE_LIMITS", "sometimes"),
        ("TRUSTED_PROXIES", "everybody"),
        ("LOG_FORMAT", "pretty"),
        ("RUST_LOG", "warning"),
        ("SMTP_URL", "http://shop:hunter2@mail.example"),
        ("MAIL_FROM", "the shop"),
        ("METRICS_ADDR", "9464"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
    ];
    for command in ["serve", "check-config"] {
        let output = run(folder.path(), &[command], &variables);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        for (variable, _) in variables.iter().filter(|(variable, _)| *variable != "MONGODB_URI") {
            assert!(said.contains(&format!("{variable}: ")), "{variable} is missing in: {said}");
        }
        assert!(said.contains("REDIS_URL: "), "one store alone is half of one: {said}");
        assert!(!said.contains("hunter2") && !said.contains("aHVudGVyMg"), "{said}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and nothing is written");
}

#[test]
fn x2_a_host_or_a_port_that_nothing_can_reach_is_refused_with_what_is_expected() {
    let folder = TempDir::new().unwrap();
    for (variable, value, expected) in [
        ("ALLOWED_HOSTS", ".internal", "whole host names"),
        ("ALLOWED_HOSTS", "shop.internal,https://shop.internal", "without a scheme"),
        ("ALLOWED_HOSTS", "doorstep:0", "whole host names"),
        ("PUBLIC_URL", "https://*.example", "without wildcards"),
        ("PUBLIC_URL", "https://shop.example:0", "no port 0"),
        ("PORT", "0", "from 1 to 65535"),
        ("METRICS_ADDR", "127.0.0.1:0", "not port 0"),
        ("SMTP_URL", "smtps://*.mail.example", "without wildcards"),
        ("SMTP_URL", "smtp://mail.example:0", "no port 0"),
        ("MONGODB_URI", "mongodb://127.0.0.1:0/shop", "must be a mongodb://"),
        ("REDIS_URL", "redis://127.0.0.1:0", "must be a redis://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:0", "the URL of a collector"),
        ("SECURITY_CONTACT", "mailto:security", "mailto:address@domain"),
        ("SECURITY_CONTACT", "https://*.example", "https://host/"),
        ("SECURITY_CONTACT", "tel:", "tel:number"),
    ] {
        let others = [("MONGODB_URI", "mongodb://127.0.0.1/shop"), ("REDIS_URL", "redis://127.0.0.1")];
        let others = if variable == "MONGODB_URI" || variable == "REDIS_URL" { &others[..] } else { &[] };
        let output = run(folder.path(), &["check-config"], &[others, &[(variable, value)]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{variable}={value}: {said}");
        let problem = said.lines().find(|line| line.starts_with(&format!("{variable}: "))).unwrap_or_default();
        assert!(problem.contains(expected), "{variable}={value}: {said}");
    }
}

#[test]
fn t6_a_grace_within_which_a_stolen_refresh_token_is_useful_is_refused() {
    let folder = TempDir::new().unwrap();
    for (grace, is_good) in [("1s", true), ("10s", true), ("1m", true), ("0s", false), ("61s", false), ("1d", false)] {
        let output = run(folder.path(), &["check-config"], &[("REFRESH_GRACE", grace)]);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.success(), is_good, "{grace}: {said}");
        assert!(is_good || said.contains("REFRESH_GRACE: must be a time from 1s to 1m"), "{grace}: {said}");
    }
    for (access, is_warned) in [("15m", false), ("1d", false), ("7d", true)] {
        let output = run(folder.path(), &["check-config"], &[("ACCESS_TOKEN_TTL", access)]);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(said.contains("# warning: ACCESS_TOKEN_TTL: is longer than a day"), is_warned, "{access}: {said}");
    }
}

#[test]
fn x2_stores_that_do_not_parse_and_a_missing_secret_are_problems() {
    let folder = TempDir::new().unwrap();
    let output = run(
        folder.path(),
        &["check-config"],
        &[("MONGODB_URI", "mysql://u:hunter2@x"), ("REDIS_URL", "http://:hunter2@x")],
    );
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    for variable in ["MONGODB_URI: ", "REDIS_URL: ", "SECRET_KEY: "] {
        assert!(said.contains(variable), "{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn n32_the_domain_of_the_sender_is_read_as_punycode_and_a_local_part_outside_ascii_is_warned_about() {
    let folder = TempDir::new().unwrap();
    let check = |from| {
        let output = run(folder.path(), &["check-config"], &[("SMTP_URL", "smtp://mail.example"), ("MAIL_FROM", from)]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let said = check("Té <hello@té.example>");
    assert!(said.contains("hello@xn--t-bga.example") && !said.contains("SMTPUTF8"), "{said}");
    let said = check("Tea <hellö@té.example>");
    assert!(said.contains("hellö@xn--t-bga.example") && said.contains("SMTPUTF8"), "{said}");
}

#[test]
fn x2_a_mail_server_needs_a_valid_sender_and_an_unambiguous_url() {
    let folder = TempDir::new().unwrap();
    for (url, from, problems) in [
        ("smtps://shop:hunter2@mail.example:465", "Tea <hello@tea.test>", &[][..]),
        ("smtp://mail.example", "hello@tea.test", &[]),
        ("smtp://mail.example", "", &["MAIL_FROM: "]),
        ("smtp://mail.example", "Tea\nBcc: all@x.test", &["MAIL_FROM: "]),
        ("smtp://mail.example?tls=none", "hello@tea.test", &["SMTP_URL: "]),
        ("smtp://mail.example/inbox", "hello@tea.test", &["SMTP_URL: "]),
        ("mail.example:25", "hello@tea.test", &["SMTP_URL: "]),
        ("smtp://u:p%ff@mail.example", "hello@tea.test", &["SMTP_URL: "]),
        ("smtp://u%ff:p@mail.example", "hello@tea.test", &["SMTP_URL: "]),
        ("smtp://u@mail.example", "hello@tea.test", &["SMTP_URL: "]),
        ("smtp://:hunter2@mail.example", "hello@tea.test", &["SMTP_URL: "]),
        ("smtp://u%40x:p%C3%A9@mail.example", "hello@tea.test", &[]),
    ] {
        let output = run(folder.path(), &["check-config"], &[("SMTP_URL", url), ("MAIL_FROM", from)]);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.success(), problems.is_empty(), "{url}: {said}");
        assert!(problems.iter().all(|problem| said.contains(problem)), "{url}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn x2_the_url_of_a_collector_has_no_query_and_no_secret() {
    let folder = TempDir::new().unwrap();
    for (url, is_good) in [
        ("http://127.0.0.1:4318", true),
        ("https://collector.example/otlp", true),
        ("grpc://collector.example:4317", false),
        ("https://collector.example/?key=hunter2", false),
        ("https://shop:hunter2@collector.example", false),
        ("https://:hunter2@collector.example", false),
    ] {
        let output = run(folder.path(), &["check-config"], &[("OTEL_EXPORTER_OTLP_ENDPOINT", url)]);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.success(), is_good, "{url}: {said}");
        assert!(is_good || said.contains("OTEL_EXPORTER_OTLP_ENDPOINT: "), "{url}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn x2_a_brand_that_cannot_be_used_is_reported_before_the_start() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let [sign, text, empty, vast] = [
        file("sign.svg", b"<svg/>"),
        file("sign.txt", b"sign"),
        file("empty.png", b""),
        file("vast.png", &vec![0; 300 * 1024]),
    ];
    let [style, odd] = [file("theme.css", b":root{--radius:0}"), file("odd.css", b"\xff\xfe")];
    let [endless, pipe] = ["endless.svg", "pipe.svg"].map(|name| folder.path().join(name).display().to_string());
    std::os::unix::fs::symlink("/dev/zero", &endless).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (variable, value, is_good) in [
        ("SHOP_LOGO", sign.as_str(), true),
        ("SHOP_LOGO", &text, false),
        ("SHOP_LOGO", &empty, false),
        ("SHOP_LOGO", &vast, false),
        ("SHOP_LOGO", "/nowhere/sign.svg", false),
        ("SHOP_LOGO", &endless, false),
        ("SHOP_LOGO", &pipe, false),
        ("THEME_CSS", &endless, false),
        ("THEME_CSS", &pipe, false),
        ("THEME_ACCENT", "#ffd400", true),
        ("THEME_ACCENT", "yellow", false),
        ("THEME_ACCENT", "#ffd400;}", false),
        ("THEME_CSS", &style, true),
        ("THEME_CSS", &odd, false),
        ("THEME_CSS", "/nowhere/theme.css", false),
        ("SHOP_NAME", "Teh & Rempah", true),
        ("SHOP_NAME", "Teh\nRempah", false),
    ] {
        let output = run(folder.path(), &["check-config"], &[(variable, value)]);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.success(), is_good, "{variable} {value}: {said}");
        let line = if is_good { format!("{variable}={value}") } else { format!("{variable}: must be") };
        assert!(said.contains(&line), "{said}");
    }
}

#[test]
fn an_unreadable_accent_colour_is_used_in_a_readable_shade_and_the_operator_is_warned() {
    let folder = TempDir::new().unwrap();
    for (accent, is_told) in [("#ffd400", true), ("#808080", true), ("#17594a", false)] {
        let log = folder.path().join("log");
        let variables = [("THEME_ACCENT", accent), ("LOG_FORMAT", "text")];
        let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
        assert_eq!(serving.terminate(), Some(0));
        let said = std::fs::read_to_string(&log).unwrap();
        assert_eq!(said.contains(&format!("THEME_ACCENT {accent} has a contrast of")), is_told, "{said}");
    }
}

#[test]
fn limits_and_cheap_hashes_are_given_up_on_loopback_only() {
    let folder = TempDir::new().unwrap();
    let loose = [("RATE_LIMITS", "off"), ("BCRYPT_COST", "4")];
    assert!(run(folder.path(), &["check-config"], &loose).status.success());
    let public = [loose.as_slice(), &[("PUBLIC_URL", "https://shop.example")]].concat();
    let said = String::from_utf8(run(folder.path(), &["check-config"], &public).stderr).unwrap();
    assert!(said.contains("RATE_LIMITS: ") && said.contains("BCRYPT_COST: "), "{said}");
}

#[test]
fn g2_the_effective_configuration_is_printed_without_its_secrets() {
    let folder = TempDir::new().unwrap();
    let key = "Zk3mQb0pT1x8yLrV5uWc2aHnE7dJ4gSf9oKiPqXwYtM=";
    let variables = [
        ("MONGODB_URI", "mongodb://shop:hunter2@db.example/shop"),
        ("REDIS_URL", "rediss://:hunter2@cache.example"),
        ("SECRET_KEY", key),
        ("PUBLIC_URL", "https://shop.example/"),
        ("SECURITY_CONTACT", "mailto:security@shop.example"),
        ("SMTP_URL", "smtps://shop:hunter2@mail.example"),
        ("MAIL_FROM", "Tea <hello@tea.test>"),
    ];
    let output = run(folder.path(), &["check-config"], &variables);
    assert_eq!(output.status.code(), Some(1), "nothing answers there: {output:?}");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    for line in [
        "PORT=5000",
        "PUBLIC_URL=https://shop.example",
        "SECURITY_CONTACT=mailto:security@shop.example",
        "MONGODB_URI=mongodb://***@db.example/shop",
        "SECRET_KEY=***",
        "BCRYPT_COST=12",
        "ACCESS_TOKEN_TTL=15m",
        "SESSION_IDLE_TTL=7days",
        "REFRESH_GRACE=10s",
        "ACTIVITY_RETENTION=5months 27days",
        "RATE_LIMITS=on",
        "SMTP_URL=smtps://***@mail.example",
        "MAIL_FROM=Tea <hello@tea.test>",
        "SHOP_NAME=Doorstep",
    ] {
        assert!(said.contains(line), "{line} is missing in: {said}");
    }
    assert!(!said.contains("hunter2") && !said.contains(key), "{said}");
}

#[test]
fn a_env_file_configures_and_the_environment_wins() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(".env"), "PORT=5555\nBCRYPT_COST=11\nMONGODB_URI=\n").unwrap();
    let output = run(folder.path(), &["check-config"], &[("PORT", "5556")]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("PORT=5556") && said.contains("BCRYPT_COST=11"), "{said}");
    assert!(said.contains("PUBLIC_URL=http://localhost:5556"), "{said}");
}

#[test]
fn n9_an_empty_variable_does_not_hide_the_one_in_the_file() {
    let folder = TempDir::new().unwrap();
    let stores = "MONGODB_URI=mongodb://127.0.0.1:1/shop\nREDIS_URL=redis://127.0.0.1:1\n";
    std::fs::write(folder.path().join(".env"), format!("PORT=5555\n{stores}SECRET_KEY={KEY}\n")).unwrap();
    let empty = [("PORT", ""), ("MONGODB_URI", ""), ("REDIS_URL", " "), ("SECRET_KEY", "")];
    let said = String::from_utf8(run(folder.path(), &["check-config"], &empty).stdout).unwrap();
    for line in
        ["PORT=5555", "MONGODB_URI=mongodb://127.0.0.1:1/shop", "REDIS_URL=redis://127.0.0.1:1", "SECRET_KEY=***"]
    {
        assert!(said.contains(line), "{line} is missing in: {said}");
    }
}

#[test]
fn help_and_version_are_printed() {
    let folder = TempDir::new().unwrap();
    let help = String::from_utf8(run(folder.path(), &["--help"], &[]).stdout).unwrap();
    assert!(help.contains("serve") && help.contains("check-config"), "{help}");
    let version = String::from_utf8(run(folder.path(), &["--version"], &[]).stdout).unwrap();
    assert_eq!(version.trim(), format!("doorstep {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(folder.path(), &["dance"], &[]).status.code(), Some(2));
}

#[test]
fn with_nothing_configured_it_serves_and_keeps_all_in_one_private_folder() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path(), &[]);
    assert_eq!(serving.said, format!("Server is running on http://localhost:{}\n", serving.port));
    assert!(serving.get("/healthz", "").starts_with("HTTP/1.1 200"));
    assert_eq!(serving.terminate(), Some(0));
    let data = folder.path().join("data");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in std::fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn a_customer_stays_signed_in_over_a_restart() {
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path(), &[]);
    let cookies = serving.sign_up().join("; ");
    assert_eq!(serving.terminate(), Some(0));

    let serving = Serving::start(folder.path(), &[]);
    let answer = serving.get("/api/auth/profile", &cookies);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("ada@x.test"), "{answer}");
}

#[test]
fn a_port_in_use_fails_the_start_with_an_error() {
    let folder = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(folder.path(), &[], &[("PORT", &port)]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("command failed") && said.contains("HOST and PORT"), "{said}");
    assert!(said.contains(&format!("127.0.0.1:{port}")), "{said}");
    // The store was closed in order.
    assert!(!folder.path().join("data/doorstep.db-wal").exists());
    assert!(run(folder.path(), &["customers", "list"], &[]).status.success());

    let (free, address) = (free_port().to_string(), format!("127.0.0.1:{port}"));
    let output = run(folder.path(), &[], &[("PORT", &*free), ("METRICS_ADDR", &address)]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("METRICS_ADDR: cannot listen on {address}")), "{said}");
}

#[test]
fn x2_metrics_have_a_port_of_their_own() {
    let folder = TempDir::new().unwrap();
    for (host, is_good) in [("127.0.0.1", false), ("0.0.0.0", false), ("127.0.0.2", true)] {
        let variables = [("HOST", host), ("PORT", "5000"), ("METRICS_ADDR", "127.0.0.1:5000")];
        let output = run(folder.path(), &["check-config"], &variables);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.success(), is_good, "{host}: {said}");
        assert!(is_good || said.contains("METRICS_ADDR: "), "{host}: {said}");
    }
}

#[test]
fn a_command_that_fails_says_why_once_however_the_log_is_filtered() {
    let folder = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for filter in ["info", "error", "off", "hyper=info", "doorstep::access=warn", "doorstep=off"] {
        for (arguments, reason) in [
            (&["restore", "nope"][..], "nope: No such"),
            (&["import", "nope"], "nope: No such"),
            (&[], "HOST and PORT"),
        ] {
            for format in ["text", "json"] {
                let variables = [("RUST_LOG", filter), ("LOG_FORMAT", format), ("PORT", &*port), ("DATA_DIR", "data")];
                let output = run(folder.path(), arguments, &variables);
                let said = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(1), "{said}");
                assert_eq!(said.matches(reason).count(), 1, "{filter} {format} {arguments:?}: {said}");
                let is_json = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
                assert_eq!(said.lines().all(is_json), format == "json", "{said}");
            }
        }
    }
}

#[test]
fn a_store_that_is_not_up_yet_is_waited_for_without_saying_its_password() {
    let folder = TempDir::new().unwrap();
    let port = free_port();
    let mut child = program(folder.path())
        .env("MONGODB_URI", format!("mongodb://shop:hunter2@127.0.0.1:{port}/shop"))
        .env("REDIS_URL", format!("redis://:hunter2@127.0.0.1:{port}"))
        .env("SECRET_KEY", "Zk3mQb0pT1x8yLrV5uWc2aHnE7dJ4gSf9oKiPqXwYtM=")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("waiting for a store") && line.contains("mongodb"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}
