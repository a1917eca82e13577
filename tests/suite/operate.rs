//! `package/` and `docs/operate/`: what they say about the program is true.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

/// Returns a file of the checkout.
fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Returns the names of metrics in a text: words with the prefix of metrics.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("doorstep_") || word.starts_with("process_")).map(str::to_owned).collect()
}

/// Returns the names of all metrics.
fn known_metrics() -> BTreeSet<String> {
    metrics_in(&file("src/telemetry/metrics.rs"))
}

/// Returns the metric of a series. Prometheus has three series for each histogram.
fn metric_of(series: &str, known: &BTreeSet<String>) -> Option<String> {
    let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|part| series.strip_suffix(part));
    match of_histogram {
        Some(metric) if metric.ends_with("_duration_seconds") => known.get(metric),
        _ if series.ends_with("_duration_seconds") => None,
        _ => known.get(series),
    }
    .cloned()
}

/// Returns every query of the dashboard.
fn queries(dashboard: &Value) -> Vec<&str> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    targets.map(|target| target["expr"].as_str().unwrap()).collect()
}

#[test]
fn the_dashboard_shows_every_metric_and_no_other() {
    let known = known_metrics();
    assert!(known.len() > 10, "the metrics were not read");
    let dashboard: Value = serde_json::from_str(&file("docs/operate/grafana.json")).unwrap();
    let series: BTreeSet<String> = queries(&dashboard).into_iter().flat_map(metrics_in).collect();
    for series in &series {
        assert!(metric_of(series, &known).is_some(), "there is no metric for {series}");
    }
    let shown: BTreeSet<String> = series.iter().filter_map(|series| metric_of(series, &known)).collect();
    assert_eq!(shown, known);
}

#[test]
fn the_dashboard_asks_the_prometheus_that_was_chosen_and_says_in_which_unit() {
    let dashboard: Value = serde_json::from_str(&file("docs/operate/grafana.json")).unwrap();
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 39);
    assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
    for panel in dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{}", panel["title"]);
    }
}

#[test]
fn alerts_are_about_metrics_that_exist() {
    let known = known_metrics();
    for path in ["docs/operate/alerts.yaml", "docs/operate/alerts.test.yaml"] {
        let series = metrics_in(&file(path));
        assert!(series.len() > 8, "{path} was not read");
        for series in series {
            assert!(metric_of(&series, &known).is_some(), "{path}: there is no metric for {series}");
        }
    }
}

#[test]
fn each_alert_is_tested_and_leads_to_a_section_that_names_it() {
    let (alerts, tests, page) =
        (file("docs/operate/alerts.yaml"), file("docs/operate/alerts.test.yaml"), file("docs/operate/README.md"));
    let names: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let runbooks: Vec<&str> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("runbook: docs/operate/README.md#")).collect();
    assert_eq!(names.len(), runbooks.len());
    for (name, anchor) in names.into_iter().zip(runbooks) {
        let fires = format!("alertname: {name}\n        exp_alerts:");
        assert!(tests.contains(&fires), "{name} is not tested where it fires");
        let heading = |line: &&str| {
            line.strip_prefix("## ").is_some_and(|title| title.to_lowercase().replace(' ', "-") == anchor)
        };
        let section: Vec<&str> = page.lines().skip_while(|line| !heading(line)).skip(1).collect();
        assert!(!section.is_empty(), "{name} leads to {anchor}, which is not there");
        let section = section.into_iter().take_while(|line| !line.starts_with('#')).collect::<String>();
        assert!(section.contains(&format!("`{name}`")), "{anchor} does not name {name}");
    }
}

#[test]
fn every_block_of_commands_says_whether_it_is_run() {
    let page = file("docs/operate/README.md");
    let mut blocks = 0;
    for (fence, first) in page.lines().zip(page.lines().skip(1)) {
        match fence {
            "```sh run" => assert_eq!(first, "# run by script/operate"),
            "```sh" => assert_eq!(first, "# not run here"),
            _ => continue,
        }
        blocks += 1;
    }
    assert!(blocks > 20, "the page was not read");
}

