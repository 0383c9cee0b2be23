//! Why a person was not reached, was left out, or a sender stands still.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is not a reason that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such reason")]
pub struct UnknownReason;

/// An enum whose variants each have a word for the database, a few words for a label, and a sentence with what to do.
macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $word:literal $label:literal $sentence:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word the database, the API and exports hold. Never changes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// A few words for a label on screen.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// A sentence: what it means and what can be done.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownReason;

            fn from_str(word: &str) -> Result<Self, UnknownReason> {
                Self::ALL.iter().copied().find(|reason| reason.as_str() == word).ok_or(UnknownReason)
            }
        }
    };
}

reasons! {
    /// Why a message was tried and will not arrive.
    FailureReason {
        /// The number has no WhatsApp that can take the message; the provider hides the exact cause on purpose.
        NotReachable "not_reachable" "Not reachable on WhatsApp"
            "The number has no WhatsApp, an old version of it, or has not accepted the current terms. Try another channel.";
        /// The provider limits marketing per person across all businesses.
        MarketingLimit "marketing_limit" "Held back by WhatsApp’s limit per person"
            "WhatsApp limits how much marketing one person gets from all businesses. This person can be reached again after 24 hours.";
        /// The person stopped marketing messages from this business.
        OptedOut "opted_out" "Stopped marketing messages"
            "This person turned off marketing messages from you in WhatsApp. The number is now unsubscribed.";
        /// The provider withholds marketing from a control group.
        Experiment "experiment" "Left out by a WhatsApp experiment"
            "WhatsApp keeps some people out of marketing messages to measure their effect. Sending again does not help.";
        /// The business blocked this person.
        BlockedByYou "blocked_by_you" "Blocked by your business"
            "Your business blocked this person on WhatsApp. Unblock the number there to reach it.";
        /// The account may not message this country.
        Country "country" "Country not open to this sender"
            "WhatsApp does not let this business message people in that country.";
        /// The recipient is the sender's own number.
        OwnNumber "own_number" "The sender’s own number"
            "A number cannot message itself. Remove it from the audience.";
        /// A test number may only message numbers that were registered for it.
        NotOnTestList "not_on_test_list" "Not on the test number’s list"
            "This sender is a test number from Meta: it reaches only numbers that were added to its list.";
        /// Free text outside the 24-hour window.
        WindowClosed "window_closed" "24-hour window is closed"
            "Only an approved template reaches a person who has not written in the last 24 hours.";
        /// The address cannot be one.
        InvalidAddress "invalid_address" "Not a valid number"
            "The number is not one that can exist. Correct it in the contact.";
        /// A value of the message was not accepted.
        InvalidValue "invalid_value" "A value was not accepted"
            "WhatsApp did not accept a value in the message for this person. Check the fields that fill the template.";
        /// A value of the message is empty.
        EmptyValue "empty_value" "A value is empty"
            "A field that fills the template is empty for this person. Give the variable a fallback.";
        /// The text with its values is longer than the provider allows.
        TextTooLong "text_too_long" "Text too long"
            "With this person’s values the text is longer than WhatsApp allows. Shorten the values or the template.";
        /// Media of the message could not be fetched or has the wrong form.
        Media "media" "Media not usable"
            "WhatsApp could not use the image, video or file of the message.";
        /// The template could not be sent (any more).
        Template "template" "Template not available"
            "WhatsApp paused, disabled or dropped the template before this message went out.";
        /// The provider does not send this kind of message.
        Unsupported "unsupported" "Kind of message not supported"
            "WhatsApp does not send this kind of message to this person.";
        /// The person's identity changed since it was last confirmed.
        IdentityChanged "identity_changed" "The person’s identity changed"
            "The person behind the number changed, and the sender asked WhatsApp to stop in that case.";
        /// Taken, then dropped because the sender or the pair was too fast.
        Throttled "throttled" "Dropped by WhatsApp’s speed limit"
            "WhatsApp took the message and then dropped it because too many came at once.";
        /// Taken, then dropped because the sender lost the right to send.
        Sender "sender" "Sender was not allowed to send"
            "WhatsApp dropped the message because the sender was restricted, unpaid or signed out.";
        /// The provider reports trouble of its own.
        ProviderTrouble "provider_trouble" "WhatsApp had a problem"
            "WhatsApp could not process the message and did not say why.";
        /// Every try was answered with a passing problem.
        RetriesExhausted "retries_exhausted" "No success after several tries"
            "Each try was answered with a temporary problem. The message was not sent; you can send it again.";
        /// A refusal whose code this version does not know.
        Refused "refused" "Refused by WhatsApp"
            "WhatsApp refused the message with a code that this version does not know; the code is shown beside.";
    }
}

