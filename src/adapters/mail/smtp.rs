//! The SMTP client (RFC 5321). It sends each command itself: the meaning of a rejection depends on the command that was
//! rejected, and lettre's own transport does not report which one it was.

use std::{
    error::{self, Error as _},
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
        commands::{Data, Mail, Rcpt, Starttls},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Severity,
    },
};
use percent_encoding::percent_decode_str;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use url::{Host, Url};

use super::{
    NoMailServer,
    limited::{Budget, Limited, Network},
    replies::Replies,
    secrets::Secrets,
};

/// The time limit for each reply of the server before the message, and for all of them together.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
const DIALOGUE_TIMEOUT: Duration = Duration::from_secs(150);

/// The time limit for the server to accept the message (RFC 5321, 4.5.3.2.6). Many servers scan or deliver it before
/// they reply. After a timeout that is too short, the server has accepted the mail and receives it again.
const MESSAGE_TIMEOUT: Duration = Duration::from_mins(10);

/// How many idle connections are kept for the next mail, and for how long.
const MOST_IDLE: usize = 4;
const LONGEST_IDLE: Duration = Duration::from_mins(1);

/// A mail server and how to connect to it.
pub(super) struct Relay {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    secrets: Secrets,
    /// The name of this host in EHLO.
    hello: ClientId,
    idle: Mutex<Vec<(Connection, Instant)>>,
}

/// A connection, and how much the server may still send for the current mail.
struct Connection {
    smtp: AsyncSmtpConnection,
    budget: Budget,
}

/// A connection that is not encrypted, and its stream for the case that it will be.
struct Plain {
    connection: Connection,
    stream: TcpStream,
}

enum Encryption {
    FromTheStart(TlsParameters),
    StartTls(TlsParameters),
    /// For servers on this machine only.
    StartTlsIfOffered(TlsParameters),
}

