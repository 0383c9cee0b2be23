//! Reads typed values out of the layers and collects every mistake on the way.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use config::{Environment, File, FileFormat, Source, Value, ValueKind};
use secrecy::{SecretBox, SecretString};

use super::{LogFormat, PublicUrl, SecretKey};

/// The variable that names the file; the only FANFARE_* that is not a setting.
pub(super) const FILE_VARIABLE: &str = "FANFARE_CONFIG";
const PREFIX: &str = "FANFARE";

/// One mistake in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key it is about.
    pub key: String,
    /// What is wrong and what to do, in a sentence.
    pub sentence: String,
}

/// Every mistake that was found in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    pub(super) fn one(key: &str, sentence: String) -> Self {
        Self { problems: vec![Problem { key: key.to_owned(), sentence }] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {}: {}", problem.key, problem.sentence))
    }
}

impl std::error::Error for ConfigError {}

/// The environment variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}_{}", key.to_ascii_uppercase().replace('.', "__"))
}

/// A value that stands in for one that could not be read, so that reading goes on to the next mistake.
pub(super) trait StandIn {
    fn stand_in() -> Self;
}

impl StandIn for SocketAddr {
    fn stand_in() -> Self {
        Self::from((Ipv4Addr::LOCALHOST, 0))
    }
}

impl StandIn for PublicUrl {
    fn stand_in() -> Self {
        Self { origin: String::new(), host: String::new(), https: false }
    }
}

impl StandIn for LogFormat {
    fn stand_in() -> Self {
        Self::Json
    }
}

impl StandIn for String {
    fn stand_in() -> Self {
        Self::new()
    }
}

