//! Metrics and traces.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use super::{ServerConfig, host_name::is_reachable, reader::Reader};

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
    pub(super) fn read(reader: &mut Reader, server: &ServerConfig) -> Self {
        let address = "an address and a port to listen on, not port 0, such as 127.0.0.1:9464";
        let metrics = reader.parse_with("METRICS_ADDR", None, address, |text| {
            text.parse().ok().filter(|address: &SocketAddr| address.port() != 0).map(Some)
        });
        if metrics.is_some_and(|address| is_same_port(address, SocketAddr::new(server.host, server.port))) {
            reader.problem("METRICS_ADDR", "must not be the address of the server (HOST and PORT)");
        }
        if metrics.is_some_and(|address| !address.ip().to_canonical().is_loopback()) {
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

/// Returns true if the system refuses to listen on both addresses. An unspecified address includes all others, and that of
/// IPv6 those of IPv4 too.
fn is_same_port(one: SocketAddr, other: SocketAddr) -> bool {
    let [one_ip, other_ip] = [one.ip().to_canonical(), other.ip().to_canonical()];
    let includes = |ip: IpAddr, other: IpAddr| ip.is_unspecified() && (ip.is_ipv6() || other.is_ipv4());
    one.port() == other.port() && (one_ip == other_ip || includes(one_ip, other_ip) || includes(other_ip, one_ip))
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
    let is_plain = url.query().is_none() && url.fragment().is_none() && is_reachable(url);
    matches!(url.scheme(), "http" | "https") && is_plain && url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_addresses_are_the_same_port_if_the_system_refuses_the_second() {
        for (one, other, is_same) in [
            ("127.0.0.1:5000", "127.0.0.1:5000", true),
            ("127.0.0.1:5000", "127.0.0.1:5001", false),
            ("127.0.0.1:5000", "127.0.0.2:5000", false),
            ("127.0.0.1:5000", "[::ffff:127.0.0.1]:5000", true),
            ("0.0.0.0:5000", "127.0.0.1:5000", true),
            ("0.0.0.0:5000", "[::1]:5000", false),
            ("[::]:5000", "127.0.0.1:5000", true),
            ("[::]:5000", "0.0.0.0:5000", true),
        ] {
            let [first, second] = [one, other].map(|address| address.parse().unwrap());
            assert_eq!(is_same_port(first, second), is_same, "{one} {other}");
            assert_eq!(is_same_port(second, first), is_same, "{other} {one}");
        }
    }
}