/// Why the server did not accept a mail.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The server does not have the mailbox, and never will.
    #[error("the mail server rejected the recipient")]
    Recipient(#[source] Error),
    /// The recipient's address has characters outside ASCII, and the server does not support such addresses.
    #[error("the mail server does not support addresses outside ASCII (SMTPUTF8, RFC 6531)")]
    NoSmtpUtf8,
    /// The same for the sender's address, which an operator can change.
    #[error("the mail server does not support MAIL_FROM: it has characters outside ASCII (SMTPUTF8, RFC 6531)")]
    NoSmtpUtf8Sender,
    #[error("no connection to the mail server")]
    Connection(#[source] io::Error),
    #[error("the connection to the mail server was not encrypted")]
    StartTls(#[source] Error),
    #[error("the mail server does not support encryption (STARTTLS, RFC 3207)")]
    NoStartTls,
    /// Any other failure. Its cause may be the sender, the network or the server.
    #[error("the mail server did not accept the mail")]
    Other(#[source] Error),
    #[error("the mail server asked for more after the whole mail")]
    Unfinished,
    #[error("the mail server did not respond in time")]
    Timeout(#[from] tokio::time::error::Elapsed),
}

impl Relay {
    /// Returns the server at `url`. This host introduces itself with the host name of `site`. Does not connect yet.
    pub(super) fn new(url: &str, site: &str) -> Result<Self, NoMailServer> {
        let url = Url::parse(url).map_err(|_| NoMailServer)?;
        let host = host(&url).ok_or(NoMailServer)?;
        let tls = TlsParameters::new(host.clone()).map_err(|_| NoMailServer)?;
        let (encryption, port) = match url.scheme() {
            "smtps" => (Encryption::FromTheStart(tls), 465),
            "smtp" if is_loopback(&host) => (Encryption::StartTlsIfOffered(tls), 25),
            "smtp" => (Encryption::StartTls(tls), 25),
            _ => return Err(NoMailServer),
        };
        let login = login(&url)?;
        let secrets = login.as_ref().map(|(user, password)| Secrets::of(user, password)).unwrap_or_default();
        Ok(Self {
            port: url.port().unwrap_or(port),
            credentials: login.map(|(user, password)| Credentials::new(user, password)),
            secrets,
            hello: hello(site),
            idle: Mutex::default(),
            host,
            encryption,
        })
    }

    /// Returns the error as it may be logged, without credentials that the server quotes.
    pub(super) fn loggable(&self, refusal: Refusal) -> Box<dyn error::Error + Send + Sync> {
        self.secrets.hide(Box::new(refusal))
    }

    /// Hands the message to the server. On success, the server is responsible for its delivery.
    pub(super) async fn send(&self, from: &Address, to: &Address, message: &[u8]) -> Result<(), Refusal> {
        let mut connection = timeout(DIALOGUE_TIMEOUT, async {
            let mut connection = self.connection().await?;
            announce(&mut connection.smtp, from, to, message).await?;
            Ok::<_, Refusal>(connection)
        })
        .await??;
        hand_over(&mut connection.smtp, message).await?;
        // Reached only on success: a connection with any failure is not reused.
        self.keep(connection);
        Ok(())
    }

    /// Returns an idle connection that still works, or a new one.
    async fn connection(&self) -> Result<Connection, Refusal> {
        while let Some((mut connection, since)) = self.take() {
            connection.budget.refill();
            if since.elapsed() < LONGEST_IDLE && timeout(ANSWER_TIMEOUT, connection.smtp.test_connected()).await? {
                return Ok(connection);
            }
        }
        self.connect().await
    }

    async fn connect(&self) -> Result<Connection, Refusal> {
        let mut connection = match &self.encryption {
            Encryption::FromTheStart(tls) => answer_in_time(self.open_encrypted(tls)).await?,
            Encryption::StartTls(tls) => self.start_tls(self.open_plain().await?, tls).await?,
            Encryption::StartTlsIfOffered(tls) => self.connect_on_this_machine(tls).await?,
        };
        if let Some(credentials) = &self.credentials {
            answer(connection.smtp.auth(&[Mechanism::Plain, Mechanism::Login], credentials)).await?;
        }
        Ok(connection)
    }

    /// Connects to a server on this machine. Its certificate is often made for another name. What is sent to it does
    /// not leave the machine, so without credentials a failed handshake is no reason to keep the mail.
    async fn connect_on_this_machine(&self, tls: &TlsParameters) -> Result<Connection, Refusal> {
        let plain = self.open_plain().await?;
        if !plain.connection.smtp.can_starttls() {
            return Ok(plain.connection);
        }
        match self.start_tls(plain, tls).await {
            Err(Refusal::StartTls(_)) if self.credentials.is_none() => Ok(self.open_plain().await?.connection),
            encrypted => encrypted,
        }
    }

    async fn open_plain(&self) -> Result<Plain, Refusal> {
        answer_in_time(async {
            let (stream, twin) = self.open().await.and_then(twins).map_err(Refusal::Connection)?;
            let budget = Budget::default();
            let connection = self.greet(Replies::new(Limited::new(twin, budget.clone())), budget).await;
            Ok(Plain { connection: connection.map_err(Refusal::Other)?, stream })
        })
        .await
    }

    /// Opens a connection that is encrypted from the start.
    async fn open_encrypted(&self, tls: &TlsParameters) -> Result<Connection, Refusal> {
        let (stream, budget) = (self.open().await.map_err(Refusal::Connection)?, Budget::default());
        let stream = Limited::new(stream, budget.clone());
        let stream = Network::encrypted(Box::new(stream), tls.clone()).await.map_err(Refusal::Other)?;
        self.greet(Replies::new(stream), budget).await.map_err(Refusal::Other)
    }

    async fn open(&self) -> io::Result<TcpStream> {
        TcpStream::connect((self.host.as_str(), self.port)).await
    }

    /// Waits for the greeting, and says EHLO.
    async fn greet(&self, stream: impl AsyncTokioStream + 'static, budget: Budget) -> Result<Connection, Error> {
        let smtp = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await?;
        Ok(Connection { smtp, budget })
    }

    /// Encrypts a connection. lettre would do so below [`Replies`], which could not read the replies any more.
    async fn start_tls(&self, plain: Plain, tls: &TlsParameters) -> Result<Connection, Refusal> {
        let Plain { connection: Connection { mut smtp, budget }, stream } = plain;
        if !smtp.can_starttls() {
            return Err(Refusal::NoStartTls);
        }
        let encrypted = async {
            smtp.command(Starttls).await?;
            // What it may have read after the reply was not encrypted, and must not count.
            drop(smtp);
            let stream = Limited::new(stream, budget.clone());
            let stream = Network::encrypted(Box::new(stream), tls.clone()).await?;
            self.greet(Replies::after_greeting(stream), budget).await
        };
        timeout(ANSWER_TIMEOUT, encrypted).await?.map_err(Refusal::StartTls)
    }

    fn take(&self) -> Option<(Connection, Instant)> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < LONGEST_IDLE);
        if idle.len() < MOST_IDLE {
            idle.push((connection, Instant::now()));
        }
    }
}

/// Returns the stream twice.
fn twins(stream: TcpStream) -> io::Result<(TcpStream, TcpStream)> {
    let stream = stream.into_std()?;
    let twin = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, TcpStream::from_std(twin)?))
}

