//! A real server for one test, which may kill, pause and restart it. It is stopped at the end of the test.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use mongodb::bson::{Document, doc};
use tempfile::TempDir;

use crate::support::{eventually, folder};

/// How long a server may take to start, on a machine that is busy with other tests.
const STARTING: Duration = Duration::from_mins(1);

#[derive(Clone, Copy)]
enum Kind {
    Redis,
    MongoDb,
}

pub struct ServerProcess {
    kind: Kind,
    /// In addition to the default arguments of its kind.
    arguments: Vec<String>,
    folder: TempDir,
    port: u16,
    child: Child,
}

impl ServerProcess {
    /// Starts a Redis that syncs every acknowledged write to its disk.
    pub async fn redis() -> Self {
        Self::redis_with([]).await
    }

    /// The same with additional arguments.
    pub async fn redis_with(arguments: impl IntoIterator<Item = String>) -> Self {
        let redis = Self::launch(Kind::Redis, arguments.into_iter().collect());
        redis.started().await;
        redis
    }

    /// Starts a replica of this one.
    pub async fn redis_behind(primary: &Self) -> Self {
        Self::redis_with(["--replicaof", "127.0.0.1", &primary.port.to_string()].map(str::to_owned)).await
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends one command to Redis.
    pub async fn tell<T: redis::FromRedisValue>(&self, command: &str) -> T {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut words = command.split(' ');
        redis::cmd(words.next().unwrap()).arg(words.collect::<Vec<_>>()).query_async(&mut connection).await.unwrap()
    }

    /// Starts a MongoDB as a replica set of one, since sessions and majority writes need a set.
    pub async fn mongodb() -> Self {
        Self::mongodb_with(Vec::new()).await
    }

    /// Starts a MongoDB that requires users, with the key file of its replica set in `folder`. The first user may be
    /// created without a login.
    pub async fn mongodb_with_users(folder: &Path) -> Self {
        let key = folder.join("key");
        fs::write(&key, "doorstep".repeat(4)).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        Self::mongodb_with(vec!["--keyFile".to_owned(), key.display().to_string()]).await
    }

    async fn mongodb_with(arguments: Vec<String>) -> Self {
        let mongodb = Self::launch(Kind::MongoDb, arguments);
        mongodb.listens().await;
        let member = doc! { "_id": 0, "host": format!("127.0.0.1:{}", mongodb.port) };
        admin(mongodb.port, doc! { "replSetInitiate": { "_id": "rs0", "members": [member] } }).await.unwrap();
        mongodb.started().await;
        mongodb
    }

    pub fn url(&self) -> String {
        match self.kind {
            Kind::Redis => format!("redis://127.0.0.1:{}/0", self.port),
            Kind::MongoDb => format!("mongodb://127.0.0.1:{}/doorstep?replicaSet=rs0", self.port),
        }
    }

    /// Kills it (SIGKILL), without any cleanup.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Makes it hang (SIGSTOP): its connections stay open, and new ones are accepted, but it does not answer.
    pub async fn pause(&self) {
        signal(&self.child, "STOP");
        eventually(STARTING, "it does not stop", async || {
            threads(&self.child).all(|status| status.contains("State:\tT"))
        })
        .await;
    }

    /// Resumes it after a pause (SIGCONT).
    pub fn resume(&self) {
        signal(&self.child, "CONT");
    }

    /// Makes MongoDB step down, until [`Self::step_up`].
    pub async fn step_down(&self) {
        let step_down = doc! { "replSetStepDown": 600, "secondaryCatchUpPeriodSecs": 0, "force": true };
        admin(self.port, step_down).await.unwrap();
    }

    pub async fn step_up(&self) {
        admin(self.port, doc! { "replSetFreeze": 0 }).await.unwrap();
        self.started().await;
    }

    /// Restarts it after it was killed, with its data.
    pub async fn restart(&mut self) {
        self.child = self.kind.spawn(&self.folder, self.port, &self.arguments);
        self.started().await;
    }

    /// Restarts it after it was killed, without data.
    pub async fn restart_empty(&mut self) {
        self.folder = folder();
        self.restart().await;
    }

    fn launch(kind: Kind, arguments: Vec<String>) -> Self {
        let (folder, port) = (folder(), own_port());
        let child = kind.spawn(&folder, port, &arguments);
        Self { kind, arguments, folder, port, child }
    }

    async fn listens(&self) {
        let log = self.folder.path().join("log");
        let silent = format!("it does not start: {}", log.display());
        eventually(STARTING, &silent, async || TcpStream::connect(("127.0.0.1", self.port)).is_ok()).await;
    }

    /// Waits until it is ready.
    async fn started(&self) {
        self.listens().await;
        let port = self.port;
        eventually(STARTING, "it listens, but does nothing", async || match self.kind {
            Kind::Redis => loaded(&self.url()).await.is_ok(),
            Kind::MongoDb => {
                admin(port, doc! { "hello": 1 }).await.is_ok_and(|hello| hello.get_bool("isWritablePrimary").unwrap())
            }
        })
        .await;
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Kind {
    /// Starts the program in `folder`. Uses a small configuration, otherwise the same as `script/services`.
    fn spawn(self, folder: &TempDir, port: u16, arguments: &[String]) -> Child {
        let mut command = match self {
            Self::Redis => {
                let mut command = Command::new("redis-server");
                command.args(["--bind", "127.0.0.1", "--dir", ".", "--save", ""]);
                command.args(["--appendonly", "yes", "--appendfsync", "always"]);
                command
            }
            Self::MongoDb => {
                let mut command = Command::new("mongod");
                command.args(["--quiet", "--replSet", "rs0", "--bind_ip", "127.0.0.1", "--nounixsocket"]);
                command.args(["--dbpath", ".", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "128"]);
                command.args(["--setParameter", "diagnosticDataCollectionEnabled=false"]);
                command
            }
        };
        command.args(["--port", &port.to_string()]).args(arguments).current_dir(folder);
        let log = File::create(folder.path().join("log")).unwrap();
        command.stdin(Stdio::null()).stderr(log.try_clone().unwrap()).stdout(log).spawn().unwrap()
    }
}

/// Returns a port that stays free while the server is down: below the ephemeral range.
pub fn own_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = process::id();
    loop {
        let offset = (first + u32::from(NEXT.fetch_add(1, Ordering::SeqCst))) % 16_000;
        let port = 10_000 + u16::try_from(offset).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

pub fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
}

/// Returns the system's status of each thread of a process.
fn threads(child: &Child) -> impl Iterator<Item = String> {
    let tasks = fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("status")).ok())
}

/// Returns an error while Redis is loading its append-only file.
async fn loaded(url: &str) -> redis::RedisResult<()> {
    let mut connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    redis::cmd("PING").query_async(&mut connection).await
}

async fn admin(port: u16, command: Document) -> mongodb::error::Result<Document> {
    let uri = format!("mongodb://127.0.0.1:{port}/?directConnection=true");
    mongodb::Client::with_uri_str(uri).await?.database("admin").run_command(command).await
}
