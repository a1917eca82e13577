//! A health check within an image runs the program itself.

use tempfile::TempDir;

use super::{KEY, Serving, free_port, run};
use crate::{server_process::ServerProcess, servers::Servers};

/// The settings of a server that listens for other machines.
const PUBLIC: [(&str, &str); 2] = [("PUBLIC_URL", "https://shop.test"), ("BCRYPT_COST", "10")];

#[tokio::test(flavor = "multi_thread")]
async fn a_healthcheck_fails_until_the_instance_is_there_and_says_which_store_is_silent() {
    let (folder, servers) = (TempDir::new().unwrap(), Servers::new());
    let mut redis = ServerProcess::redis().await;
    let stores = [("MONGODB_URI", servers.mongodb.as_str()), ("REDIS_URL", &redis.url()), ("SECRET_KEY", KEY)];
    let check = |port: u16, host: &str| {
        let port = port.to_string();
        let variables = [&stores[..], &PUBLIC, &[("PORT", &port), ("HOST", host)]].concat();
        let output = run(folder.path(), &["healthcheck"], &variables);
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, said) = check(free_port(), "127.0.0.1");
    assert!(code == Some(1) && said.starts_with("not ready at 127.0.0.1:"), "{said}");

    // As in an image: it listens on all addresses, which is not an address to connect to.
    let serving = Serving::start(folder.path(), &[&stores[..], &PUBLIC, &[("HOST", "0.0.0.0")]].concat());
    assert_eq!(check(serving.port, "0.0.0.0"), (Some(0), String::new()));

    redis.kill();
    let (code, said) = check(serving.port, "0.0.0.0");
    assert!(code == Some(1) && said.contains(r#""unavailable":["redis"]"#), "{said}");
}
