//! Reads variables one by one and collects their problems.

use std::{
    ffi::OsString,
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    str::FromStr,
};

/// The variable with systemd's directory of credentials (systemd.exec(5)).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The maximum size of a secret's file, in bytes.
const LARGEST_SECRET: u64 = 64 * 1024;

/// A problem with one variable. It does not contain the value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub variable: &'static str,
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.reason)
    }
}

/// All problems of a configuration, one per line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

pub(super) struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<OsString>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// A variable that holds a secret, and its alternatives.
#[derive(Clone, Copy)]
pub(super) struct SecretVariable {
    pub name: &'static str,
    pub file: &'static str,
    /// The name of the systemd credential for it (systemd.exec(5), `LoadCredential=`).
    credential: &'static str,
}

impl SecretVariable {
    pub const SECRET_KEY: Self = Self { name: "SECRET_KEY", file: "SECRET_KEY_FILE", credential: "secret_key" };
    pub const SECRET_KEY_PREVIOUS: Self =
        Self { name: "SECRET_KEY_PREVIOUS", file: "SECRET_KEY_PREVIOUS_FILE", credential: "secret_key_previous" };
    pub const MONGODB_URI: Self = Self { name: "MONGODB_URI", file: "MONGODB_URI_FILE", credential: "mongodb_uri" };
    pub const REDIS_URL: Self = Self { name: "REDIS_URL", file: "REDIS_URL_FILE", credential: "redis_url" };
    pub const SMTP_URL: Self = Self { name: "SMTP_URL", file: "SMTP_URL_FILE", credential: "smtp_url" };
}

impl<'a> Reader<'a> {
    pub(super) fn new(variable: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { variable, problems: Vec::new(), warnings: Vec::new() }
    }

    /// Returns the variable's value. An empty variable counts as unset. One that is not UTF-8 is a problem.
    pub(super) fn value(&mut self, variable: &'static str) -> Option<String> {
        let Ok(text) = (self.variable)(variable)?.into_string() else {
            self.problem_once(variable, "must be UTF-8");
            return None;
        };
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Returns a secret: from its variable, from the file that its `_FILE` variable names, or from a systemd
    /// credential. More than one source is a problem, since it would be unclear which one applies.
    pub(super) fn secret(&mut self, variable: SecretVariable) -> Option<String> {
        let SecretVariable { name, file, credential } = variable;
        let written = self.value(name);
        let file_path = self.value(file).map(PathBuf::from);
        let credential_path = self.credential_path(credential);
        match (written, file_path, credential_path) {
            (written, None, None) => written,
            (None, Some(path), None) => self.secret_file(file, &path),
            (None, None, Some(path)) => self.secret_file(name, &path),
            (Some(_), Some(_), _) => {
                self.problem(file, format!("is set together with {name}: keep only one of them"));
                None
            }
            (written, _, Some(_)) => {
                let variable = if written.is_some() { name } else { file };
                self.problem(
                    variable,
                    format!("is set together with the credential {credential}: keep only one of them"),
                );
                None
            }
        }
    }

    /// Returns the path of a credential, or `None` if it does not exist. If that cannot be determined because the
    /// directory is not accessible, it is a problem.
    fn credential_path(&mut self, credential: &str) -> Option<PathBuf> {
        let folder = PathBuf::from(self.value(CREDENTIALS)?);
        match find_credential(&folder, credential) {
            Ok(path) => path,
            Err(error) => {
                self.problem_once(CREDENTIALS, format!("{} cannot be read: {error}", folder.display()));
                None
            }
        }
    }

    /// Returns the text of a file, without the final newline that editors add.
    fn secret_file(&mut self, variable: &'static str, path: &Path) -> Option<String> {
        match read_secret(path) {
            Ok(text) => Some(text),
            Err(reason) => {
                self.problem(variable, format!("{} {reason}", path.display()));
                None
            }
        }
    }

    /// Parses the variable by its type's parser.
    pub(super) fn parse<T: FromStr>(&mut self, variable: &'static str, default: T, form: &str) -> T {
        self.parse_with(variable, default, form, |text| text.parse().ok())
    }

    /// Parses the variable by `parse`. If that returns `None`, reports that the value is not `form`.
    pub(super) fn parse_with<T>(
        &mut self,
        variable: &'static str,
        default: T,
        form: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let Some(text) = self.value(variable) else { return default };
        parse(&text).unwrap_or_else(|| {
            self.problem(variable, format!("must be {form}"));
            default
        })
    }

    /// Returns the number of problems so far.
    pub(super) fn problem_count(&self) -> usize {
        self.problems.len()
    }

    pub(super) fn problem(&mut self, variable: &'static str, reason: impl Into<String>) {
        self.problems.push(Problem { variable, reason: reason.into() });
    }

    /// Adds a problem of a variable that is read several times.
    fn problem_once(&mut self, variable: &'static str, reason: impl Into<String>) {
        let problem = Problem { variable, reason: reason.into() };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Adds a warning: a setting that is valid but may be unintended.
    pub(super) fn warn(&mut self, variable: &'static str, reason: impl Into<String>) {
        self.warnings.push(Problem { variable, reason: reason.into() });
    }

    /// Returns the warnings.
    ///
    /// # Errors
    /// All problems.
    pub(super) fn finish(self) -> Result<Vec<Problem>, Problems> {
        if self.problems.is_empty() { Ok(self.warnings) } else { Err(Problems(self.problems)) }
    }
}

/// Returns the path of a credential in a directory. A broken link counts as existing.
fn find_credential(folder: &Path, credential: &str) -> io::Result<Option<PathBuf>> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let path = folder.join(credential);
    match fs::symlink_metadata(&path) {
        Ok(_) => Ok(Some(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_secret(path: &Path) -> Result<String, String> {
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    file.take(LARGEST_SECRET + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    let text = str::from_utf8(&bytes).map_err(|_| "is not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    match text.len() {
        0 => Err("is empty".to_owned()),
        length if length as u64 > LARGEST_SECRET => Err("is too large for a secret".to_owned()),
        _ => Ok(text.to_owned()),
    }
}
