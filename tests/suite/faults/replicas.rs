//! One of several servers is killed, and another replaces it: no manual action is needed, and no acknowledged change is
//! lost or reverted.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::http::StatusCode;
use doorstep::adapters::redis::RedisStore;
use futures_util::future::join_all;
use tempfile::TempDir;

use super::{application_on, in_time, logged_in_as, unavailable};
use crate::{
    http::harness::{Answer, Client, PASSWORD},
    server_process::{ServerProcess, own_port, signal},
    servers::Servers,
    support::{FakeClock, eventually, folder},
};

/// How long a server may be silent before the others consider it dead, in milliseconds.
const SILENCE: u64 = 1000;
/// How long a failover may take.
const RECOVERY: Duration = Duration::from_secs(40);
/// More Sentinels than exist, so that they never agree that a primary is dead.
const NEVER: u8 = 9;
/// Enough customers to have some on every server of a cluster.
const CUSTOMERS: u8 = 12;

/// Signed-in customers, and their earlier credentials, which are no longer valid.
struct Crowd {
    signed_in: Vec<Client>,
    /// With the session of a device that was signed out.
    signed_out: Vec<Client>,
    /// With a used refresh token, whose customer has logged in again.
    used_up: Vec<Client>,
}

impl Crowd {
    async fn gather(visitor: &Client, clock: &FakeClock, place: u8) -> Self {
        let mut crowd = Self { signed_in: Vec::new(), signed_out: Vec::new(), used_up: Vec::new() };
        for index in 0..CUSTOMERS {
            let email = format!("{place}-{index}@x.test");
            let mut visitor = visitor.clone();
            // From their own network, which has made no attempts yet.
            visitor.address = [10, 0, place, index].into();
            sign_up(&visitor, &email).await;
            let log_in = async |client: &mut Client| client.log_in(&email, PASSWORD).await;
            let (mut laptop, mut phone) = (visitor.clone(), visitor);
            retry_until_available(&mut laptop, log_in).await.expect(StatusCode::OK);
            retry_until_available(&mut phone, log_in).await.expect(StatusCode::OK);
            crowd.used_up.push(phone.clone());
            retry_until_available(&mut phone, Client::refresh).await.expect(StatusCode::OK);
            crowd.signed_in.push(phone);
            crowd.signed_out.push(laptop.clone());
            retry_until_available(&mut laptop, Client::log_out).await.expect(StatusCode::OK);
        }
        clock.advance(time::Duration::seconds(11));
        crowd
    }

    /// Checks that no acknowledged change is lost or reverted.
    async fn stays_as_it_was(mut self) {
        for client in &mut self.signed_in {
            retry_until_available(client, Client::profile).await.expect(StatusCode::OK);
            retry_until_available(client, Client::refresh).await.expect(StatusCode::OK);
        }
        for client in &mut self.signed_out {
            retry_until_available(client, Client::profile).await.expect(StatusCode::UNAUTHORIZED);
            retry_until_available(client, Client::refresh).await.expect(StatusCode::UNAUTHORIZED);
        }
        for client in &mut self.used_up {
            retry_until_available(client, Client::refresh).await.expect(StatusCode::UNAUTHORIZED);
        }
    }

    /// Retries until all customers are served again. Until then, every response is 503.
    async fn is_served(&self) {
        eventually(RECOVERY, "it does not recover", async || {
            let answers = join_all(self.signed_in.iter().map(async |client| client.clone().profile().await)).await;
            let is_honest = |status| [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
            assert!(answers.iter().all(|answer| is_honest(answer.status)), "{answers:?}");
            answers.iter().all(|answer| answer.status == StatusCode::OK)
        })
        .await;
    }
}

/// Retries while the response says so. While other tests keep the machine busy, a server may seem dead to the others at
/// any time.
async fn retry_until_available(client: &mut Client, ask: impl AsyncFn(&mut Client) -> Answer) -> Answer {
    let mut got = None;
    eventually(RECOVERY, "it does not recover", async || {
        let answer = ask(client).await;
        let is_final = answer.status != StatusCode::SERVICE_UNAVAILABLE;
        got = Some(answer);
        is_final
    })
    .await;
    got.unwrap()
}

async fn sign_up(visitor: &Client, email: &str) {
    let signed_up =
        retry_until_available(&mut visitor.clone(), async |client| client.sign_up(email).await).await.status;
    // An attempt without a response may have created the account, too.
    assert!([StatusCode::CREATED, StatusCode::CONFLICT].contains(&signed_up), "{signed_up}");
}

/// Waits until this many replicas have the primary's data.
async fn has_replicas(primary: &ServerProcess, count: usize) {
    eventually(RECOVERY, "no server is behind it", async || {
        primary.tell::<String>("INFO replication").await.matches("state=online").count() == count
    })
    .await;
}

/// Three primaries that share the keys, and a replica of each.
struct Cluster(Vec<ServerProcess>);

impl Cluster {
    async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..6 {
            let silence = SILENCE.to_string();
            let port = own_port().to_string();
            let arguments = ["--cluster-enabled", "yes", "--cluster-node-timeout", &silence, "--cluster-port", &port];
            let eager = ["--repl-diskless-sync-delay", "0", "--cluster-replica-validity-factor", "0"];
            let arguments = arguments.into_iter().chain(eager).map(str::to_owned);
            nodes.push(ServerProcess::redis_with(arguments).await);
        }
        for (node, slots) in nodes.iter().zip(["0 5460", "5461 10922", "10923 16383"]) {
            node.tell::<()>(&format!("CLUSTER ADDSLOTSRANGE {slots}")).await;
        }
        for node in &nodes[1..] {
            let bus = node.tell::<Vec<String>>("CONFIG GET cluster-port").await.remove(1);
            nodes[0].tell::<()>(&format!("CLUSTER MEET 127.0.0.1 {} {bus}", node.port())).await;
        }
        let cluster = Self(nodes);
        cluster.all_say("cluster_known_nodes:6").await;
        for (replica, primary) in cluster.0[3..].iter().zip(&cluster.0) {
            let primary: String = primary.tell("CLUSTER MYID").await;
            replica.tell::<()>(&format!("CLUSTER REPLICATE {primary}")).await;
        }
        cluster.all_say("cluster_state:ok").await;
        for primary in &cluster.0[..3] {
            has_replicas(primary, 1).await;
        }
        cluster
    }