impl FailureReason {
    /// Whether the same failure for many people points at the campaign (its values, its media) rather than at them: a
    /// dispatch whose first messages all fail this way is paused.
    pub const fn blames_campaign(self) -> bool {
        matches!(
            self,
            Self::InvalidValue
                | Self::Media
                | Self::Template
                | Self::TextTooLong
                | Self::Unsupported
                | Self::Refused
        )
    }

    /// Whether the same message to the same address fails again, whatever is waited for or put right elsewhere: such a person
    /// is not tried again.
    pub const fn is_final(self) -> bool {
        match self {
            // The person's wish, or WhatsApp's choice of people.
            Self::OptedOut
            | Self::Experiment
            // Whom the sender cannot write to.
            | Self::Country
            | Self::OwnNumber
            // What was frozen with the launch.
            | Self::InvalidAddress
            | Self::InvalidValue
            | Self::EmptyValue
            | Self::TextTooLong
            | Self::Unsupported
            | Self::WindowClosed
            // Somebody else may be behind the number now.
            | Self::IdentityChanged => true,
            // People change phones and accept terms; limits pass; numbers are unblocked and listed; templates and senders
            // are put right; troubles end.
            Self::NotReachable
            | Self::MarketingLimit
            | Self::BlockedByYou
            | Self::NotOnTestList
            | Self::Media
            | Self::Template
            | Self::Throttled
            | Self::Sender
            | Self::ProviderTrouble
            | Self::RetriesExhausted
            | Self::Refused => false,
        }
    }

    /// Whether the address is to be suppressed from now on.
    pub const fn is_opt_out(self) -> bool {
        matches!(self, Self::OptedOut)
    }
}

reasons! {
    /// Why a person of the audience was never tried, on purpose.
    SkipReason {
        /// The contact has no address of the channel.
        NoAddress "no_address" "No number"
            "The contact has no address for this channel.";
        /// Opted out, by whatever way.
        Unsubscribed "unsubscribed" "Unsubscribed"
            "This person opted out. Nothing is sent until they opt in again.";
        /// Mail to the address bounced for good.
        HardBounce "hard_bounce" "Address bounced"
            "An earlier message to this address came back for good.";
        /// The person reported an earlier message as spam.
        Complaint "complaint" "Reported as spam"
            "This person reported an earlier message as spam.";
        /// Someone of the workspace put the address on the suppression list.
        Manual "manual" "Suppressed by your team"
            "Someone in this workspace put the address on the suppression list.";
        /// Marketing needs a confirmed opt-in.
        NoConsent "no_consent" "No opt-in"
            "Marketing goes only to people who opted in, and this person’s opt-in is not recorded.";
        /// A variable has neither a value nor a fallback.
        MissingVariable "missing_variable" "Missing value, no fallback"
            "A field that fills the template is empty and has no fallback.";
        /// An earlier recipient of the same dispatch has the same address.
        DuplicateAddress "duplicate_address" "Same number as another contact"
            "Another contact of this campaign has the same address; it gets the message once.";
        /// The time in which the campaign made sense was over first.
        WindowOver "window_over" "Too late"
            "The time until which this campaign may be sent was over before this person’s turn came.";
        /// Another try turned out to have reached the person first.
        ReachedMeanwhile "reached_meanwhile" "Reached by another try"
            "An earlier message of this campaign turned out to have reached this person, so this one was not sent.";
        /// The campaign was cancelled first.
        Cancelled "cancelled" "Campaign cancelled"
            "The campaign was cancelled before this message was handed over.";
    }
}

