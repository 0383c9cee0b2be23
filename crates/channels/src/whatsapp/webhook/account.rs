//! Fields of webhooks that are about a whole business account: its templates, its standing, its limits.

use std::borrow::Cow;

use domain::Timestamp;
use domain::delivery::PauseReason;
use domain::template::TemplateState;
use serde_json::Value;

/// Something about a business account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvent {
    /// The account.
    pub waba_id: String,
    /// When, to the second.
    pub occurred_at: Option<Timestamp>,
    /// What it is.
    pub news: AccountNews,
}

/// What may be new about a business account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountNews {
    /// A template has another state.
    Template(TemplateNews),
    /// Nothing may be sent from the account any more.
    Stopped(PauseReason),
    /// Limits, speed, names, or a ban that was lifted: Graph knows the rest.
    Changed,
}

/// A template has another state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateNews {
    /// Meta's id of it.
    pub provider_template_id: String,
    /// Its name.
    pub name: String,
    /// Its locale as everywhere else, `pt_BR`: here Meta writes `pt-BR`.
    pub language: String,
    /// Meta's word for the state it is in now.
    pub state: String,
    /// Meta's word for why it was refused.
    pub rejected_reason: Option<String>,
}

/// Reads a change of one of these fields. `None` for another field, and for what says nothing that is acted on.
pub(super) fn read(
    field: &str,
    waba_id: &str,
    time: Option<Timestamp>,
    value: &Value,
) -> Option<AccountEvent> {
    let (waba_id, news) = match field {
        "message_template_status_update" => (Cow::from(waba_id), template(value)?),
        "account_update" => (account_of(waba_id, value), standing(value)?),
        "phone_number_quality_update"
        | "phone_number_name_update"
        | "business_capability_update"
        | "account_review_update" => (Cow::from(waba_id), AccountNews::Changed),
        _ => return None,
    };
    let plausible = (5..=32).contains(&waba_id.len()) && waba_id.bytes().all(|byte| byte.is_ascii_digit());
    plausible.then(|| AccountEvent { waba_id: waba_id.into_owned(), occurred_at: time, news })
}

/// In events about partners the entry names the partner's business, and the account stands inside.
fn account_of<'a>(waba_id: &'a str, value: &'a Value) -> Cow<'a, str> {
    text(&value["waba_info"]["waba_id"]).map_or(Cow::from(waba_id), Cow::from)
}

fn template(value: &Value) -> Option<AccountNews> {
    let event = text(&value["event"])?;
    let state = match event.as_str() {
        "REINSTATED" | "UNARCHIVED" => "APPROVED".to_owned(),
        // Watched for its quality, and sent as before.
        "FLAGGED" => return None,
        "PAUSED" | "LOCKED" if value["other_info"]["title"] == "UNPAUSE" => "APPROVED".to_owned(),
        _ if matches!(TemplateState::from(event.as_str()), TemplateState::Other(_)) => {
            return Some(AccountNews::Changed);
        }
        _ => event,
    };
    let rejected_reason = text(&value["reason"]).filter(|reason| state == "REJECTED" && reason != "NONE");
    Some(AccountNews::Template(TemplateNews {
        provider_template_id: text(&value["message_template_id"]).unwrap_or_default(),
        name: text(&value["message_template_name"])?,
        language: text(&value["message_template_language"])?.replace('-', "_"),
        state,
        rejected_reason,
    }))
}

fn standing(value: &Value) -> Option<AccountNews> {
    let restricts =
        |restriction: &Value| restriction["restriction_type"] == "RESTRICTED_BIZ_INITIATED_MESSAGING";
    let news = match value["event"].as_str()? {
        "DISABLED_UPDATE" if value["ban_info"]["waba_ban_state"] == "DISABLE" => {
            AccountNews::Stopped(PauseReason::Restricted)
        }
        "ACCOUNT_RESTRICTION"
            if value["restriction_info"].as_array().is_some_and(|all| all.iter().any(restricts)) =>
        {
            AccountNews::Stopped(PauseReason::Restricted)
        }
        "ACCOUNT_DELETED" => AccountNews::Stopped(PauseReason::NumberMissing),
        "PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED" | "ACCOUNT_OFFBOARDED" => {
            AccountNews::Stopped(PauseReason::PermissionMissing)
        }
        "DISABLED_UPDATE" | "ACCOUNT_RESTRICTION" | "ACCOUNT_VIOLATION" | "ACCOUNT_RECONNECTED" => {
            AccountNews::Changed
        }
        _ => return None,
    };
    Some(news)
}

