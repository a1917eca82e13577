//! Tokens of links in mails. Like refresh tokens, they are derived instead of stored.
//!
//! A token contains its customer, a random id, and a MAC over both, the purpose and the address that it was sent to. A
//! store keeps only the hash of the id, and a mail in the outbox only the id: neither grants access without the key.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    accounts::{
        core::derived_keys::DerivedKeys, lifecycle::pending_signup::TicketHash, mail::message::MailId,
        ports::Randomness,
    },
    domain::{CustomerId, EmailAddress, plain},
};

const CUSTOMER: usize = 12;
const ID: usize = CUSTOMER + 16;
const TOKEN: usize = ID + 32;

/// What a link is for. A token is valid only for its own purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    ResetPassword,
    VerifyEmail,
    ChangeEmail,
    SecureAccount,
}

impl LinkPurpose {
    fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::ResetPassword => b"reset password",
            Self::VerifyEmail => b"verify email",
            Self::ChangeEmail => b"change email",
            Self::SecureAccount => b"secure account",
        }
    }
}

/// Identifies a link: 128 random bits. `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkId([u8; 16]);

impl LinkId {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns a new random id.
    #[must_use]
    pub fn draw(randomness: &dyn Randomness) -> Self {
        let mut id = [0; 16];
        randomness.fill(&mut id);
        Self(id)
    }

    /// Returns an id that contains when its mail was written, for links that are not stored. Only a token proves that
    /// this system made it.
    #[must_use]
    pub fn of_notice(mail: MailId, written_at: OffsetDateTime) -> Self {
        let seconds = written_at.unix_timestamp().to_be_bytes();
        let mut id = mail.to_bytes();
        id[..seconds.len()].copy_from_slice(&seconds);
        Self(id)
    }

    /// Returns when the mail was written, to the second, if this is the link of a notice.
    #[must_use]
    pub fn date(self) -> Option<OffsetDateTime> {
        let (seconds, _) = self.0.split_first_chunk()?;
        OffsetDateTime::from_unix_timestamp(i64::from_be_bytes(*seconds)).ok()
    }

    /// Returns the hash that stores keep.
    #[must_use]
    pub fn hash(self) -> LinkHash {
        LinkHash(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkId(***)")
    }
}

/// The SHA-256 of a link's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHash([u8; 32]);

impl LinkHash {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// The six digits that can be typed instead of opening a link. They are valid only together with what else is known
/// about the caller, and only for a few attempts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(u32);

impl Code {
    const DIGITS: usize = 6;
    const COUNT: u32 = 1_000_000;

    /// Parses a code as it was typed or pasted: six digits of any script, in any grouping. Returns `None` for anything
    /// else.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let digits: String = plain(typed).chars().filter(|c| !c.is_whitespace() && !is_dash(*c)).collect();
        let is_code = digits.len() == Self::DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| digits.parse().ok().map(Self))?
    }
}

/// Returns true for a hyphen and the dashes that programs replace it with.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(***)")
    }
}

/// A token as it was received, not verified yet: whether it is valid depends on the customer's current address.
pub struct ShownToken {
    pub customer: CustomerId,
    pub id: LinkId,
    mac: [u8; 32],
}

/// Writes and verifies the tokens of links.
#[derive(Clone)]
pub struct LinkTokens {
    keys: DerivedKeys,
}

impl LinkTokens {
    /// Creates it with `keys` that are used only for this purpose.
    #[must_use]
    pub fn new(keys: impl Into<DerivedKeys>) -> Self {
        Self { keys: keys.into() }
    }

    /// Returns the token, 80 characters, for a link in a mail to this address.
    #[must_use]
    pub fn write(
        &self,
        purpose: LinkPurpose,
        customer: CustomerId,
        to: &EmailAddress,
        id: LinkId,
    ) -> Zeroizing<String> {
        let mut token = Zeroizing::new([0; TOKEN]);
        token[..CUSTOMER].copy_from_slice(&customer.to_bytes());
        token[CUSTOMER..ID].copy_from_slice(&id.0);
        token[ID..].copy_from_slice(
            &mac(self.keys.current(), purpose.as_bytes(), customer, &id.0, to).finalize().into_bytes(),
        );
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*token))
    }

    /// Returns the id of a link that the browser with this ticket requested, and that expires at this time. Nothing
    /// else has to be stored to know who requested it.
    #[must_use]
    pub fn requested_by(&self, ticket: TicketHash, expires_at: OffsetDateTime) -> LinkId {
        requested(self.keys.current(), ticket, expires_at)
    }

    /// Returns true if the browser with this ticket requested the link with this hash, which expires at this time.
    #[must_use]
    pub fn is_requested_by(&self, ticket: TicketHash, expires_at: OffsetDateTime, hash: LinkHash) -> bool {
        self.keys.all().any(|(_, key)| requested(key, ticket, expires_at).hash() == hash)
    }

    /// Parses a token. Returns `None` if it has another format.
    #[must_use]
    pub fn parse(token: &str) -> Option<ShownToken> {
        let bytes: [u8; TOKEN] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        Some(ShownToken {
            customer: CustomerId::from_bytes(bytes[..CUSTOMER].try_into().ok()?),
            id: LinkId(bytes[CUSTOMER..ID].try_into().ok()?),
            mac: bytes[ID..].try_into().ok()?,
        })
    }

    /// Returns true if this system made the token, for this purpose and this address of its customer.
    #[must_use]
    pub fn made(&self, token: &ShownToken, purpose: LinkPurpose, to: &EmailAddress) -> bool {
        let ShownToken { customer, id, mac: shown } = token;
        let mut keys = self.keys.all();
        keys.any(|(_, key)| mac(key, purpose.as_bytes(), *customer, &id.0, to).verify_slice(shown).is_ok())
    }

    /// Returns the code for the link with this hash, in a mail to this address.
    #[must_use]
    pub fn code(&self, customer: CustomerId, to: &EmailAddress, hash: LinkHash) -> Code {
        code(self.keys.current(), customer, to, hash)
    }

    /// Returns true if `typed` is the code for the link with this hash, in a mail to this address.
    #[must_use]
    pub fn is_code(&self, customer: CustomerId, to: &EmailAddress, hash: LinkHash, typed: Code) -> bool {
        self.keys.all().any(|(_, key)| code(key, customer, to, hash) == typed)
    }
}

fn requested(key: &[u8], ticket: TicketHash, expires_at: OffsetDateTime) -> LinkId {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    // No purpose of `mac` starts like this, and all parts have a fixed length.
    mac.update(b"requested by");
    mac.update(&ticket.to_bytes());
    mac.update(&(expires_at.unix_timestamp_nanos() / 1_000_000).to_be_bytes());
    let mac = mac.finalize().into_bytes();
    LinkId(std::array::from_fn(|index| mac[index]))
}

fn code(key: &[u8], customer: CustomerId, to: &EmailAddress, hash: LinkHash) -> Code {
    let mac = mac(key, b"code", customer, &hash.0, to).finalize().into_bytes();
    // From 128 bits, so that the bias of the remainder is negligible.
    let number = mac[..16].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    Code(u32::try_from(number % u128::from(Code::COUNT)).unwrap_or_default())
}

/// Returns a MAC over parts of fixed length, except the first and the last. These end in a byte that they do not
/// contain.
fn mac(key: &[u8], purpose: &[u8], customer: CustomerId, id: &[u8], to: &EmailAddress) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    for part in [purpose, &[0], &customer.to_bytes(), id, to.as_str().as_bytes(), &[0]] {
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests;