reasons! {
    /// Why a person who is to be sent to, or a whole batch of them, is not sent to yet.
    WaitReason {
        /// An answer asked for another try later.
        Retry "retry" "Another try"
            "The last try was answered with a temporary problem. It is tried again shortly.";
        /// The provider limits how often one sender writes to one person.
        PairLimit "pair_limit" "Too many messages to this person"
            "WhatsApp limits how many messages one number sends to one person in a short time.";
        /// The provider limits marketing per person across all businesses.
        MarketingLimit "marketing_limit" "WhatsApp’s limit per person"
            "WhatsApp limits how much marketing one person gets from all businesses. It is tried again a day later.";
        /// The provider limits the people a business writes to in 24 hours.
        PortfolioLimit "portfolio_limit" "WhatsApp’s limit in 24 hours"
            "The business may write to so many people in 24 hours. The others follow as soon as the limit allows.";
        /// The campaign writes to nobody at night.
        QuietHours "quiet_hours" "Quiet hours"
            "It is in the quiet hours of this campaign where these people live. They are written to when those end.";
        /// The moment for these people has not come.
        NotStarted "not_started" "Start time"
            "The time at which these people are to be written to has not come yet.";
        /// The first messages are watched before the rest goes out.
        Canary "canary" "First messages are watched"
            "The first messages are out; the rest follows when they went well.";
    }
}

reasons! {
    /// Why a dispatch or a sender stands still until someone acts.
    PauseReason {
        /// The token is expired, revoked or invalid.
        SignedOut "signed_out" "Sender signed out"
            "Meta no longer accepts the token of this sender. Reconnect it with a new token.";
        /// The token lacks a permission.
        PermissionMissing "permission_missing" "Permission missing"
            "The token may not send for this number. Give it whatsapp_business_messaging at Meta and reconnect.";
        /// The business account is restricted, locked or banned.
        Restricted "restricted" "Blocked by WhatsApp"
            "WhatsApp restricted this business account. See the account’s quality page in WhatsApp Manager.";
        /// No valid payment method, currency or credit line.
        PaymentIssue "payment_issue" "Payment problem at Meta"
            "Meta has no valid payment method for this business account. Add one in WhatsApp Manager.";
        /// Restriction of the number for spam.
        SpamLimit "spam_limit" "Held for quality by WhatsApp"
            "Too many people blocked or reported this number. WhatsApp lifts this by itself after some hours.";
        /// Marketing was sent as another category.
        Misclassified "misclassified" "Templates in the wrong category"
            "WhatsApp limits this account because templates were filed in the wrong category.";
        /// Meta does not know the number, or the token does not see it.
        NumberMissing "number_missing" "Number not found at Meta"
            "Meta does not find this number any more, or the token may not see it. Reconnect the sender.";
        /// The number is not registered for sending.
        NumberNotRegistered "number_not_registered" "Number not registered"
            "The number is not registered with the Cloud API. Register it in WhatsApp Manager.";
        /// The display name waits for approval.
        DisplayName "display_name" "Display name not approved"
            "WhatsApp has not approved the display name of this number yet.";
        /// Marketing is switched off for this account on this endpoint.
        MarketingDisabled "marketing_disabled" "Marketing switched off"
            "This business account does not allow marketing through the Cloud API.";
        /// Name and language unknown, or not approved.
        TemplateMissing "template_missing" "Template not found"
            "WhatsApp has no approved template of this name and language. Sync the templates and choose another.";
        /// Paused by the provider for low quality.
        TemplatePaused "template_paused" "Template paused by WhatsApp"
            "WhatsApp paused the template because people reacted badly. Wait until it is active again, or use another.";
        /// Paused too often: over for good.
        TemplateDisabled "template_disabled" "Template disabled by WhatsApp"
            "WhatsApp disabled the template for good. Write a new one.";
        /// The template or its values break a content rule.
        TemplatePolicy "template_policy" "Content not allowed"
            "WhatsApp does not allow the content of this message. Change the template.";
        /// The number of values differs from the template's.
        ParameterMismatch "parameter_mismatch" "Template changed"
            "The template now asks for other values than this campaign gives. Sync the templates and fill them again.";
        /// The Flow of the template is blocked, throttled or unknown.
        Flow "flow" "Flow not available"
            "WhatsApp blocked or slowed the Flow that this template opens.";
        /// The first messages were all refused in a way that is not about the people.
        RefusedForAll "refused_for_all" "Refused for everybody"
            "WhatsApp refused the message to everybody it was tried with. Correct the template or the values that fill it.";
        /// More of the first messages failed than the campaign allows.
        CanaryFailed "canary_failed" "Too many of the first messages failed"
            "More of the first messages failed than this campaign allows, so the rest was held back.";
        /// The message is of a kind that this way of sending does not take.
        WrongKind "wrong_kind" "Kind of message not accepted"
            "WhatsApp does not take this kind of message here. Use another template.";
    }
}