#[test]
fn the_packages_configuration_explains_every_variable_that_there_is() {
    let (packaged, example) = (file("package/doorstep.env"), file(".env.example"));
    let in_effect = packaged.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
    assert_eq!(in_effect, 0, "what is installed configures nothing");
    for line in example.lines().filter_map(|line| line.strip_prefix('#')) {
        let (name, _) = line.split_once('=').unwrap_or_default();
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            assert!(packaged.contains(&format!("#{name}=")) || packaged.contains(&format!(" {name}, ")), "{name}");
        }
    }
}

#[test]
fn both_systemd_units_have_the_same_sandbox() {
    let (one, many) = (file("package/doorstep.service"), file("package/doorstep@.service"));
    let own = ["Description=", "ExecStart=", "Environment", "StateDirectory", "#"];
    let shared = |unit: &str| -> Vec<String> {
        unit.lines().filter(|line| !own.iter().any(|start| line.starts_with(start))).map(str::to_owned).collect()
    };
    assert_eq!(shared(&one), shared(&many));
    for fence in ["DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet="] {
        assert!(one.lines().any(|line| line == fence), "{fence}");
    }
}

#[test]
fn n8_the_proxies_pass_on_the_host_that_the_client_asked_for() {
    let nginx = file("docs/operate/nginx.conf");
    let sets: Vec<&str> =
        nginx.lines().map(str::trim).filter(|line| line.starts_with("proxy_set_header Host")).collect();
    assert_eq!(sets, ["proxy_set_header Host $http_host;"]);
    let haproxy = file("docs/operate/haproxy.cfg");
    let rules = haproxy.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    assert!(!rules.map(str::to_lowercase).any(|rule| rule.contains("-header host")), "HAProxy passes it by itself");
}

#[test]
fn n10_the_stores_of_the_compose_file_have_no_default_passwords() {
    let compose = file("compose.yaml");
    let passwords: Vec<&str> = compose.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert!(passwords.len() >= 4 && passwords.iter().all(|password| password.contains("_PASSWORD:?")), "{passwords:?}");
    for part in ["mongodb://doorstep:${", "redis://:${", "--keyFile", "requirepass"] {
        assert!(compose.contains(part), "{part}");
    }
}

#[test]
fn the_proxies_that_are_described_take_no_old_tls_and_no_api_request_in_clear() {
    let haproxy = file("docs/operate/haproxy.cfg");
    let bind = haproxy.lines().find(|line| line.contains("bind :443 ssl")).unwrap();
    assert!(bind.contains("ssl-min-ver TLSv1.2") && bind.contains("ciphers ECDHE+"), "{bind}");
    let [refusal, redirect] =
        ["http-request deny deny_status 403 if { path_beg /api/ } !{ ssl_fc }", "redirect scheme https"];
    assert!(haproxy.find(refusal).unwrap() < haproxy.find(redirect).unwrap());
    let nginx = file("docs/operate/nginx.conf");
    for line in ["ssl_protocols       TLSv1.2 TLSv1.3;", "ssl_ciphers         ECDHE+", "location /api/ { return 403; }"]
    {
        assert!(nginx.contains(line), "{line}");
    }
}

#[test]
fn n9_x4_both_units_show_how_each_secret_becomes_a_credential() {
    for unit in ["package/doorstep.service", "package/doorstep@.service"] {
        let unit = file(unit);
        for credential in ["secret_key", "secret_key_previous", "mongodb_uri", "redis_url", "smtp_url"] {
            assert!(unit.contains(&format!("#   LoadCredential={credential}:/")), "{credential}");
        }
    }
}

#[test]
fn n12_the_proxies_that_are_described_pass_a_request_on_once_its_body_is_here() {
    assert!(file("docs/operate/haproxy.cfg").lines().any(|line| line == "    option http-buffer-request"));
    assert!(file("docs/operate/nginx.conf").lines().any(|line| line.trim() == "proxy_request_buffering on;"));
}
