//! Asking Graph whether what was pasted into the form holds together, before anything is stored.

use channels::whatsapp::{Graph, GraphError, GraphId, GraphTemplate};
use domain::Timestamp;
use domain::channel::{DailyLimit, RatePlan};
use storage::channel_accounts::WhatsAppNumber;

use super::ConnectProblem;
use crate::Services;
use crate::secrets::SecretString;

const MANAGEMENT: &str = "whatsapp_business_management";
const MESSAGING: &str = "whatsapp_business_messaging";

/// What Graph says about a number whose token, id and account fit together.
pub(super) struct Verified {
    pub(super) number: Asked,
    pub(super) token_expires_at: Option<Timestamp>,
    pub(super) templates: Vec<GraphTemplate>,
}

/// Checks token, number and account from the most to the least specific, so that the first mistake is the one named, and
/// subscribes our app to the account's webhooks once nothing is left to refuse.
pub(super) async fn verify(
    services: &Services,
    token: &SecretString,
    phone_number_id: &GraphId,
    waba_id: &GraphId,
    known: Option<&WhatsAppNumber>,
) -> Result<Verified, ConnectProblem> {
    let address = super::graph_address(services).ok_or(ConnectProblem::Misconfigured)?;
    let graph =
        Graph::new(services.http.clone(), address, token).map_err(|_| ConnectProblem::TokenMalformed)?;
    let number = number(services, &graph, phone_number_id, waba_id, known).await?;
    let about_account =
        |error: GraphError| ConnectProblem::of_graph(&error, ConnectProblem::AccountNotFound, MANAGEMENT);
    if !graph.account_has_number(waba_id, phone_number_id).await.map_err(about_account)? {
        return Err(ConnectProblem::NumberOfAnotherAccount);
    }
    let token_expires_at = token_facts(services, &graph, token).await?;
    let templates = graph.templates(waba_id).await.map_err(about_account)?;
    graph.subscribe_app(waba_id).await.map_err(about_account)?;
    Ok(Verified { number, token_expires_at, templates })
}

/// What Graph says about a number.
pub(super) struct Asked {
    pub(super) number: WhatsAppNumber,
    pub(super) plan: RatePlan,
    /// The portfolio whose limit it shares; `None` if Graph does not say.
    pub(super) portfolio: Option<String>,
    /// That limit; `None` if Graph does not say.
    pub(super) limit: Option<DailyLimit>,
}

/// Asks Graph about a number. Where Graph does not say, what was `known` about it holds on: above all that it is in the
/// Business app, so that it does not get faster for want of an answer.
pub(super) async fn number(
    services: &Services,
    graph: &Graph,
    phone_number_id: &GraphId,
    waba_id: &GraphId,
    known: Option<&WhatsAppNumber>,
) -> Result<Asked, ConnectProblem> {
    let about_number =
        |error: GraphError| ConnectProblem::of_graph(&error, ConnectProblem::NumberNotFound, MANAGEMENT);
    let number = graph.number(phone_number_id).await.map_err(about_number)?;
    let messaging_limit = match graph.messaging_limit(phone_number_id).await {
        Ok(limit) => limit,
        Err(GraphError::Unexpected { .. } | GraphError::NotFound) => None,
        Err(error) => return Err(about_number(error)),
    };
    let portfolio = match graph.portfolio(waba_id).await {
        Ok(portfolio) => portfolio,
        Err(GraphError::Unexpected { .. } | GraphError::NotFound) => None,
        Err(error) => {
            return Err(ConnectProblem::of_graph(&error, ConnectProblem::AccountNotFound, MANAGEMENT));
        }
    };
    let limit = messaging_limit.as_deref().and_then(DailyLimit::of_whatsapp_tier);
    let messaging_limit = messaging_limit.or_else(|| known.and_then(|known| known.messaging_limit.clone()));
    let on_business_app =
        number.on_business_app.unwrap_or_else(|| known.is_some_and(|known| known.on_business_app));
    let plan = RatePlan::of_whatsapp_number(number.throughput_level.as_deref(), on_business_app);
    let number = WhatsAppNumber {
        phone_number_id: phone_number_id.as_str().to_owned(),
        waba_id: waba_id.as_str().to_owned(),
        display_phone_number: number.display_phone_number,
        verified_name: number.verified_name,
        quality_rating: number.quality_rating,
        throughput_level: number.throughput_level.unwrap_or_default(),
        on_business_app,
        messaging_limit,
        checked_at: services.clock.now(),
    };
    Ok(Asked { number, plan, portfolio, limit })
}

/// When the token ends, if the app is configured so that Meta can be asked. That question is answered to the token's own
/// app only; when it is not answered, the checks before it have to do.
async fn token_facts(
    services: &Services,
    graph: &Graph,
    token: &SecretString,
) -> Result<Option<Timestamp>, ConnectProblem> {
    let Some(app) = super::app_credentials(services) else { return Ok(None) };
    let facts = match graph.token_facts(&app, token).await {
        Ok(facts) => facts,
        Err(error) => {
            tracing::warn!(%error, "Meta does not say when the token ends");
            return Ok(None);
        }
    };
    if !facts.is_valid {
        return Err(ConnectProblem::TokenRefused);
    }
    if let Some(app_id) = facts.app_id.filter(|app_id| *app_id != app.app_id) {
        return Err(ConnectProblem::TokenOfAnotherApp { app_id });
    }
    if !facts.scopes.is_empty() && !facts.scopes.iter().any(|scope| scope == MESSAGING) {
        return Err(ConnectProblem::PermissionMissing { permission: MESSAGING });
    }
    Ok(facts.expires_at)
}
