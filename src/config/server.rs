//! Where the server listens, and where customers see it.

use std::net::{IpAddr, Ipv4Addr};

use super::{PublicUrl, reader::Reader};

/// `PORT`, `HOST`, `PUBLIC_URL`.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub port: u16,
    pub host: IpAddr,
    pub public_url: PublicUrl,
}

impl ServerConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let port = reader.parse_with("PORT", 5000, "a port number from 1 to 65535", |text| {
            text.parse().ok().filter(|port| *port != 0)
        });
        let host = reader.parse("HOST", IpAddr::V4(Ipv4Addr::LOCALHOST), "an IP address to listen on");
        Self { port, host, public_url: PublicUrl::read(reader, port) }
    }
}
