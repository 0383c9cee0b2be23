//! Text that a component may be given or not.

/// Optional text for a prop: takes `&str`, `String`, and either of them in an `Option`, so that a page can pass on
/// what it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(Option<String>);

impl Words {
    /// The text, if there is some.
    #[must_use]
    pub fn get(self) -> Option<String> {
        self.0
    }

    /// Whether there is text.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// What becomes of the text, if there is some.
    pub fn map<T>(self, view: impl FnOnce(String) -> T) -> Option<T> {
        self.0.map(view)
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self(Some(text))
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }
}

impl From<Option<String>> for Words {
    fn from(text: Option<String>) -> Self {
        Self(text)
    }
}

impl From<Option<&str>> for Words {
    fn from(text: Option<&str>) -> Self {
        Self(text.map(str::to_owned))
    }
}
