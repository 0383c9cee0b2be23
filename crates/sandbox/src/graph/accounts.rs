//! `GET /{waba}`.

use serde_json::{Map, Value, json};

use super::error::GraphError;
use super::fields;
use crate::world::{Account, World};

const NODE: &str = "WhatsAppBusinessAccount";
/// First version that knows the portfolio's messaging limit as a field.
pub(super) const MESSAGING_LIMIT_SINCE: u32 = 24;

/// An account with the wanted fields.
pub(super) fn read(
    world: &World,
    account: &Account,
    version: u32,
    wanted: Option<&str>,
) -> Result<Value, GraphError> {
    let wanted = fields::parse(wanted.unwrap_or("id,name,currency,timezone_id,message_template_namespace"))?;
    fields::select(&object(world, account, version), &wanted, NODE)
}

fn object(world: &World, account: &Account, version: u32) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", account.id.as_str().into());
    put("name", account.name.as_str().into());
    put("currency", account.currency.as_str().into());
    put("country", account.country.as_str().into());
    put("timezone_id", "58".into());
    put("message_template_namespace", format!("0f5a{}", account.id).into());
    put("account_review_status", "APPROVED".into());
    put("business_verification_status", "verified".into());
    put("ownership_type", "CLIENT_OWNED".into());
    if let Some(portfolio) = world.portfolios.get(&account.portfolio_id) {
        put("owner_business_info", json!({ "id": portfolio.id, "name": portfolio.name }));
        put(
            "on_behalf_of_business_info",
            json!({ "id": portfolio.id, "name": portfolio.name, "status": "APPROVED" }),
        );
        if version >= MESSAGING_LIMIT_SINCE {
            put("whatsapp_business_manager_messaging_limit", portfolio.messaging_limit.as_str().into());
        }
    }
    put("status", "ACTIVE".into());
    put("primary_business_location", account.country.as_str().into());
    put("marketing_messages_lite_api_status", "ELIGIBLE".into());
    put("health_status", health("WABA", &account.id));
    object
}

/// A healthy entity.
pub(super) fn health(entity_type: &str, id: &str) -> Value {
    json!({
        "can_send_message": "AVAILABLE",
        "entities": [{ "entity_type": entity_type, "id": id, "can_send_message": "AVAILABLE" }],
    })
}