pub(super) struct Reader {
    values: BTreeMap<String, Value>,
    keys: &'static [(&'static str, &'static str)],
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn open(
        defaults: &str,
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        keys: &'static [(&'static str, &'static str)],
    ) -> Result<Self, ConfigError> {
        let environment = environment
            .into_iter()
            .filter(|(name, _)| name.starts_with(PREFIX) && name != FILE_VARIABLE)
            .collect::<std::collections::HashMap<_, _>>();
        let environment =
            Environment::with_prefix(PREFIX).prefix_separator("_").separator("__").source(Some(environment));
        let mut layers = config::Config::builder().add_source(File::from_str(defaults, FileFormat::Toml));
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|error| {
                ConfigError::one(&path.display().to_string(), format!("the file cannot be read ({error})"))
            })?;
            config::Config::builder().add_source(File::from_str(&text, FileFormat::Toml)).build().map_err(
                |error| {
                    ConfigError::one(&path.display().to_string(), format!("the file is not TOML ({error})"))
                },
            )?;
            layers = layers.add_source(File::from_str(&text, FileFormat::Toml));
        }
        let layers = layers.add_source(environment).build();
        let tree = layers
            .and_then(|layers| layers.collect())
            .map_err(|error| ConfigError::one("fanfare.toml", format!("it cannot be read ({error})")))?;
        let mut values = BTreeMap::new();
        flatten("", &Value::from(tree), &mut values);
        let mut reader = Self { values, keys, problems: Vec::new() };
        reader.refuse_unknown_keys();
        Ok(reader)
    }

    fn refuse_unknown_keys(&mut self) {
        let known = |name: &str| {
            self.keys.iter().any(|(key, _)| *key == name)
                || name.strip_prefix("secrets.keys.").is_some_and(is_key_id)
        };
        let unknown: Vec<&String> = self.values.keys().filter(|name| !known(name)).collect();
        let problems: Vec<Problem> = unknown
            .into_iter()
            .map(|name| {
                let section = name.split('.').next().unwrap_or_default();
                let mut beside: Vec<&str> = self.keys.iter().map(|(key, _)| *key).collect();
                if beside.iter().any(|key| key.starts_with(&format!("{section}."))) {
                    beside.retain(|key| key.starts_with(&format!("{section}.")));
                }
                let beside = beside.join(", ");
                Problem {
                    key: name.clone(),
                    sentence: format!(
                        "there is no such setting. Remove it (the variable would be {}). There are: {beside}",
                        variable(name)
                    ),
                }
            })
            .collect();
        self.problems.extend(problems);
    }

    fn expects(&self, key: &str) -> &'static str {
        self.keys.iter().find(|(name, _)| *name == key).map_or("a value", |(_, expects)| expects)
    }

    fn refuse(&mut self, key: &str, wrong: &str) {
        let expects = self.expects(key);
        let sentence =
            format!("{wrong}. Set {key} in the file, or {} in the environment, to {expects}", variable(key));
        self.problems.push(Problem { key: key.to_owned(), sentence });
    }

    fn raw(&mut self, key: &str) -> Option<String> {
        let text = self.values.get(key)?.clone().into_string();
        match text {
            Ok(text) if text.trim().is_empty() => None,
            Ok(text) => Some(text),
            Err(_) => {
                self.refuse(key, "it is not a single value");
                None
            }
        }
    }

    /// A text that has to be there.
    pub(super) fn text(&mut self, key: &str) -> String {
        self.with(key, |text| Some(text.to_owned()))
    }

    /// A text that may be missing.
    pub(super) fn optional(&mut self, key: &str) -> Option<String> {
        self.raw(key)
    }

    /// A secret that may be missing.
    pub(super) fn secret(&mut self, key: &str, length_min: usize) -> Option<SecretString> {
        let secret = self.raw(key)?;
        if secret.chars().count() < length_min {
            self.refuse(key, "it is too short");
            return None;
        }
        Some(secret.into())
    }

    /// A secret that has to be there.
    pub(super) fn secret_required(&mut self, key: &str) -> SecretString {
        self.text(key).into()
    }

    /// Refuses a combination of settings that are right one by one.
    pub(super) fn mistake(&mut self, key: &str, sentence: &str) {
        self.problems.push(Problem { key: key.to_owned(), sentence: sentence.to_owned() });
    }

    /// Whatever `parse` makes of the text.
    pub(super) fn with<T: StandIn>(&mut self, key: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        let Some(text) = self.raw(key) else {
            self.refuse(key, "it is missing");
            return T::stand_in();
        };
        parse(&text).unwrap_or_else(|| {
            self.refuse(key, &format!("\"{text}\" cannot be used"));
            T::stand_in()
        })
    }

    /// A value that reads itself.
    pub(super) fn parsed<T: StandIn + std::str::FromStr>(&mut self, key: &str) -> T {
        self.with(key, |text| text.parse().ok())
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, key: &str, bounds: RangeInclusive<u32>) -> u32 {
        let least = *bounds.start();
        let text = self.with(key, |text| {
            text.parse::<u32>().ok().filter(|number| bounds.contains(number)).map(|_| text.to_owned())
        });
        text.parse().unwrap_or(least)
    }

    /// The keys under `prefix`, by id.
    pub(super) fn keys(&mut self, prefix: &str) -> BTreeMap<String, SecretKey> {
        let names: Vec<String> =
            self.values.keys().filter(|name| name.starts_with(&format!("{prefix}."))).cloned().collect();
        let mut keys = BTreeMap::new();
        for name in names {
            let Some(id) = name.rsplit('.').next().map(str::to_owned) else { continue };
            let Some(text) = self.raw(&name) else { continue };
            // A fixed array, so that no growing vector leaves copies of the key behind.
            let mut bytes = [0_u8; 32];
            match STANDARD.decode_slice(text.trim(), &mut bytes) {
                Ok(32) => {
                    keys.insert(id, SecretKey(SecretBox::new(Box::new(bytes))));
                }
                _ => {
                    let sentence = format!(
                        "the key is not base64 of 32 bytes. Set {} to the output of `openssl rand -base64 32`",
                        variable(&name)
                    );
                    self.problems.push(Problem { key: name, sentence });
                }
            }
        }
        keys
    }

    pub(super) fn finish(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() { Ok(()) } else { Err(ConfigError { problems: self.problems }) }
    }
}

fn is_key_id(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    match &value.kind {
        ValueKind::Table(table) => {
            for (name, value) in table {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, into);
            }
        }
        _ => {
            into.insert(path.to_owned(), value.clone());
        }
    }
}
