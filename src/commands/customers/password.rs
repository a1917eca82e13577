//! Reads a password for a command. It is never an argument, which other users of the machine could read.

use std::io::{self, BufRead, IsTerminal};

use doorstep::{
    accounts::Error,
    domain::{Field, FieldError, FieldErrors},
};
use zeroize::Zeroizing;

use super::StdError;

/// The maximum size of the input, in bytes. Longer than any valid password.
const MOST: u64 = 4096;

/// Prompts for a password on a terminal without echo. Otherwise reads the first line of standard input.
///
/// # Errors
/// If it cannot be read or is not UTF-8.
pub(super) fn read_password() -> Result<Zeroizing<String>, Box<dyn StdError>> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Ok(Zeroizing::new(rpassword::prompt_password("Password: ")?));
    }
    first_line(stdin.lock())
}

fn first_line(input: impl BufRead) -> Result<Zeroizing<String>, Box<dyn StdError>> {
    let mut line = Zeroizing::new(Vec::new());
    input.take(MOST).read_until(b'\n', &mut line)?;
    // Some editors and shells of Windows write a byte order mark first.
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line);
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match std::str::from_utf8(line) {
        Ok(password) => Ok(Zeroizing::new(password.to_owned())),
        Err(_) => Err(Error::Invalid(FieldErrors::one(Field::Password, FieldError::Malformed)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n30_a_password_is_the_first_line_without_its_end_and_without_a_byte_order_mark() {
        for (input, password) in [
            ("seven tall herons\n", "seven tall herons"),
            ("seven tall herons", "seven tall herons"),
            (" seven tall herons \r\nand more\n", " seven tall herons "),
            ("\u{feff}seven tall herons\r\n", "seven tall herons"),
            ("\u{feff}\n", ""),
            ("", ""),
            ("\n", ""),
        ] {
            assert_eq!(*first_line(input.as_bytes()).unwrap(), password, "{input:?}");
        }
        assert!(first_line(&b"\xff\n"[..]).is_err());
    }

    #[test]
    fn reading_a_password_stops_at_the_maximum_length() {
        assert_eq!(first_line(io::BufReader::new(io::repeat(b'x'))).unwrap().len(), 4096);
    }
}
