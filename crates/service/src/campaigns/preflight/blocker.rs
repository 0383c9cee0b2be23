//! What stands in the way of a launch.

use domain::campaign::CAMPAIGN_RECIPIENTS_MAX;

/// Something that must be put right before the launch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// No sender was chosen.
    NoSender,
    /// A sender cannot send now; in words why.
    SenderCannotSend(String),
    /// The senders belong to different business accounts.
    SendersOfDifferentAccounts,
    /// No template was chosen.
    NoTemplate,
    /// The template cannot be sent; in words why.
    TemplateCannotBeSent(String),
    /// The template belongs to another business account than the sender.
    TemplateOfAnotherAccount,
    /// A variable is not filled; in words which.
    Variables(String),
    /// No list was chosen.
    NoAudience,
    /// Nobody of the audience would be sent to.
    NobodyLeft,
    /// The moment at which it was to start has passed.
    StartPassed,
    /// The moment until which it may be sent has passed.
    WindowOver,
    /// More people than one campaign is sent to.
    TooMany {
        /// How many there are.
        recipients: i64,
    },
}

impl Blocker {
    /// A sentence that says what to do.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoSender => "Choose the number that sends.".to_owned(),
            Self::SenderCannotSend(why) => format!("The sender cannot send now. {why}"),
            Self::SendersOfDifferentAccounts => {
                "The senders belong to different business accounts, which share no templates. Choose senders of one account."
                    .to_owned()
            }
            Self::NoTemplate => "Choose an approved template.".to_owned(),
            Self::TemplateCannotBeSent(why) => why.clone(),
            Self::TemplateOfAnotherAccount => {
                "This template belongs to another business account. Choose one of the sender’s own."
                    .to_owned()
            }
            Self::Variables(why) => why.clone(),
            Self::NoAudience => "Choose at least one list.".to_owned(),
            Self::NobodyLeft => "Nobody in this audience can be sent to. See the reasons below.".to_owned(),
            Self::StartPassed => "The start has passed. Choose a later one, or send it now.".to_owned(),
            Self::WindowOver => {
                "The time until which it may be sent has passed. Choose a later one, or none.".to_owned()
            }
            Self::TooMany { recipients } => format!(
                "{recipients} people are more than one campaign is sent to. Choose lists with at most {CAMPAIGN_RECIPIENTS_MAX}."
            ),
        }
    }
}
