//! The cost of a read that is refused: store operations are counted, not timed.

use axum::http::StatusCode;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use time::Duration;

use super::harness::{App, Client, Options, PASSWORD};

/// Returns the number of store operations until now.
fn operations(metrics: &PrometheusHandle) -> u64 {
    let text = metrics.render();
    let lines = text.lines().filter(|line| line.starts_with("doorstep_store_duration_seconds_count{"));
    lines.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
}

/// Every way in which a browser is signed out without knowing it, with all of its cookies.
#[tokio::test]
async fn d1_a_read_that_is_refused_costs_the_stores_no_more_than_twice_one_that_is_served() {
    let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
    let metrics = recorder.handle();
    let _recorder = metrics::set_default_local_recorder(recorder);
    let app = App::with(Options { rate_limits: true, ..Options::default() }).await;
    let mut client = app.signed_up("ada@x.test").await;
    let cost = async |mut client: Client, status| {
        let before = operations(&metrics);
        client.profile().await.expect(status);
        operations(&metrics) - before
    };
    client.profile().await.expect(StatusCode::OK);
    let served = cost(client.clone(), StatusCode::OK).await;
    assert!(served > 0);

    let ended = client.clone();
    client.log_out().await.expect(StatusCode::OK);
    let without = |name: &str| {
        let mut client = ended.clone();
        client.cookies.remove(name).unwrap();
        client
    };
    let with_refresh = |token: &str| {
        let mut client = without("accessToken");
        client.cookies.insert("refreshToken".to_owned(), token.to_owned());
        client
    };
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    app.clock.advance(Duration::days(400));
    let expired = client;
    for (what, refused) in [
        ("ended", ended.clone()),
        ("ended, without an access token", without("accessToken")),
        ("ended, without a refresh token", without("refreshToken")),
        ("a refresh token that is nonsense", with_refresh("nonsense")),
        ("expired", expired),
    ] {
        let cost = cost(refused, StatusCode::UNAUTHORIZED).await;
        assert!(cost <= 2 * served, "{what}: {cost} operations, and {served} for a read that is served");
    }
}
