//! The configuration, read once at the start from the environment and a `.env` file, and typed from then on.
//!
//! Each section is a file and reads its own variables. All errors are collected, so that an operator sees every problem
//! at once, by variable. Tests construct the values directly.

mod brand;
mod env_file;
mod host_name;
mod in_clear;
mod limits;
mod logs;
mod mail;
mod passwords;
mod public_url;
mod reader;
mod redis_url;
mod secret_key;
mod server;
mod sessions;
mod stores;
mod telemetry;
mod theme;

use std::{ffi::OsString, fmt};

pub use brand::{BrandConfig, Logo, ThemeCss};
pub use env_file::EnvFile;
pub use host_name::HostName;
pub use limits::LimitsConfig;
pub use logs::{LOG_TARGET, LogFormat, LogsConfig};
pub use mail::{MailConfig, MailServer};
pub use passwords::PasswordsConfig;
pub use public_url::PublicUrl;
use reader::Reader;
pub use reader::{Problem, Problems};
pub use redis_url::{RedisServers, RedisUrl};
pub use secret_key::{SecretKey, SecretKeys};
pub use server::ServerConfig;
pub use stores::{ServiceUrl, StoresConfig};
pub use telemetry::{TelemetryConfig, TracesConfig};
pub use theme::{Accent, PAPER, Shades, Theme};

use crate::accounts::Lifetimes;

/// The whole configuration.
#[derive(Debug)]
pub struct Config {
    pub server: ServerConfig,
    pub brand: BrandConfig,
    pub stores: StoresConfig,
    /// `None` if the key is generated in the data directory of the embedded store.
    pub secret_key: Option<SecretKey>,
    /// The previous key. Its tokens, cookies and links stay valid while instances change to the current one.
    pub previous_secret_key: Option<SecretKey>,
    pub passwords: PasswordsConfig,
    pub lifetimes: Lifetimes,
    pub limits: LimitsConfig,
    pub mail: MailConfig,
    pub logs: LogsConfig,
    pub telemetry: TelemetryConfig,
    /// Settings that are valid but may be unintended.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Reads the configuration. `variable` returns the value of one variable.
    ///
    /// # Errors
    /// All problems.
    pub fn read(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, Problems> {
        let mut reader = Reader::new(variable);
        let server = ServerConfig::read(&mut reader);
        let loopback = server.public_url.is_loopback();
        let stores = StoresConfig::read(&mut reader);
        let mut config = Self {
            secret_key: SecretKey::read(&mut reader, matches!(stores, StoresConfig::Embedded { .. })),
            previous_secret_key: SecretKey::read_previous(&mut reader),
            passwords: PasswordsConfig::read(&mut reader, loopback),
            lifetimes: sessions::read(&mut reader),
            limits: LimitsConfig::read(&mut reader, loopback),
            mail: MailConfig::read(&mut reader, loopback && matches!(stores, StoresConfig::Embedded { .. })),
            brand: BrandConfig::read(&mut reader),
            logs: LogsConfig::read(&mut reader),
            telemetry: TelemetryConfig::read(&mut reader, &server),
            server,
            stores,
            warnings: Vec::new(),
        };
        config.warnings = reader.finish()?;
        Ok(config)
    }
}

/// Writes the effective configuration without its secrets, one variable per line.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "PORT={}", self.server.port)?;
        writeln!(f, "HOST={}", self.server.host)?;
        writeln!(f, "PUBLIC_URL={}", self.server.public_url.origin())?;
        let hosts: Vec<String> = self.server.allowed_hosts.iter().map(ToString::to_string).collect();
        writeln!(f, "ALLOWED_HOSTS={}", hosts.join(","))?;
        if let Some(contact) = &self.server.security_contact {
            writeln!(f, "SECURITY_CONTACT={contact}")?;
        }
        match &self.stores {
            StoresConfig::Embedded { data_dir } => writeln!(f, "DATA_DIR={}", data_dir.display())?,
            StoresConfig::Servers { mongodb, redis } => {
                writeln!(f, "MONGODB_URI={mongodb}")?;
                writeln!(f, "REDIS_URL={redis}")?;
            }
        }
        writeln!(f, "SECRET_KEY={}", if self.secret_key.is_some() { "***" } else { "(kept in DATA_DIR)" })?;
        if self.previous_secret_key.is_some() {
            writeln!(f, "SECRET_KEY_PREVIOUS=***")?;
        }
        writeln!(f, "BCRYPT_COST={}", self.passwords.bcrypt_cost)?;
        writeln!(f, "ACCESS_TOKEN_TTL={}", humantime::format_duration(self.lifetimes.access_token))?;
        writeln!(f, "SESSION_IDLE_TTL={}", humantime::format_duration(self.lifetimes.session_idle))?;
        writeln!(f, "SESSION_ABSOLUTE_TTL={}", humantime::format_duration(self.lifetimes.session_absolute))?;
        writeln!(f, "REFRESH_GRACE={}", humantime::format_duration(self.lifetimes.refresh_grace))?;
        writeln!(f, "ACTIVITY_RETENTION={}", humantime::format_duration(self.lifetimes.activity))?;
        writeln!(f, "RATE_LIMITS={}", if self.limits.enabled { "on" } else { "off" })?;
        writeln!(f, "SIGN_UPS_PER_HOUR={}", self.limits.sign_ups_per_hour)?;
        let proxies: Vec<String> = self.limits.trusted_proxies.iter().map(ToString::to_string).collect();
        writeln!(f, "TRUSTED_PROXIES={}", proxies.join(","))?;
        if let Some(MailServer { url, from }) = &self.mail.server {
            writeln!(f, "SMTP_URL={url}\nMAIL_FROM={from}")?;
        }
        writeln!(f, "REQUIRE_VERIFIED_EMAIL={}", if self.mail.requires_verified_email { "on" } else { "off" })?;
        writeln!(f, "SHOP_NAME={}", self.brand.shop)?;
        if let Some(logo) = &self.brand.logo {
            writeln!(f, "SHOP_LOGO={}", logo.path.display())?;
        }
        if let Some(accent) = &self.brand.accent {
            writeln!(f, "THEME_ACCENT={accent}")?;
        }
        if let Some(css) = &self.brand.css {
            writeln!(f, "THEME_CSS={}", css.path.display())?;
        }
        if let Some(address) = self.telemetry.metrics {
            writeln!(f, "METRICS_ADDR={address}")?;
        }
        if let Some(TracesConfig { endpoint, headers, service }) = &self.telemetry.traces {
            writeln!(f, "OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}\nOTEL_SERVICE_NAME={service}")?;
            let headers: Vec<String> = headers.keys().map(|name| format!("{name}=***")).collect();
            writeln!(f, "OTEL_EXPORTER_OTLP_HEADERS={}", headers.join(","))?;
        }
        write!(f, "LOG_FORMAT={}\nRUST_LOG={}", self.logs.format, self.logs.filter)
    }
}
