//! Logs for all commands, and metrics and traces for the server.

use std::{
    error::Error,
    future::{pending, ready},
    io::{self, IsTerminal},
    net::SocketAddr,
};

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use doorstep::{
    config::{HostName, LogFormat, LogsConfig, TelemetryConfig},
    telemetry::{
        json_lines::JsonLines,
        log_queue::{FlushOnDrop, LogQueue},
        metrics::{Metrics, UPKEEP},
        panics,
        traces::Exporter,
    },
    web::{self, ConnectionLimits},
    workers::{Worker, Workers},
};
use tokio::net::TcpListener;
use tracing::{Dispatch, dispatcher, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

use super::serve::not_listening;

/// The limits of connections to the metrics port, which serves a few collectors.
const METRICS_LIMITS: ConnectionLimits = ConnectionLimits { total: 256, per_peer: 16, trusted_proxies: Vec::new() };

/// The parts of telemetry that have to be flushed at the end of the program.
pub struct Telemetry {
    exporter: Option<Exporter>,
    _lines: FlushOnDrop,
}

impl Telemetry {
    /// Starts logging and, if configured, the export of spans.
    ///
    /// # Errors
    /// If the export cannot be set up.
    pub fn start(logs: &LogsConfig, telemetry: &TelemetryConfig) -> Result<Self, Box<dyn Error>> {
        let traces = telemetry.traces.clone();
        let exporter = traces.map(|to| Exporter::to(&to.endpoint, to.headers, to.service)).transpose()?;
        // All spans of this program, and none of its libraries.
        let spans = Targets::new().with_target("doorstep", LevelFilter::DEBUG);
        let traces = exporter.as_ref().map(|exporter| exporter.layer().with_filter(spans));
        let queue = log_queue(logs)?;
        tracing_subscriber::registry().with(lines(logs, queue.clone())?).with(traces).init();
        panics::log_all();
        Ok(Self { exporter, _lines: queue.flush_on_drop() })
    }

    /// Flushes the remaining spans and log lines, with a time limit.
    pub async fn finish(self) {
        let Some(exporter) = self.exporter else { return };
        if let Ok(Err(error)) = tokio::task::spawn_blocking(|| exporter.finish()).await {
            tracing::warn!(error = &error as &dyn Error, "last spans not exported");
        }
    }
}

/// Returns a queue whose lines are written to standard error.
fn log_queue(config: &LogsConfig) -> Result<LogQueue, Box<dyn Error>> {
    let queue = LogQueue::default();
    // The report of dropped lines is written directly by the thread of the queue.
    let direct = Dispatch::new(tracing_subscriber::registry().with(lines(config, io::stderr)?));
    let report = move |dropped| {
        dispatcher::with_default(&direct, || {
            tracing::warn!(
                event = "log_lines_dropped",
                dropped,
                "log lines dropped: the reader of the log was too slow, or they could not be written"
            );
        });
    };
    queue.write_to(io::stderr(), report)?;
    Ok(queue)
}

/// Returns the layer that writes each event as a line.
fn lines(
    config: &LogsConfig,
    writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> Result<Box<dyn Layer<Registry> + Send + Sync>, Box<dyn Error>> {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        // If the stream is closed, it would report that on the same stream and panic.
        .log_internal_errors(false)
        // Colours only on a terminal: in a file they would be escape sequences (ASVS 5.0, 16.4.1).
        .with_ansi(std::io::stderr().is_terminal());
    // This target logs store errors a second time, without their messages and causes.
    let filter = EnvFilter::try_new(&config.filter)?.add_directive("tower_sessions_core::session=off".parse()?);
    Ok(match config.format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().event_format(JsonLines).with_filter(filter).boxed(),
    })
}

/// Installs the recorder, and serves the metrics at `address`.
///
/// # Errors
/// If the port is in use.
pub fn serve_metrics(address: SocketAddr, workers: &Workers) -> Result<(), Box<dyn Error>> {
    let metrics = Metrics::install()?;
    let listener =
        std::net::TcpListener::bind(address).map_err(|error| not_listening("METRICS_ADDR", address, &error))?;
    listener.set_nonblocking(true)?;
    let counted = metrics.clone();
    workers.repeat(Worker::MetricsUpkeep, move || {
        counted.sum_up();
        ready(UPKEEP)
    });
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let mut app = Router::new().route("/metrics", get(async move || (text, metrics.render())));
    if address.ip().to_canonical().is_loopback() {
        app = app.layer(middleware::from_fn(require_loopback_host));
    }
    tracing::info!(%address, "metrics available at /metrics");
    workers.run(Worker::MetricsServer, move || serve(listener.try_clone(), app.clone()));
    Ok(())
}

async fn serve(listener: io::Result<std::net::TcpListener>, app: Router) {
    match listener.and_then(TcpListener::from_std) {
        Ok(listener) => web::serve(listener, app, METRICS_LIMITS, pending()).await,
        Err(error) => tracing::error!(error = &error as &dyn Error, "metrics server failed"),
    }
}

/// Refuses a request for another host, such as a page of another site whose name resolves to this machine (DNS
/// rebinding).
async fn require_loopback_host(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| HostName::parse(host.to_str().ok()?));
    if host.is_some_and(|host| host.is_loopback()) {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "METRICS_ADDR is on loopback: request localhost or a loopback address\n")
        .into_response()
}