    async fn all_say(&self, fact: &str) {
        for node in &self.0 {
            let says = async || node.tell::<String>("CLUSTER INFO").await.contains(fact);
            eventually(RECOVERY, fact, says).await;
        }
    }
}

#[tokio::test]
async fn a_cluster_replaces_a_killed_node_and_loses_nothing_acknowledged() {
    let mut cluster = Cluster::start().await;
    let clock = Arc::new(FakeClock::new());
    let nodes: Vec<String> =
        cluster.0.iter().take(2).map(|node| format!("redis://127.0.0.1:{}", node.port())).collect();
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let redis = RedisStore::connect_cluster(&nodes, clock.clone()).await.unwrap();
    let visitor = application_on(&Servers::new().mongodb, redis, clock.clone(), true).await;
    for killed in 0..2 {
        let crowd = Crowd::gather(&visitor, &clock, u8::try_from(killed).unwrap()).await;
        cluster.0[killed].kill();
        crowd.is_served().await;
        crowd.stays_as_it_was().await;
        // It returns as a replica.
        cluster.0[killed].restart().await;
        cluster.all_say("cluster_state:ok").await;
    }
}

/// A Sentinel, which monitors a Redis and reports the primary.
struct Sentinel {
    port: u16,
    child: Child,
    _folder: TempDir,
}