/// How far a reason to stand still reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PauseReach {
    /// What one dispatch sends is wrong.
    Dispatch,
    /// One sender may not send: its number, or the token it holds.
    Sender,
    /// The business account behind the sender may not send, and so none of its senders.
    Account,
}

impl PauseReason {
    /// How far it reaches.
    pub const fn reach(self) -> PauseReach {
        match self {
            Self::TemplateMissing
            | Self::TemplatePaused
            | Self::TemplateDisabled
            | Self::TemplatePolicy
            | Self::ParameterMismatch
            | Self::Flow
            | Self::RefusedForAll
            | Self::CanaryFailed
            | Self::WrongKind => PauseReach::Dispatch,
            // Each sender holds a token of its own: another one may still be good.
            Self::SignedOut
            | Self::PermissionMissing
            | Self::SpamLimit
            | Self::NumberMissing
            | Self::NumberNotRegistered
            | Self::DisplayName => PauseReach::Sender,
            Self::Restricted | Self::PaymentIssue | Self::Misclassified | Self::MarketingDisabled => {
                PauseReach::Account
            }
        }
    }

    /// Where it is put right.
    pub const fn fix(self) -> PauseFix {
        match self {
            Self::SignedOut | Self::PermissionMissing | Self::NumberMissing => PauseFix::ReconnectSender,
            Self::Restricted
            | Self::PaymentIssue
            | Self::SpamLimit
            | Self::Misclassified
            | Self::NumberNotRegistered
            | Self::DisplayName
            | Self::MarketingDisabled
            | Self::Flow => PauseFix::WhatsAppManager,
            Self::TemplateMissing
            | Self::TemplatePaused
            | Self::TemplateDisabled
            | Self::TemplatePolicy
            | Self::ParameterMismatch
            | Self::RefusedForAll
            | Self::WrongKind => PauseFix::Template,
            Self::CanaryFailed => PauseFix::Failures,
        }
    }
}

/// Where a reason to stand still is put right. When it is, somebody resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PauseFix {
    /// The sender needs another token.
    ReconnectSender,
    /// At the provider; afterwards the sender is checked again here.
    WhatsAppManager,
    /// The template has to be looked at, and perhaps read again from the provider.
    Template,
    /// Somebody has to look why people failed, and decide whether the rest goes out nevertheless.
    Failures,
}
