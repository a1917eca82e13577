//! Traces: the spans of a request as OpenTelemetry has them, a part of the trace in which the client made it (W3C Trace
//! Context), sent to a collector by OTLP over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
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

/// How long a collector may take for what it is sent. Nobody waits for it but what is to be sent next.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest answer of a collector, in bytes. Nobody reads more of it than its status.
const MAX_ANSWER: usize = 64 * 1024;

/// The field of a request's span that names its trace.
pub const TRACE_FIELD: &str = "trace";

/// Makes `span` a part of the trace that `headers` tell of, or of one of its own, and notes which in its [`TRACE_FIELD`].
/// Where no traces are exported, only a trace of the client's is noted.
pub fn follow(headers: &HeaderMap, span: &Span) {
    let told = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    let of_client = told.span().span_context().clone();
    // It fails where nobody exports traces.
    let _ = span.set_parent(told);
    let own = span.context().span().span_context().clone();
    if let Some(context) = [own, of_client].into_iter().find(SpanContext::is_valid) {
        span.record(TRACE_FIELD, tracing::field::display(context.trace_id()));
    }
}

/// Sends spans to a collector, in the background.
pub struct Exporter {
    provider: SdkTracerProvider,
}

impl Exporter {
    /// Sends to the collector at `endpoint`, an origin and perhaps a path, in the name of `service`. Within a runtime of tokio.
    ///
    /// # Errors
    /// When `endpoint` is no URL.
    pub fn to(endpoint: &str, service: String) -> Result<Self, ExporterBuildError> {
        let client =
            OnRuntime { client: Client::builder(TokioExecutor::new()).build_http(), runtime: Handle::current() };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .build()?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(service).with_attribute(version).build();
        Ok(Self {
            provider: SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build(),
        })
    }

    /// What takes the spans of a subscriber.
    #[must_use]
    pub fn layer<S: tracing::Subscriber + for<'span> LookupSpan<'span>>(&self) -> OpenTelemetryLayer<S, SdkTracer> {
        tracing_opentelemetry::layer().with_tracer(self.provider.tracer("doorstep"))
    }

    /// Sends what there is left. It blocks meanwhile.
    ///
    /// # Errors
    /// When the collector does not take it.
    pub fn finish(self) -> Result<(), OTelSdkError> {
        self.provider.shutdown()
    }
}

/// The exporter has a thread of its own, where there is no runtime for the client to work in.
#[derive(Debug)]
struct OnRuntime {
    client: Client<HttpConnector, Full<Bytes>>,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.client.request(request.map(Full::new));
        let sent = async move {
            let (parts, body) = answer.await?.into_parts();
            Ok(Response::from_parts(parts, Limited::new(body, MAX_ANSWER).collect().await?.to_bytes()))
        };
        // A timer, too, has to be set within the runtime.
        self.runtime.spawn(async move { tokio::time::timeout(PATIENCE, sent).await }).await??
    }
}
