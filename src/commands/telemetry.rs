//! How the program tells how it does: logs for every command, and for whoever serves also metrics and traces.

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

/// How many connections the port for metrics takes: those of a few collectors.
const METRICS_LIMITS: ConnectionLimits = ConnectionLimits { total: 256, per_peer: 16, trusted_proxies: Vec::new() };

/// What has to be finished when the program ends.
pub struct Telemetry {
    exporter: Option<Exporter>,
    _lines: FlushOnDrop,
}

impl Telemetry {
    /// Starts to log and, where that is configured, to export spans.
    ///
    /// # Errors
    /// When there is no exporting to where it is configured.
    pub fn start(logs: &LogsConfig, telemetry: &TelemetryConfig) -> Result<Self, Box<dyn Error>> {
        let traces = telemetry.traces.clone();
        let exporter = traces.map(|to| Exporter::to(&to.endpoint, to.headers, to.service)).transpose()?;
        // Of the program's own spans all, of its libraries' none.
        let spans = Targets::new().with_target("doorstep", LevelFilter::DEBUG);
        let traces = exporter.as_ref().map(|exporter| exporter.layer().with_filter(spans));
        let queue = log_queue(logs)?;
        tracing_subscriber::registry().with(lines(logs, queue.clone())?).with(traces).init();
        panics::log_all();
        Ok(Self { exporter, _lines: queue.flush_on_drop() })
    }

    /// Sends the spans and writes the log lines that are left, in bounded time.
    pub async fn finish(self) {
        let Some(exporter) = self.exporter else { return };
        if let Ok(Err(error)) = tokio::task::spawn_blocking(|| exporter.finish()).await {
            tracing::warn!(error = &error as &dyn Error, "the last spans were not exported");
        }
    }
}

/// Returns a queue whose lines are written to standard error.
fn log_queue(config: &LogsConfig) -> Result<LogQueue, Box<dyn Error>> {
    let queue = LogQueue::default();
    // This line is written directly, by the thread of the queue.
    let direct = Dispatch::new(tracing_subscriber::registry().with(lines(config, io::stderr)?));
    let report = move |dropped| {
        dispatcher::with_default(&direct, || {
            tracing::warn!(
                event = "log_lines_dropped",
                dropped,
                "log lines dropped: the reader of the log was too slow"
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
        // It would say on the same stream that the stream is closed, and panic.
        .log_internal_errors(false)
        // Colours are for people; in a file they would be escape sequences (ASVS 5.0, 16.4.1).
        .with_ansi(std::io::stderr().is_terminal());
    // It logs errors of the store once more, without a message and their causes.
    let filter = EnvFilter::try_new(&config.filter)?.add_directive("tower_sessions_core::session=off".parse()?);
    Ok(match config.format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().event_format(JsonLines).with_filter(filter).boxed(),
    })
}

/// Counts from now on, and serves what was counted at `address`.
///
/// # Errors
/// When the port is taken.
pub fn serve_metrics(address: SocketAddr, workers: &Workers) -> Result<(), Box<dyn Error>> {
    let metrics = Metrics::install()?;
    let listener = std::net::TcpListener::bind(address)?;
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
    tracing::info!(%address, "metrics are served at /metrics");
    workers.run(Worker::MetricsServer, move || serve(listener.try_clone(), app.clone()));
    Ok(())
}

async fn serve(listener: io::Result<std::net::TcpListener>, app: Router) {
    match listener.and_then(TcpListener::from_std) {
        Ok(listener) => web::serve(listener, app, METRICS_LIMITS, pending()).await,
        Err(error) => tracing::error!(error = &error as &dyn Error, "metrics are not served"),
    }
}

/// Refuses a request for another host: a page of another site whose name was made to lead to this machine (DNS rebinding).
async fn require_loopback_host(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| HostName::parse(host.to_str().ok()?));
    if host.is_some_and(|host| host.is_loopback()) {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "METRICS_ADDR is on loopback: ask for localhost or a loopback address\n")
        .into_response()
}
