//! What exists at the stand-in provider: the app, its accounts, their numbers and templates, and the tokens
//! that may touch them. All of it is plain data that a test may change before or while the sandbox runs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Everything the stand-in provider knows about its customers.
#[derive(Debug, Clone)]
pub struct World {
    /// The one developer app whose secret signs webhooks.
    pub app: App,
    /// Business portfolios by id.
    pub portfolios: BTreeMap<String, Portfolio>,
    /// WhatsApp Business Accounts (WABA) by id.
    pub accounts: BTreeMap<String, Account>,
    /// Business phone numbers by phone-number id.
    pub numbers: BTreeMap<String, Number>,
    /// Message templates of all accounts, in the order in which a list shows them.
    pub templates: Vec<Arc<Template>>,
    /// Access tokens by their text.
    pub tokens: HashMap<String, Token>,
}

/// The developer app.
#[derive(Debug, Clone)]
pub struct App {
    /// App id, also the user part of the app token `id|secret`.
    pub id: String,
    /// Key of the webhook signature.
    pub secret: String,
    /// Shown by `debug_token` and in the list of subscribed apps.
    pub name: String,
    /// The app-level callback: where webhooks go unless an account or a number overrides it.
    pub callback_url: Option<String>,
    /// What the handshake of the app-level callback sends as `hub.verify_token`.
    pub verify_token: String,
}

/// A business portfolio: what owns accounts, and whose messaging limit all their numbers share.
#[derive(Debug, Clone)]
pub struct Portfolio {
    /// Its id.
    pub id: String,
    /// Display name of the business.
    pub name: String,
    /// People that may be written to in a rolling day: `TIER_250`, `TIER_2K`, …, `TIER_UNLIMITED`.
    pub messaging_limit: String,
}

impl World {
    /// The portfolio that owns an account.
    pub fn portfolio_of(&self, account_id: &str) -> Option<&Portfolio> {
        self.portfolios.get(&self.accounts.get(account_id)?.portfolio_id)
    }

    /// Changes the limit of the portfolio that owns an account.
    pub fn set_messaging_limit(&mut self, account_id: &str, limit: &str) {
        if let Some(account) = self.accounts.get(account_id)
            && let Some(portfolio) = self.portfolios.get_mut(&account.portfolio_id)
        {
            limit.clone_into(&mut portfolio.messaging_limit);
        }
    }

    /// Adds numbers to an account that already has some, each a copy of its first one, until it has so many that are
    /// registered and not in the Business app. Returns their ids. For tests that need several senders: every token that
    /// sees the account sees them, and they share the limit of its portfolio.
    pub fn with_numbers(&mut self, account_id: &str, numbers: usize) -> Vec<String> {
        let is_plain =
            |number: &&Number| number.account_id == account_id && number.registered && !number.is_on_biz_app;
        let mut ids: Vec<String> =
            self.numbers.values().filter(is_plain).map(|number| number.id.clone()).collect();
        ids.truncate(numbers);
        let Some(first) = ids.first().and_then(|id| self.numbers.get(id)).cloned() else { return ids };
        for extra in ids.len()..numbers {
            let number = Number {
                id: format!("{}9{extra:03}", first.id.get(..first.id.len().saturating_sub(4)).unwrap_or("")),
                display_phone_number: format!("+351 910 009 {extra:03}"),
                throughput_level: "STANDARD".to_owned(),
                ..first.clone()
            };
            ids.push(number.id.clone());
            self.numbers.insert(number.id.clone(), number);
        }
        ids
    }
}

/// A WhatsApp Business Account.
#[derive(Debug, Clone)]
pub struct Account {
    /// WABA id.
    pub id: String,
    /// Display name of the account.
    pub name: String,
    /// ISO 4217 code of the currency it pays in.
    pub currency: String,
    /// ISO 3166 alpha-2 code of its country.
    pub country: String,
    /// Id of the business portfolio that owns it.
    pub portfolio_id: String,
    /// Whether the app subscribed to the account's webhooks. Without it nothing is ever posted.
    pub subscribed: bool,
    /// Callback that replaces the app's for message events of this account.
    pub override_callback: Option<String>,
}

/// A business phone number.
#[derive(Debug, Clone)]
pub struct Number {
    /// Phone-number id, the node messages are posted to.
    pub id: String,
    /// WABA it belongs to.
    pub account_id: String,
    /// As a person reads it, e.g. `+351 910 000 187`. Webhooks carry its digits only.
    pub display_phone_number: String,
    /// Name recipients see.
    pub verified_name: String,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality_rating: String,
    /// `CONNECTED`, `RESTRICTED`, …
    pub status: String,
    /// `STANDARD` is 80 messages a second, `HIGH` 1,000.
    pub throughput_level: String,
    /// The number is also in the WhatsApp Business app: 20 messages a second whatever the level says.
    pub is_on_biz_app: bool,
    /// An unregistered number answers 133010 to every send.
    pub registered: bool,
    /// Callback that replaces the account's and the app's for message events of this number.
    pub override_callback: Option<String>,
}

