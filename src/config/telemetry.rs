//! Where the program tells how it does, besides its logs.

use std::net::SocketAddr;

use url::Url;

use super::reader::Reader;

/// `METRICS_ADDR`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// Where `/metrics` is served, apart from what customers reach. `None`: nothing is counted.
    pub metrics: Option<SocketAddr>,
    /// Where spans are sent. `None`: none are made.
    pub traces: Option<TracesConfig>,
}

/// An OpenTelemetry collector, and who we are to it.
#[derive(Clone, Debug)]
pub struct TracesConfig {
    /// Without `/v1/traces` (OpenTelemetry, "OTLP Exporter Configuration").
    pub endpoint: Url,
    pub service: String,
}

impl TelemetryConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let address = "an address and a port to listen on, such as 127.0.0.1:9464";
        let metrics = reader.parse_with("METRICS_ADDR", None, address, |text| text.parse().ok().map(Some));
        let collector = "the http:// URL of a collector, such as http://127.0.0.1:4318";
        let endpoint = reader.parse_with("OTEL_EXPORTER_OTLP_ENDPOINT", None, collector, |text| {
            Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.username().is_empty()).map(Some)
        });
        let service = reader.text("OTEL_SERVICE_NAME").unwrap_or_else(|| "doorstep".to_owned());
        Self { metrics, traces: endpoint.map(|endpoint| TracesConfig { endpoint, service }) }
    }
}
