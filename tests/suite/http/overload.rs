//! Too much at once, and too slow: it ends before it costs memory, and who comes in time is served.

use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode, header},
};
use futures_util::stream;
use tokio::task::JoinSet;

use super::harness::{Answer, App, Client, request};

/// A body that never comes to its end.
fn dawdling() -> Body {
    Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>())
}

async fn post_slowly(mut client: Client) -> Answer {
    let post = request(Method::POST, "/api/auth/login").header(header::CONTENT_TYPE, "application/json");
    client.send(post.body(dawdling()).unwrap()).await
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let app = App::new().await;
    // From here on, time passes as soon as nothing else is to be done.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let answer = post_slowly(app.client()).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.code(), "invalid");
    assert!(begun.elapsed().as_secs() <= 10);
}

#[tokio::test]
async fn more_than_can_be_borne_is_turned_away_at_once_and_told_to_come_back() {
    let app = App::new().await;
    let mut waiting = JoinSet::new();
    for _ in 0..1024 {
        waiting.spawn(post_slowly(app.client()));
    }
    while app.client().get("/api/auth/profile").await.status == StatusCode::UNAUTHORIZED {
        tokio::task::yield_now().await;
    }
    let answer = app.client().get("/api/auth/profile").await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code(), "unavailable");
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    app.client().get_page("/login").await.expect(StatusCode::SERVICE_UNAVAILABLE);
    app.client().get("/healthz").await.expect(StatusCode::OK);
    waiting.abort_all();
    while waiting.join_next().await.is_some() {}
    app.client().get("/api/auth/profile").await.expect(StatusCode::UNAUTHORIZED);
}