impl Number {
    /// The number's digits, as they appear in webhooks.
    pub fn digits(&self) -> String {
        self.display_phone_number.chars().filter(char::is_ascii_digit).collect()
    }
}

/// An access token and what it opens.
#[derive(Debug, Clone)]
pub struct Token {
    /// WABA ids it was granted, most recently shared first.
    pub accounts: Vec<String>,
    /// Granted permissions.
    pub scopes: Vec<String>,
    /// Whether it still works, and if not, why.
    pub state: TokenState,
    /// Unix seconds at which it was issued.
    pub issued_at: u64,
}

/// Whether a token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// Works, and never expires.
    Valid,
    /// Its time is over: 190 with subcode 463.
    Expired,
    /// Taken back: 190 with subcode 460.
    Revoked,
}

/// Template category, which decides the price and which withholding rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    /// Promotions. The only category Meta caps per user.
    Marketing,
    /// Order and account notices.
    Utility,
}

impl Category {
    /// As lists of templates spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "MARKETING",
            Self::Utility => "UTILITY",
        }
    }
}

/// How a template's variables are addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterFormat {
    /// `{{1}}`, `{{2}}`: order decides.
    Positional,
    /// `{{first_name}}`: each parameter says its name.
    Named,
}

/// A message template in one language.
#[derive(Debug, Clone)]
pub struct Template {
    /// Template id, unique over all accounts.
    pub id: String,
    /// WABA it belongs to.
    pub account_id: String,
    /// Name, unique together with the language.
    pub name: String,
    /// Locale, e.g. `pt_BR`.
    pub language: String,
    /// Category.
    pub category: Category,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`, or any text a test wants a client to survive.
    pub status: String,
    /// How variables are addressed.
    pub parameter_format: ParameterFormat,
    /// Optional header.
    pub header: Option<Header>,
    /// Body text with its variables.
    pub body: String,
    /// One example value per body variable, in order of appearance.
    pub body_examples: Vec<String>,
    /// Optional footer, never with variables.
    pub footer: Option<String>,
    /// Buttons in order; the position is the `index` of a button parameter.
    pub buttons: Vec<Button>,
}

impl Template {
    /// The texts of the quick-reply buttons, in order.
    pub fn quick_replies(&self) -> impl Iterator<Item = &str> {
        self.buttons.iter().filter_map(|button| match button {
            Button::QuickReply { text } => Some(text.as_str()),
            Button::Url { .. } | Button::PhoneNumber { .. } => None,
        })
    }
}

/// What stands above a template's body.
#[derive(Debug, Clone)]
pub enum Header {
    /// Text with at most one variable, and an example value if it has one.
    Text {
        /// The text.
        text: String,
        /// Example of its variable.
        example: Option<String>,
    },
    /// A picture, video or document that every send has to bring.
    Media {
        /// `IMAGE`, `VIDEO` or `DOCUMENT`.
        format: String,
    },
}

/// A template button.
#[derive(Debug, Clone)]
pub enum Button {
    /// Sends its text back.
    QuickReply {
        /// Label.
        text: String,
    },
    /// Opens a page; the address may end in one variable.
    Url {
        /// Label.
        text: String,
        /// Address.
        url: String,
        /// Full example address, if there is a variable.
        example: Option<String>,
    },
    /// Calls a number.
    PhoneNumber {
        /// Label.
        text: String,
        /// Number to call.
        phone_number: String,
    },
}

/// The names between double braces, in order of appearance, each once.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = next_placeholder(rest) {
        if !names.contains(&name.1) {
            names.push(name.1);
        }
        rest = after;
    }
    names
}

/// The text with every placeholder replaced by what `value` gives for its name; unknown names stay as they are.
pub(crate) fn substitute<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(((before, name), after)) = next_placeholder(rest) {
        out.push_str(before);
        match value(name) {
            Some(value) => out.push_str(value),
            None => {
                out.push_str("{{");
                out.push_str(name);
                out.push_str("}}");
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Splits at the first placeholder: what stands before it and its name, and the text after it.
fn next_placeholder(text: &str) -> Option<((&str, &str), &str)> {
    let (before, opened) = text.split_once("{{")?;
    let (name, after) = opened.split_once("}}")?;
    Some(((before, name.trim()), after))
}

#[cfg(test)]
mod tests {
    use super::{placeholders, substitute};

    #[test]
    fn placeholders_are_found_once_each_in_order() {
        assert_eq!(placeholders("Hi {{1}}, {{2}} for {{1}}"), ["1", "2"]);
        assert_eq!(placeholders("Oi {{first_name}}!"), ["first_name"]);
        assert!(placeholders("no {variables} here, not even {{ this").is_empty());
    }

    #[test]
    fn substitution_keeps_what_has_no_value() {
        let value = |name: &str| (name == "1").then_some("Ana");
        assert_eq!(substitute("Hi {{1}}, see {{2}}.", value), "Hi Ana, see {{2}}.");
    }
}
