//! The few words that may follow a command.

use anyhow::{Context as _, Result, bail};

/// The words after the command's name. Each is taken out as it is understood; what is left over is a mistake.
pub struct Arguments {
    words: Vec<String>,
}

impl Arguments {
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// The words as they are, for a command that hands them on.
    pub fn into_words(self) -> Vec<String> {
        self.words
    }

    /// Whether the flag is there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// The word after `name`, or after `name=`.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        let prefix = format!("{name}=");
        if let Some(at) = self.words.iter().position(|word| word.starts_with(&prefix)) {
            let word = self.words.remove(at);
            return Ok(Some(word[prefix.len()..].to_owned()));
        }
        let Some(at) = self.words.iter().position(|word| word == name) else {
            return Ok(None);
        };
        if at + 1 == self.words.len() {
            bail!("{name} needs a value after it");
        }
        self.words.remove(at);
        Ok(Some(self.words.remove(at)))
    }

    /// The number after `name`.
    pub fn number(&mut self, name: &str) -> Result<Option<u32>> {
        self.value(name)?
            .map(|value| value.parse().with_context(|| format!("{name} needs a whole number, not {value:?}")))
            .transpose()
    }

    /// Everything that is left and is no flag.
    pub fn rest(mut self) -> Result<Vec<String>> {
        let words = std::mem::take(&mut self.words);
        match words.iter().find(|word| word.starts_with('-')) {
            Some(unknown) => bail!("{unknown} is not understood here; `cargo xtask help` lists what is"),
            None => Ok(words),
        }
    }

    /// Refuses anything that is left.
    pub fn finish(self) -> Result<()> {
        match self.rest()?.first() {
            Some(unknown) => bail!("{unknown:?} is not understood here; `cargo xtask help` lists what is"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn values_are_read_in_both_spellings() -> Result<()> {
        let mut both = arguments("--recipients 500 --profile=dev --once");
        assert!(both.flag("--once"));
        assert_eq!(both.number("--recipients")?, Some(500));
        assert_eq!(both.value("--profile")?.as_deref(), Some("dev"));
        both.finish()
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(arguments("--twice").finish().is_err());
        assert!(arguments("once").finish().is_err());
        assert!(arguments("--recipients").value("--recipients").is_err());
        assert!(arguments("--recipients many").number("--recipients").is_err());
    }
}
