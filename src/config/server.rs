//! The addresses of the server: where it listens, and its public URL.

use std::net::{IpAddr, Ipv4Addr};

use url::Url;

use super::{HostName, PublicUrl, host_name::is_reachable, reader::Reader};

/// `PORT`, `HOST`, `PUBLIC_URL`, `ALLOWED_HOSTS`, `SECURITY_CONTACT`.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub port: u16,
    pub host: IpAddr,
    pub public_url: PublicUrl,
    /// More host names by which requests may reach the server, such as an internal one.
    pub allowed_hosts: Vec<HostName>,
    /// The security contact (RFC 9116, 2.5.3): a mail address, a page or a telephone number.
    pub security_contact: Option<Url>,
}

impl ServerConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let port = reader.parse_with("PORT", 5000, "a port number from 1 to 65535", |text| {
            text.parse().ok().filter(|port| *port != 0)
        });
        let host = reader.parse("HOST", IpAddr::V4(Ipv4Addr::LOCALHOST), "an IP address to listen on");
        let contact = "a security contact: mailto:address@domain, https://host/… or tel:number";
        let security_contact = reader
            .parse_with("SECURITY_CONTACT", None, contact, |text| Url::parse(text).ok().filter(is_contact).map(Some));
        let form = "whole host names separated by commas, such as doorstep.internal, doorstep:5000 or [fd00::7], without a \
                    scheme, a path, a leading dot or *";
        let allowed_hosts = reader.parse_with("ALLOWED_HOSTS", Vec::new(), form, |text| {
            text.split(',').map(|name| HostName::parse_setting(name.trim())).collect()
        });
        Self { port, host, public_url: PublicUrl::read(reader, host, port), allowed_hosts, security_contact }
    }
}

/// Returns true for a mail address, a page or a telephone number.
fn is_contact(url: &Url) -> bool {
    match url.scheme() {
        "https" => is_reachable(url),
        "mailto" => url.path().split_once('@').is_some_and(|(user, domain)| !user.is_empty() && !domain.is_empty()),
        "tel" => url.path().bytes().any(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}
