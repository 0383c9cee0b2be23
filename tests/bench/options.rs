//! What a measurement is called with.

use std::collections::HashMap;
use std::str::FromStr;

use anyhow::{Context, Result};

/// Options, each with one value.
pub struct Options(HashMap<String, String>);

impl Options {
    /// Reads `--name value` pairs.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = HashMap::new();
        while let Some(name) = words.next() {
            let value = words.next().with_context(|| format!("{name} needs a value"))?;
            options.insert(name, value);
        }
        Ok(Self(options))
    }

    /// The text of an option, if it is given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The text of an option that must be given.
    pub fn required(&self, name: &str) -> Result<&str> {
        self.text(name).with_context(|| format!("{name} is missing"))
    }

    /// The number of an option, or this one.
    pub fn number<N: FromStr>(&self, name: &str, default: N) -> Result<N>
    where
        N::Err: std::error::Error + Send + Sync + 'static,
    {
        self.text(name)
            .map_or(Ok(default), |text| text.parse().with_context(|| format!("{name} needs a number")))
    }
}
