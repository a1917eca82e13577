//! The public origin of the site.

use std::net::IpAddr;

use url::{Host, Url};

use super::{HostName, host_name::is_reachable, reader::Reader};

/// `PUBLIC_URL`: an origin (RFC 6454), with https unless it is on loopback. Cookies, the cross-origin check and links
/// use it, whatever host a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: HostName,
    https: bool,
    loopback: bool,
}

impl PublicUrl {
    /// Parses `scheme://host[:port]`, with an optional trailing slash.
    ///
    /// # Errors
    /// What is wrong with it, as a message for the operator.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "must be a URL, such as https://shop.example")?;
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err("must start with https:// (or http:// on loopback)"),
        };
        let only_an_origin = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !only_an_origin {
            return Err("must be an origin only: no path, query, fragment, user or password");
        }
        if !is_reachable(&url) {
            return Err("must name a host, without wildcards, and no port 0: such as https://shop.example");
        }
        let loopback = match url.host() {
            Some(Host::Domain(domain)) => is_localhost(domain),
            Some(Host::Ipv4(address)) => is_loopback(address.into())?,
            Some(Host::Ipv6(address)) => is_loopback(address.into())?,
            None => return Err("must name a host"),
        };
        if !https && !loopback {
            return Err("must be https: over http, cookies are sent in clear text");
        }
        let origin = url.origin().ascii_serialization();
        let host = origin.split_once("://").and_then(|(_, host)| HostName::parse(host)).ok_or("must name a host")?;
        Ok(Self { origin, host, https, loopback })
    }

    /// Reads the variable. Refuses a loopback URL if the server listens for other machines: strangers would reach
    /// features that are meant for a developer.
    pub(super) fn read(reader: &mut Reader, listens_on: IpAddr, port: u16) -> Self {
        match reader.value("PUBLIC_URL").map_or_else(|| Ok(Self::loopback(port)), |text| Self::parse(&text)) {
            Ok(url) => {
                if url.loopback && !listens_on.to_canonical().is_loopback() {
                    let reason = format!(
                        "must be the https:// origin that customers see, because HOST={listens_on} accepts other \
                         machines and {} works on this one only; or set HOST to 127.0.0.1",
                        url.origin
                    );
                    reader.problem("PUBLIC_URL", reason);
                }
                url
            }
            Err(reason) => {
                reader.problem("PUBLIC_URL", reason);
                Self::loopback(port)
            }
        }
    }

    fn loopback(port: u16) -> Self {
        Self::parse(&format!("http://localhost:{port}")).unwrap_or_else(|_| unreachable!("it is an origin"))
    }

    /// Returns `scheme://host[:port]`, without a trailing slash.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the host and port of [`Self::origin`].
    #[must_use]
    pub fn host(&self) -> &HostName {
        &self.host
    }

    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

/// Returns true if the name always resolves to this machine (RFC 6761, 6.3), with or without a trailing dot.
fn is_localhost(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    domain == "localhost" || domain.ends_with(".localhost")
}

/// Returns true if the address is loopback.
///
/// # Errors
/// If it is an unspecified address, which is only for listening.
fn is_loopback(address: IpAddr) -> Result<bool, &'static str> {
    let address = address.to_canonical();
    if address.is_unspecified() {
        return Err("must name a host that browsers can reach, not an address to listen on");
    }
    Ok(address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_and_normalised() {
        let url = PublicUrl::parse("https://Shop.Example:443/").unwrap();
        assert_eq!(url.origin(), "https://shop.example");
        assert!(url.is_https() && !url.is_loopback());
        assert!(PublicUrl::parse("http://127.0.0.1:5000").unwrap().is_loopback());
        assert!(PublicUrl::parse("http://[::1]:5000").unwrap().is_loopback());
        for text in ["https://localhost.", "https://a.localhost.", "https://[::ffff:127.0.0.1]", "https://127.1"] {
            assert!(PublicUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn x2_an_unsafe_origin_is_refused() {
        for text in [
            "shop.example",
            "http://shop.example",
            "http://localhost.shop.example",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://shop.example/accounts",
            "https://shop.example/?a",
            "https://u:p@shop.example",
            "https://0.0.0.0",
            "https://[::]",
            "https://[::ffff:0.0.0.0]",
            "http://0.0.0.0:5000",
            "https://*.example",
            "https://*",
            "https://.example",
            "https://shop..example",
            "https://shop.example:0",
            "http://localhost:0",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }
}