/// Sends the sender and the recipient, and asks to send the message.
async fn announce(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    to: &Address,
    message: &[u8],
) -> Result<(), Refusal> {
    let mut parameters = Vec::new();
    if !is_ascii(from) || !is_ascii(to) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(if is_ascii(from) { Refusal::NoSmtpUtf8 } else { Refusal::NoSmtpUtf8Sender });
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !message.is_ascii() {
        // Every server with SMTPUTF8 supports this (RFC 6531, 3.1), and only such mails have characters outside ASCII.
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    answer(connection.command(Mail::new(Some(from.clone()), parameters))).await?;
    match answer(connection.command(Rcpt::new(to.clone(), Vec::new()))).await {
        Err(Refusal::Other(error)) if is_about_the_recipient(&error) => return Err(Refusal::Recipient(error)),
        answered => answered?,
    };
    answer(connection.command(Data)).await?;
    Ok(())
}

/// Sends the message and waits until the server accepts it.
async fn hand_over(connection: &mut AsyncSmtpConnection, message: &[u8]) -> Result<(), Refusal> {
    let reply = timeout(MESSAGE_TIMEOUT, connection.message(message)).await?.map_err(Refusal::Other)?;
    // lettre also takes 3yz for success, which asks for more (RFC 5321, 4.2.1).
    if reply.code().severity == Severity::PositiveCompletion { Ok(()) } else { Err(Refusal::Unfinished) }
}

/// Waits for a reply of the server.
async fn answer<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Refusal> {
    answer_in_time(async { answer.await.map_err(Refusal::Other) }).await
}

/// Waits for a reply of the server, or for a connection.
async fn answer_in_time<T>(answer: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    timeout(ANSWER_TIMEOUT, answer).await?
}

/// Returns true if the rejection of a recipient is permanent: the enhanced status (RFC 3463) says that the mailbox,
/// domain or address does not exist, or that the mailbox is disabled. Servers use the same reply codes to reject the
/// sender or for policy reasons, as in `550 relaying denied`, which the operator can fix. So a reply without an
/// enhanced status is not treated as permanent.
fn is_about_the_recipient(error: &Error) -> bool {
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    error.is_permanent() && matches!(enhanced_status(&text), Some([5, 1, 1 | 2 | 3 | 6 | 10] | [5, 2, 1]))
}

/// Returns the enhanced status of a reply: at its beginning, or as `#5.1.1` or `(5.1.1)`. Elsewhere the same digits can
/// be anything, such as a section of a policy.
fn enhanced_status(text: &str) -> Option<[u16; 3]> {
    let first = text.split_whitespace().next();
    let marked = text.split_whitespace().filter(|word| word.starts_with(['#', '(']));
    first.into_iter().chain(marked).find_map(status_of)
}

fn status_of(word: &str) -> Option<[u16; 3]> {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let numbers: Vec<u16> = word.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    numbers.try_into().ok().filter(|[class, ..]: &[u16; 3]| [2, 4, 5].contains(class))
}

fn is_ascii(address: &Address) -> bool {
    AsRef::<str>::as_ref(address).is_ascii()
}

/// Returns the host for a DNS lookup: an IPv6 address without the brackets of the URL.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_matches(['[', ']']);
    (!host.is_empty()).then(|| host.to_owned())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Returns the user and the password, or `None` if the URL has neither. Fails if it has one of them.
fn login(url: &Url) -> Result<Option<(String, String)>, NoMailServer> {
    let decode = |text| percent_decode_str(text).decode_utf8().map_err(|_| NoMailServer);
    let password = match (url.username(), url.password()) {
        ("", None) => return Ok(None),
        ("", Some(_)) | (_, None) => return Err(NoMailServer),
        (_, Some(password)) => password,
    };
    Ok(Some((decode(url.username())?.into_owned(), decode(password)?.into_owned())))
}

/// Returns the name of this host in EHLO: that of the site, which is public, unlike the machine's.
fn hello(site: &str) -> ClientId {
    match Url::parse(site).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(domain)) => ClientId::Domain(domain.to_owned()),
        Some(Host::Ipv4(address)) => ClientId::Ipv4(address),
        Some(Host::Ipv6(address)) => ClientId::Ipv6(address),
        None => ClientId::default(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::SocketAddr,
        pin::Pin,
        task::{Context, Poll},
    };

    use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream, ReadBuf};

    use super::*;

    #[test]
    fn n18_an_enhanced_status_is_found_only_where_servers_put_it() {
        for (text, status) in [
            ("5.1.1 no such user", Some([5, 1, 1])),
            ("sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Some([5, 7, 1])),
            ("blocked: 192.0.2.7 is listed, see 5.7.1.", None),
            ("no such mailbox", None),
            ("relaying denied, see RFC 5.1.1 of policy", None),
            ("relaying denied, see RFC 5.1.1", None),
            ("192.0.2.7 is listed", None),
            ("version 1.2.3 says no", None),
        ] {
            assert_eq!(enhanced_status(text), status, "{text}");
        }
    }

    /// A connection in memory, so that a test can control the time.
    #[derive(Debug)]
    struct InMemory(DuplexStream);

    impl AsyncRead for InMemory {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(context, buffer)
        }
    }

    impl AsyncWrite for InMemory {
        fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(context, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(context)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(context)
        }
    }

    impl AsyncTokioStream for InMemory {
        fn peer_addr(&self) -> io::Result<SocketAddr> {
            Ok(([127, 0, 0, 1], 25).into())
        }
    }

    /// Returns the result of a message whose acceptance takes this long.
    async fn handed_over(time: Duration) -> Result<(), Refusal> {
        let (client, server) = tokio::io::duplex(10_000);
        tokio::spawn(async move {
            let mut server = BufReader::new(server);
            server.write_all(b"220 mail.test\r\n").await.unwrap();
            let mut line = String::new();
            while server.read_line(&mut line).await.unwrap() > 0 {
                if line.ends_with("\n.\r\n") {
                    tokio::time::sleep(time).await;
                }
                if line.starts_with("EHLO") || line.ends_with("\n.\r\n") {
                    // The client may have given up.
                    let _ = server.write_all(b"250 ok\r\n").await;
                    line.clear();
                }
            }
        });
        let mut connection =
            AsyncSmtpConnection::connect_with_transport(Box::new(InMemory(client)), &hello("https://tea.test"))
                .await
                .unwrap();
        hand_over(&mut connection, b"Subject: x\r\n\r\nx").await
    }

    #[tokio::test(start_paused = true)]
    async fn n18_a_server_has_ten_minutes_to_accept_a_message() {
        for seconds in [0, 40, 9 * 60] {
            handed_over(Duration::from_secs(seconds)).await.unwrap();
        }
        assert!(matches!(handed_over(Duration::from_mins(11)).await, Err(Refusal::Timeout(_))));
    }

    /// Returns the address of a server that supports AUTH and rejects every login with the command that it received.
    async fn server_that_quotes() -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut server = BufReader::new(listener.accept().await.unwrap().0);
            server.write_all(b"220 mail.test\r\n").await.unwrap();
            let mut line = String::new();
            while server.read_line(&mut line).await.unwrap() > 0 {
                let reply = if line.starts_with("EHLO") {
                    "250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n".to_owned()
                } else {
                    format!("535 5.7.8 rejected: {line}")
                };
                server.write_all(reply.as_bytes()).await.unwrap();
                line.clear();
            }
        });
        address
    }

    #[tokio::test]
    async fn g2_a_login_that_the_server_quotes_is_logged_without_the_password() {
        let url = format!("smtp://shop:seven%20tall%20herons@{}", server_that_quotes().await);
        let relay = Relay::new(&url, "https://tea.test").unwrap();
        let address: Address = "hello@tea.test".parse().unwrap();
        let refusal = relay.send(&address, &address, b"Subject: x\r\n\r\nx").await.unwrap_err();
        let error = relay.loggable(refusal);
        let causes = std::iter::successors(error.source(), |&error| error.source()).map(ToString::to_string);
        let texts: Vec<String> = [error.to_string()].into_iter().chain(causes).collect();
        assert_eq!(texts[0], "the mail server did not accept the mail");
        assert!(texts[1..].iter().all(|text| text.contains("rejected: AUTH PLAIN ***")), "{texts:?}");
        assert!(texts.len() == 3 && !texts.concat().contains("c2V2ZW4"), "{texts:?}");
    }

    #[test]
    fn n18_a_host_is_named_as_the_site_and_an_ipv6_address_has_no_brackets() {
        assert_eq!(hello("https://tea.test:8443").to_string(), "tea.test");
        assert_eq!(hello("http://[::1]:5000").to_string(), "[IPv6:::1]");
        let relay = Relay::new("smtp://[::1]:2525", "https://tea.test").unwrap();
        assert_eq!((relay.host.as_str(), relay.port), ("::1", 2525));
        assert!(matches!(relay.encryption, Encryption::StartTlsIfOffered(_)));
        for url in ["imap://mail.test", "smtp://u@h", "smtp://:p@h", "smtp://u:p%ff@h"] {
            assert!(Relay::new(url, "https://tea.test").is_err(), "{url}");
        }
    }
}
