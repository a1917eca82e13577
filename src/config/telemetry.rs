//! Metrics and traces.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use super::reader::Reader;

/// `METRICS_ADDR`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// The address of `/metrics`, separate from the public one. `None` disables metrics.
    pub metrics: Option<SocketAddr>,
    /// Where spans are sent. `None` disables traces.
    pub traces: Option<TracesConfig>,
}

/// An OpenTelemetry collector and the credentials for it.
#[derive(Clone, Debug)]
pub struct TracesConfig {
    /// Without `/v1/traces` (OpenTelemetry, "OTLP Exporter Configuration").
    pub endpoint: Url,
    /// Headers that authenticate the program. Each value is marked as sensitive, so it is never printed.
    pub headers: HeaderMap,
    pub service: String,
}

impl TelemetryConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let address = "an address and a port to listen on, such as 127.0.0.1:9464";
        let metrics = reader.parse_with("METRICS_ADDR", None, address, |text| text.parse().ok().map(Some));
        if metrics.is_some_and(|address: SocketAddr| !address.ip().to_canonical().is_loopback()) {
            reader
                .warn("METRICS_ADDR", "is not on loopback: every machine that reaches this port can read the metrics");
        }
        let collector = "the URL of a collector, such as http://127.0.0.1:4318, without a user, a password or a query";
        let endpoint = reader.parse_with("OTEL_EXPORTER_OTLP_ENDPOINT", None, collector, |text| {
            Url::parse(text).ok().filter(is_collector).map(Some)
        });
        let form = "headers for a collector, such as authorization=Bearer%20token,x-shop=tea";
        let headers = reader.parse_with("OTEL_EXPORTER_OTLP_HEADERS", HeaderMap::new(), form, parse_headers);
        let service = reader.value("OTEL_SERVICE_NAME").unwrap_or_else(|| "doorstep".to_owned());
        Self { metrics, traces: endpoint.map(|endpoint| TracesConfig { endpoint, headers, service }) }
    }
}

/// Parses comma-separated `name=value` pairs with percent-encoded values (OpenTelemetry, "Specifying headers via
/// environment variables").
fn parse_headers(text: &str) -> Option<HeaderMap> {
    text.split(',')
        .map(|header| {
            let (name, value) = header.split_once('=')?;
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            let mut value = HeaderValue::from_str(&value).ok()?;
            value.set_sensitive(true);
            Some((HeaderName::try_from(name.trim()).ok()?, value))
        })
        .collect()
}

/// Returns true for a URL to which a path can be appended. It must not contain credentials, since it is printed.
fn is_collector(url: &Url) -> bool {
    let is_plain = url.query().is_none() && url.fragment().is_none();
    matches!(url.scheme(), "http" | "https") && is_plain && url.username().is_empty() && url.password().is_none()
}
