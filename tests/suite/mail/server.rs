//! A real SMTP server for one test (aiosmtpd, by `server.py`).

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde::Deserialize;
use serde_json::Value;

use crate::support::eventually;

/// How long a mail may take, on a machine that is busy with other tests.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// A message as a reader of mail sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    pub from: String,
    /// The client's name in EHLO.
    pub hello: String,
    pub to: Vec<String>,
    pub headers: std::collections::BTreeMap<String, String>,
    pub text: String,
    pub html: String,
}

pub struct SmtpServer {
    pub port: u16,
    messages: Arc<Mutex<Vec<Message>>>,
    child: Child,
}

impl SmtpServer {
    /// Starts a server with the options of `server.py`.
    pub fn start(options: &Value) -> Self {
        let mut child = Command::new("python3")
            .args(["-c", include_str!("server.py"), &options.to_string()])
            .env("PYTHONPATH", std::env::var("DOORSTEP_TEST_PYTHONPATH").unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let first: Value = serde_json::from_str(&lines.next().expect("it does not start")).unwrap();
        let messages = Arc::new(Mutex::new(Vec::new()));
        let taken = messages.clone();
        thread::spawn(move || lines.for_each(|line| taken.lock().unwrap().push(serde_json::from_str(&line).unwrap())));
        Self { port: first["port"].as_u64().unwrap().try_into().unwrap(), messages, child }
    }

    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits for this many messages to this address with this subject.
    pub async fn wait_for(&self, to: &str, subject: &str, count: usize) -> Vec<Message> {
        let find = || {
            let is_meant = |message: &Message| message.to == [to] && message.is_about(subject);
            self.messages().into_iter().filter(is_meant).collect::<Vec<_>>()
        };
        let missing = format!("\"{subject}\" to {to} does not come");
        eventually(TIMEOUT, &missing, async || find().len() >= count).await;
        find()
    }
}

impl Message {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Returns true if this is its subject, before the shop's name.
    pub fn is_about(&self, subject: &str) -> bool {
        self.header("subject").split(" – ").next() == Some(subject)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
