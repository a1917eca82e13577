//! A proxied connection to a server that a test can break, to simulate network failures.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

/// What the line does with data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Up,
    /// Requests reach the server, but no answer comes back, as if it had just been paused.
    Mute,
    /// Existing and new connections are closed.
    Down,
    /// The next request that contains these bytes reaches the server, and its connection breaks instead of the answer.
    LoseAnswerTo(&'static [u8]),
}

/// A proxy to a server, on its own port.
pub struct Line {
    pub port: u16,
    state: Arc<watch::Sender<State>>,
}

impl Line {
    /// Returns a line to the server of this URL.
    pub async fn to(url: &str) -> Self {
        let url = Url::parse(url).unwrap();
        let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(watch::Sender::new(State::Up));
        let states = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target.clone(), states.clone()));
            }
        });
        Self { port, state }
    }

    pub fn set(&self, state: State) {
        self.state.send_replace(state);
    }
}

async fn carry(client: TcpStream, target: String, state: Arc<watch::Sender<State>>) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let lost = AtomicBool::new(false);

    let requests = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            let request = &buffer[..length];
            if let State::LoseAnswerTo(needle) = *state.borrow()
                && request.windows(needle.len()).any(|window| window == needle)
            {
                lost.store(true, Ordering::SeqCst);
            }
            if lost.load(Ordering::SeqCst) {
                state.send_replace(State::Up);
            }
            let _ = to_server.write_all(request).await;
        }
    };
    let answers = async {
        let mut buffer = vec![0; 64 * 1024];
        let mut states = state.subscribe();
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            let _ = states.wait_for(|state| *state != State::Mute).await;
            if lost.load(Ordering::SeqCst) {
                return;
            }
            let _ = to_client.write_all(&buffer[..length]).await;
        }
    };
    let mut states = state.subscribe();
    tokio::select! {
        () = requests => {}
        () = answers => {}
        _ = states.wait_for(|state| *state == State::Down) => {}
    }
}