/// A string, or a whole number as text: ids are written both ways.
fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const WABA: &str = "200000000000001";

    fn news(field: &str, value: Value) -> Option<AccountNews> {
        let event = read(field, WABA, None, &value)?;
        assert_eq!(event.waba_id, WABA);
        Some(event.news)
    }

    fn state(value: Value) -> Option<(String, Option<String>)> {
        let mut whole = json!({
            "message_template_id": 1_689_556_900_000_001_i64, "message_template_name": "spring_offer",
            "message_template_language": "pt-BR",
        });
        if let (Some(whole), Some(more)) = (whole.as_object_mut(), value.as_object()) {
            whole.extend(more.clone());
        }
        match news("message_template_status_update", whole)? {
            AccountNews::Template(template) => {
                assert_eq!(template.provider_template_id, "1689556900000001");
                assert_eq!((template.name.as_str(), template.language.as_str()), ("spring_offer", "pt_BR"));
                Some((template.state, template.rejected_reason))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_template_has_another_state() {
        let plain = |word: &str| Some((word.to_owned(), None));
        assert_eq!(
            state(json!({"event": "PAUSED", "other_info": {"title": "FIRST_PAUSE"}})),
            plain("PAUSED")
        );
        assert_eq!(state(json!({"event": "PAUSED", "other_info": {"title": "UNPAUSE"}})), plain("APPROVED"));
        assert_eq!(state(json!({"event": "REINSTATED", "reason": "NONE"})), plain("APPROVED"));
        assert_eq!(state(json!({"event": "DISABLED"})), plain("DISABLED"));
        let rejected = state(json!({"event": "REJECTED", "reason": "INVALID_FORMAT"}));
        assert_eq!(rejected, Some(("REJECTED".to_owned(), Some("INVALID_FORMAT".to_owned()))));
        assert_eq!(state(json!({"event": "FLAGGED"})), None);
        assert_eq!(news("message_template_status_update", json!({"event": "PAUSED"})), None);
        let new_word = json!({"event": "A_NEW_WORD"});
        assert_eq!(news("message_template_status_update", new_word), Some(AccountNews::Changed));
    }

    #[test]
    fn an_account_that_may_not_send_stops() {
        let update = |value| news("account_update", value);
        let stopped = |reason| Some(AccountNews::Stopped(reason));
        let ban = |state: &str| json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}});
        assert_eq!(update(ban("DISABLE")), stopped(PauseReason::Restricted));
        assert_eq!(update(ban("REINSTATE")), Some(AccountNews::Changed));
        let restriction = |kind: &str| json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": kind}]});
        assert_eq!(
            update(restriction("RESTRICTED_BIZ_INITIATED_MESSAGING")),
            stopped(PauseReason::Restricted)
        );
        assert_eq!(update(restriction("RESTRICTED_ADD_PHONE_NUMBER_ACTION")), Some(AccountNews::Changed));
        assert_eq!(update(json!({"event": "ACCOUNT_DELETED"})), stopped(PauseReason::NumberMissing));
        assert_eq!(update(json!({"event": "AD_ACCOUNT_LINKED"})), None);
        assert_eq!(update(json!({})), None);
    }

    #[test]
    fn a_partners_event_names_the_account_inside() {
        let value = json!({"event": "PARTNER_REMOVED", "waba_info": {"waba_id": "200000000000009"}});
        let event = read("account_update", "100000000000001", None, &value).expect("an event");
        assert_eq!(event.waba_id, "200000000000009");
        assert_eq!(event.news, AccountNews::Stopped(PauseReason::PermissionMissing));
    }

    #[test]
    fn limits_and_quality_are_asked_for_again() {
        for field in ["phone_number_quality_update", "business_capability_update"] {
            assert_eq!(news(field, json!({"event": "THROUGHPUT_UPGRADE"})), Some(AccountNews::Changed));
        }
        assert_eq!(news("flows", json!({})), None);
        assert_eq!(read("business_capability_update", "nonsense'", None, &json!({})), None);
    }
}
