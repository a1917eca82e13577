//! Traces: the spans of a request in OpenTelemetry's format, as a part of the client's trace (W3C Trace Context), sent
//! to a collector by OTLP over HTTP.

use std::{
    error::Error,
    fmt::Debug,
    io,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::http::HeaderMap;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connect, HttpConnector},
    },
    rt::TokioExecutor,
};
use opentelemetry::{
    KeyValue,
    propagation::TextMapPropagator,
    trace::{SpanContext, TraceContextExt, TracerProvider},
};
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkError,
    propagation::TraceContextPropagator,
    trace::{SdkTracer, SdkTracerProvider},
};
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::registry::LookupSpan;
use url::Url;

use super::outage::{Change, Outage};

/// The timeout of an export. Only the next export waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest response of a collector, in bytes. Only its status is used.
const MAX_ANSWER: usize = 64 * 1024;

/// The span field with the trace id.
pub const TRACE_FIELD: &str = "trace";

/// Makes `span` a part of the trace in `headers`, or of a new one, and records its id in [`TRACE_FIELD`]. Without an
/// exporter, only the id of a client's trace is recorded.
pub fn follow(headers: &HeaderMap, span: &Span) {
    let told = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    let of_client = told.span().span_context().clone();
    // Fails if there is no exporter.
    let _ = span.set_parent(told);
    let own = span.context().span().span_context().clone();
    if let Some(context) = [own, of_client].into_iter().find(SpanContext::is_valid) {
        span.record(TRACE_FIELD, tracing::field::display(context.trace_id()));
    }
}

/// Why spans cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExporterError {
    #[error("no CA certificates found to verify a collector at an https:// URL")]
    Untrusted(#[source] io::Error),
    #[error("cannot send to the collector")]
    Unusable(#[from] ExporterBuildError),
}

/// Sends spans to a collector in the background.
pub struct Exporter {
    provider: SdkTracerProvider,
}

impl Exporter {
    /// Returns an exporter to the collector at `endpoint`, an origin with an optional path. `service` is the service
    /// name, and `headers` authenticate the program. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// If the endpoint is an `https` URL and the system has no trusted certificates.
    pub fn to(endpoint: &Url, headers: HeaderMap, service: String) -> Result<Self, ExporterError> {
        let exporter = SpanExporter::builder().with_http();
        let collector = Collector::at(endpoint);
        let exporter = if endpoint.scheme() == "https" {
            let builder = HttpsConnectorBuilder::new().with_native_roots().map_err(ExporterError::Untrusted)?;
            exporter.with_http_client(OnRuntime::by(builder.https_only().enable_http1().build(), headers, collector))
        } else {
            exporter.with_http_client(OnRuntime::by(HttpConnector::new(), headers, collector))
        };
        let exporter = exporter
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/')))
            .with_timeout(TIMEOUT)
            .build()?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(service).with_attribute(version).build();
        Ok(Self {
            provider: SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build(),
        })
    }

    /// Returns the subscriber layer that records spans.
    #[must_use]
    pub fn layer<S: tracing::Subscriber + for<'span> LookupSpan<'span>>(&self) -> OpenTelemetryLayer<S, SdkTracer> {
        tracing_opentelemetry::layer().with_tracer(self.provider.tracer("doorstep"))
    }

    /// Sends the remaining spans. Blocks until they are sent.
    ///
    /// # Errors
    /// If the collector does not accept them.
    pub fn finish(self) -> Result<(), OTelSdkError> {
        self.provider.shutdown()
    }
}

/// The collector in the log: without the path of its URL, which may contain a secret.
#[derive(Debug)]
struct Collector {
    host: String,
    outage: Mutex<Outage>,
}

impl Collector {
    fn at(endpoint: &Url) -> Self {
        let host = endpoint.host_str().unwrap_or_default();
        let port = endpoint.port_or_known_default().unwrap_or_default();
        Self { host: format!("{host}:{port}"), outage: Mutex::default() }
    }

    /// Records the outcome of an export. Logs the first failure, and the first success after it.
    fn record(&self, sent: &Result<Response<Bytes>, HttpError>) {
        let error: Option<&(dyn Error + 'static)> = sent.as_ref().err().map(|error| &**error as _);
        let status = sent.as_ref().ok().map(|answer| answer.status().as_u16());
        let works = sent.as_ref().is_ok_and(|answer| answer.status().is_success());
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        match outage.record(works, Instant::now()) {
            Some(Change::Failed) => tracing::warn!(
                collector = self.host,
                status,
                error,
                "traces not exported and lost: check OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS and the \
                 collector"
            ),
            Some(Change::Recovered) => tracing::info!(collector = self.host, "traces exported again"),
            None => {}
        }
    }
}

/// An HTTP client that runs on the given runtime. The exporter calls it from its own thread, which has none.
#[derive(Debug)]
struct OnRuntime<C> {
    client: Client<C, Full<Bytes>>,
    headers: HeaderMap,
    collector: Collector,
    runtime: Handle,
}

impl<C: Connect + Clone> OnRuntime<C> {
    fn by(connector: C, headers: HeaderMap, collector: Collector) -> Self {
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, headers, collector, runtime: Handle::current() }
    }
}

#[async_trait]
impl<C: Connect + Clone + Debug + Send + Sync + 'static> HttpClient for OnRuntime<C> {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        request.headers_mut().extend(self.headers.clone());
        let answer = self.client.request(request.map(Full::new));
        let sent = async move {
            let (parts, body) = answer.await?.into_parts();
            Ok(Response::from_parts(parts, Limited::new(body, MAX_ANSWER).collect().await?.to_bytes()))
        };
        // Timers also require the runtime.
        let sent = self.runtime.spawn(async move { tokio::time::timeout(TIMEOUT, sent).await }).await;
        let sent = sent.map_err(HttpError::from).and_then(|sent| sent.map_err(HttpError::from)?);
        self.collector.record(&sent);
        sent
    }
}
