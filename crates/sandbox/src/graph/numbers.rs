//! `GET /{waba}/phone_numbers` and `GET /{phone}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State as Held};
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::accounts::{MESSAGING_LIMIT_SINCE, health};
use super::error::GraphError;
use super::{Node, ReadQuery, fields, tokens};
use crate::recipient::calling_code;
use crate::state::SandboxState;
use crate::world::{Number, World};

const NODE: &str = "WhatsAppBusinessPhoneNumber";
const DEFAULT_FIELDS: &str = "verified_name,code_verification_status,display_phone_number,quality_rating,\
    platform_type,throughput,webhook_configuration,id";

/// The numbers of an account, all on one page.
pub(super) async fn list(
    Held(state): Held<Arc<SandboxState>>,
    node: Node,
    Query(query): Query<ReadQuery>,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    let world = state.world();
    let token = tokens::authorise(&world, &headers, query.access_token.as_deref())?;
    let account = world.accounts.get(&node.id).ok_or_else(|| GraphError::unknown_object("get", &node.id))?;
    tokens::require_management(token, &account.id, "get", &node.id)?;
    let numbers = world.numbers.values().filter(|number| number.account_id == account.id);
    let data = numbers
        .map(|number| read(&world, number, node.version, query.fields.as_deref()))
        .collect::<Result<Vec<Value>, GraphError>>()?;
    let edge = |value: Option<&Value>| value.map_or(Value::Null, |number| number["id"].clone());
    let cursors = json!({ "before": edge(data.first()), "after": edge(data.last()) });
    Ok(Json(json!({ "data": data, "paging": { "cursors": cursors } })))
}

/// A number with the wanted fields.
pub(super) fn read(
    world: &World,
    number: &Number,
    version: u32,
    wanted: Option<&str>,
) -> Result<Value, GraphError> {
    let wanted = fields::parse(wanted.unwrap_or(DEFAULT_FIELDS))?;
    fields::select(&object(world, number, version), &wanted, NODE)
}

fn object(world: &World, number: &Number, version: u32) -> Map<String, Value> {
    let digits = number.digits();
    let registered =
        |yes: &'static str, no: &'static str| Value::from(if number.registered { yes } else { no });
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", number.id.as_str().into());
    put("display_phone_number", number.display_phone_number.as_str().into());
    put("verified_name", number.verified_name.as_str().into());
    put("quality_rating", number.quality_rating.as_str().into());
    put("quality_score", json!({ "score": number.quality_rating }));
    put("status", number.status.as_str().into());
    put("name_status", "APPROVED".into());
    put("new_name_status", "NONE".into());
    put("code_verification_status", "VERIFIED".into());
    put("platform_type", registered("CLOUD_API", "NOT_APPLICABLE"));
    put("account_mode", "LIVE".into());
    put("throughput", json!({ "level": number.throughput_level }));
    put("is_on_biz_app", number.is_on_biz_app.into());
    put("is_official_business_account", false.into());
    put("is_pin_enabled", number.registered.into());
    put("is_preverified_number", false.into());
    put("search_visibility", "VISIBLE".into());
    put("last_onboarded_time", "2025-03-04T09:12:44+0000".into());
    put("country_dial_code", calling_code(&digits).into());
    put("health_status", health("PHONE_NUMBER", &number.id));
    put("webhook_configuration", callbacks(world, number));
    if version >= MESSAGING_LIMIT_SINCE {
        let limit =
            world.portfolio_of(&number.account_id).map(|portfolio| portfolio.messaging_limit.as_str());
        put("whatsapp_business_manager_messaging_limit", limit.into());
    }
    object
}

fn callbacks(world: &World, number: &Number) -> Value {
    let account =
        world.accounts.get(&number.account_id).and_then(|account| account.override_callback.as_deref());
    let known = [
        ("phone_number", number.override_callback.as_deref()),
        ("whatsapp_business_account", account),
        ("application", world.app.callback_url.as_deref()),
    ];
    known
        .into_iter()
        .filter_map(|(name, url)| Some((name.to_owned(), Value::from(url?))))
        .collect::<Map<_, _>>()
        .into()
}