impl Sentinel {
    fn start(primary: u16) -> Self {
        let (folder, port) = (folder(), own_port());
        let settings = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor shop 127.0.0.1 {primary} 2\n\
             sentinel down-after-milliseconds shop {SILENCE}\nsentinel failover-timeout shop 3000\n"
        );
        let file = folder.path().join("sentinel.conf");
        fs::write(&file, settings).unwrap();
        Self { port, child: Self::spawn(&file), _folder: folder }
    }

    fn spawn(file: &Path) -> Child {
        let mut command = Command::new("redis-server");
        command.arg(file).arg("--sentinel").stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    async fn tell(&self, command: &str) {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let words: Vec<&str> = command.split(' ').collect();
        redis::cmd("SENTINEL").arg(words).exec_async(&mut connection).await.unwrap();
    }

    /// Makes it report this primary.
    async fn is_told(&self, primary: &ServerProcess) {
        self.tell("REMOVE shop").await;
        self.tell(&format!("MONITOR shop 127.0.0.1 {} {NEVER}", primary.port())).await;
    }

    /// Waits until it reports a healthy primary with this fact.
    async fn says(&self, fact: &str) {
        eventually(RECOVERY, fact, async || {
            let client = redis::Client::open(self.url()).unwrap();
            let Ok(mut connection) = client.get_multiplexed_async_connection().await else {
                return false;
            };
            let asked = redis::cmd("INFO").arg("sentinel").query_async::<String>(&mut connection).await;
            asked.is_ok_and(|told| told.contains("status=ok") && told.contains(fact))
        })
        .await;
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns an application on the Redis that these Sentinels report.
async fn application_by(sentinels: &[Sentinel], clock: &Arc<FakeClock>) -> Client {
    let urls: Vec<String> = sentinels.iter().map(Sentinel::url).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let redis = RedisStore::connect_sentinel(&urls, "shop", clock.clone()).await.unwrap();
    application_on(&Servers::new().mongodb, redis, clock.clone(), true).await
}

#[tokio::test]
async fn the_primary_that_sentinels_name_replaces_a_killed_one_and_nothing_acknowledged_is_lost() {
    let mut primary = ServerProcess::redis().await;
    let replica = ServerProcess::redis_behind(&primary).await;
    has_replicas(&primary, 1).await;
    let sentinels = [(); 3].map(|()| Sentinel::start(primary.port()));
    for sentinel in &sentinels {
        sentinel.says("slaves=1,sentinels=3").await;
    }
    let clock = Arc::new(FakeClock::new());
    let visitor = application_by(&sentinels, &clock).await;
    let crowd = Crowd::gather(&visitor, &clock, 0).await;
    // A write that only this server has would be lost with it, so it is not acknowledged.
    let leaving = logged_in_as(&visitor, "0-0@x.test").await;
    replica.pause().await;
    unavailable(&leaving, Client::log_out).await;
    replica.resume();
    let has_left = async || leaving.clone().log_out().await.status == StatusCode::OK;
    eventually(RECOVERY, "the replica does not come back", has_left).await;
    primary.kill();
    crowd.is_served().await;
    crowd.stays_as_it_was().await;
}

/// As after a partition between an old primary, its Sentinel and this instance, and the others, which have a new
/// primary.
#[tokio::test]
async fn a_primary_is_believed_only_while_more_than_half_of_the_sentinels_name_it() {
    let (old, new) = (ServerProcess::redis().await, ServerProcess::redis().await);
    let sentinels = [&old, &new, &new].map(|primary| Sentinel::start(primary.port()));
    for (sentinel, primary) in sentinels.iter().zip([&old, &new, &new]) {
        sentinel.says(&format!("address=127.0.0.1:{}", primary.port())).await;
    }
    let visitor = application_by(&sentinels, &Arc::new(FakeClock::new())).await;
    visitor.clone().sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    let client = logged_in_as(&visitor, "ada@x.test").await;
    in_time(&client, Client::profile).await.expect(StatusCode::OK);
    assert_eq!(old.tell::<u32>("DBSIZE").await, 0);

    for other in &sentinels[1..] {
        signal(&other.child, "STOP");
    }
    let becomes = async |status: StatusCode| {
        let ask = async || in_time(&client, Client::profile).await.status == status;
        eventually(RECOVERY, status.as_str(), ask).await;
    };
    becomes(StatusCode::SERVICE_UNAVAILABLE).await;
    unavailable(&client, Client::profile).await;
    unavailable(&visitor, async |visitor| visitor.log_in("ada@x.test", PASSWORD).await).await;
    for other in &sentinels[1..] {
        signal(&other.child, "CONT");
    }
    becomes(StatusCode::OK).await;
}

/// As during a failover with concurrent writes.
#[tokio::test]
async fn a_new_primary_acknowledges_no_write_that_only_the_old_one_received() {
    let old = ServerProcess::redis().await;
    let (new, silent) = (ServerProcess::redis_behind(&old).await, ServerProcess::redis_behind(&old).await);
    has_replicas(&old, 2).await;
    let sentinels = [(); 3].map(|()| Sentinel::start(old.port()));
    for sentinel in &sentinels {
        sentinel.says("slaves=2").await;
        sentinel.tell(&format!("SET shop quorum {NEVER}")).await;
    }
    let visitor = application_by(&sentinels, &Arc::new(FakeClock::new())).await;
    sign_up(&visitor, "ada@x.test").await;
    let (mut first, mut client) = (visitor.clone(), visitor);
    for device in [&mut first, &mut client] {
        retry_until_available(device, async |device| device.log_in("ada@x.test", PASSWORD).await)
            .await
            .expect(StatusCode::OK);
    }
    // From now on, the old primary has the script.
    retry_until_available(&mut first, Client::log_out).await.expect(StatusCode::OK);

    silent.pause().await;
    old.tell::<()>("CLIENT PAUSE 10000 WRITE").await;
    let mut leaving = client.clone();
    let leaving = tokio::spawn(async move { leaving.log_out().await });
    let has_client = async |facts: &[&str]| {
        let clients: String = old.tell("CLIENT LIST").await;
        clients.lines().any(|client| facts.iter().all(|fact| client.contains(fact)))
    };
    eventually(RECOVERY, "no client waits", async || has_client(&["flags=b", "cmd=evalsha"]).await).await;
    new.tell::<()>("REPLICAOF NO ONE").await;
    for sentinel in &sentinels {
        sentinel.is_told(&new).await;
    }
    // The connection that tracked the old primary.
    eventually(RECOVERY, "no client follows the Sentinels", async || !has_client(&["flags=t"]).await).await;
    old.tell::<()>("CLIENT UNPAUSE").await;

    let acknowledged = leaving.await.unwrap().status == StatusCode::OK;
    let lives = retry_until_available(&mut client, Client::profile).await.status == StatusCode::OK;
    assert!(!acknowledged || !lives, "who was told that they are logged out is not");
}
