//! Questions to Graph about numbers, accounts and tokens.

use std::time::Duration;

use domain::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::client::read_at_most;
use super::error::GraphErrorBody;
use super::text::storable;
use super::{CALL_TIMEOUT, GraphAddress, GraphError, GraphId, InvalidToken, bearer};

/// A page of templates with all their components stays far below this.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Items asked for in one page.
const PAGE_ITEMS: &str = "100";
/// An account may hold 6,000 templates; a cursor that leads on for ever does not keep us.
const PAGES_MAX: usize = 100;

/// Graph, seen with one token.
#[derive(Debug, Clone)]
pub struct Graph {
    http: reqwest::Client,
    address: GraphAddress,
    authorization: HeaderValue,
}

/// What Graph says about a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNumber {
    /// Its id.
    pub phone_number_id: String,
    /// As people write it: `+55 11 3000-0000`.
    pub display_phone_number: String,
    /// The business name people see.
    pub verified_name: String,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`, `NA`, or a new word.
    pub quality_rating: String,
    /// `STANDARD`, `HIGH`, or a new word.
    pub throughput_level: Option<String>,
    /// Whether it is also used in the WhatsApp Business app, which caps its speed; `None` if Graph did not say.
    pub on_business_app: Option<bool>,
}

/// The Meta app that this installation acts as.
#[derive(Debug, Clone)]
pub struct AppCredentials {
    /// Its id.
    pub app_id: String,
    /// Its secret.
    pub app_secret: SecretString,
}

/// What Meta says about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Whether it works now.
    pub is_valid: bool,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The app it was made for.
    pub app_id: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
}

impl Graph {
    /// Takes the shared HTTP client, where Graph answers, and the token to ask with.
    ///
    /// # Errors
    ///
    /// If the token has characters that cannot stand in a header.
    pub fn new(
        http: reqwest::Client,
        address: GraphAddress,
        token: &SecretString,
    ) -> Result<Self, InvalidToken> {
        Ok(Self { http, address, authorization: bearer(token)? })
    }

    /// What Graph says about a number.
    pub async fn number(&self, phone_number_id: &GraphId) -> Result<GraphNumber, GraphError> {
        #[derive(Deserialize)]
        struct Number {
            id: String,
            display_phone_number: Option<String>,
            verified_name: Option<String>,
            quality_rating: Option<String>,
            throughput: Option<Throughput>,
            is_on_biz_app: Option<bool>,
        }
        #[derive(Deserialize)]
        struct Throughput {
            level: Option<Value>,
        }
        let path = [phone_number_id.as_str()];
        let fields = "id,display_phone_number,verified_name,quality_rating";
        let with_speed = format!("{fields},throughput,is_on_biz_app");
        let number: Number = match self.get(&path, &[("fields", &with_speed)]).await {
            // One field that this version of Graph does not know fails the whole question.
            Err(GraphError::NotUnderstood) => {
                let mut number: Number = self.get(&path, &[("fields", fields)]).await?;
                let speed: Option<Number> = self.get(&path, &[("fields", "id,throughput")]).await.ok();
                let app: Option<Number> = self.get(&path, &[("fields", "id,is_on_biz_app")]).await.ok();
                number.throughput = speed.and_then(|answer| answer.throughput);
                number.is_on_biz_app = app.and_then(|answer| answer.is_on_biz_app);
                number
            }
            answer => answer?,
        };
        let level = number.throughput.and_then(|throughput| throughput.level);
        Ok(GraphNumber {
            phone_number_id: number.id,
            display_phone_number: number.display_phone_number.unwrap_or_default(),
            verified_name: number.verified_name.unwrap_or_default(),
            quality_rating: number.quality_rating.unwrap_or_else(|| "UNKNOWN".to_owned()),
            throughput_level: level.map(word),
            on_business_app: number.is_on_biz_app,
        })
    }

    /// How many people the portfolio of a number may write to in 24 hours, in Meta's word (`TIER_…`); `None` if this
    /// version of Graph does not say. Asked by itself, because a field that Graph does not know fails the whole question.
    pub async fn messaging_limit(&self, phone_number_id: &GraphId) -> Result<Option<String>, GraphError> {
        let field = "whatsapp_business_manager_messaging_limit";
        match self.get::<Value>(&[phone_number_id.as_str()], &[("fields", field)]).await {
            Ok(answer) => Ok(answer[field].as_str().map(str::to_owned)),
            Err(GraphError::NotUnderstood | GraphError::PermissionMissing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Which business portfolio owns a WhatsApp Business account, by its id; `None` if Graph does not say so to this token.
    pub async fn portfolio(&self, waba_id: &GraphId) -> Result<Option<String>, GraphError> {
        let field = "owner_business_info";
        match self.get::<Value>(&[waba_id.as_str()], &[("fields", field)]).await {
            Ok(answer) => Ok(answer[field]["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned)),
            Err(GraphError::NotUnderstood | GraphError::PermissionMissing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a number belongs to a WhatsApp Business account that this token sees.
    pub async fn account_has_number(
        &self,
        waba_id: &GraphId,
        phone_number_id: &GraphId,
    ) -> Result<bool, GraphError> {
        let numbers = self.pages(&[waba_id.as_str(), "phone_numbers"], &[("fields", "id")]).await?;
        Ok(numbers.iter().any(|number| number["id"].as_str() == Some(phone_number_id.as_str())))
    }

    /// Asks Meta to send this app the webhooks of a WhatsApp Business account. Harmless when repeated.
    pub async fn subscribe_app(&self, waba_id: &GraphId) -> Result<(), GraphError> {
        let request = self.http.post(self.address.at(&[waba_id.as_str(), "subscribed_apps"]));
        let answer: Value = self.ask(request, self.authorization.clone()).await?;
        if answer["success"] == Value::Bool(true) {
            Ok(())
        } else {
            Err(GraphError::Unexpected { code: None })
        }
    }

    /// What Meta says about the token this value asks with. The question itself is asked in the name of the app.
    pub async fn token_facts(
        &self,
        app: &AppCredentials,
        token: &SecretString,
    ) -> Result<TokenFacts, GraphError> {
        #[derive(Deserialize)]
        struct Envelope {
            data: Facts,
        }
        #[derive(Deserialize)]
        struct Facts {
            #[serde(default)]
            is_valid: bool,
            expires_at: Option<i64>,
            app_id: Option<Value>,
            #[serde(default)]
            scopes: Vec<String>,
        }
        let mut url = self.address.at(&["debug_token"]);
        url.query_pairs_mut().append_pair("input_token", token.expose_secret());
        let app_token = SecretString::from(format!("{}|{}", app.app_id, app.app_secret.expose_secret()));
        let authorization = bearer(&app_token).map_err(|_| GraphError::NotUnderstood)?;
        let Envelope { data } = self.ask(self.http.get(url), authorization).await?;
        Ok(TokenFacts {
            is_valid: data.is_valid,
            expires_at: data.expires_at.filter(|at| *at > 0).and_then(|at| Timestamp::from_timestamp(at, 0)),
            app_id: data.app_id.map(word),
            scopes: data.scopes,
        })
    }

    pub(super) async fn get<T: serde::de::DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, GraphError> {
        self.ask(self.http.get(self.url(path, query)), self.authorization.clone()).await
    }

    /// Every item of a list. The next page is asked for by its cursor at our own address: the ready-made address in the
    /// answer could name another host, and the token goes only where the configuration says.
    pub(super) async fn pages(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>, GraphError> {
        #[derive(Deserialize)]
        struct Page {
            #[serde(default)]
            data: Vec<Value>,
            #[serde(default)]
            paging: Value,
        }
        let mut items = Vec::new();
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let mut query = query.to_vec();
            query.push(("limit", PAGE_ITEMS));
            if !after.is_empty() {
                query.push(("after", &after));
            }
            let page: Page = self.get(path, &query).await?;
            items.extend(page.data);
            let cursor = page.paging["cursors"]["after"].as_str().unwrap_or_default();
            if page.paging["next"].is_null() || cursor.is_empty() {
                return Ok(items);
            }
            if cursor == after {
                return Err(GraphError::Unexpected { code: None });
            }
            cursor.clone_into(&mut after);
        }
        Err(GraphError::Unexpected { code: None })
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.address.at(path);
        url.query_pairs_mut().extend_pairs(query);
        url
    }

    /// One question. Errors are dropped rather than kept as sources: theirs carry the address, which may carry a token.
    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        request: RequestBuilder,
        authorization: HeaderValue,
    ) -> Result<T, GraphError> {
        let request = request.header(AUTHORIZATION, authorization).timeout(CALL_TIMEOUT);
        let response = request.send().await.map_err(|error| {
            tracing::warn!(
                error.is_connect = error.is_connect(),
                error.is_timeout = error.is_timeout(),
                "Graph did not answer"
            );
            GraphError::Unreachable
        })?;
        let status = response.status();
        let regain_after = regain_after(response.headers());
        let body = read_at_most(response, ANSWER_BYTES_MAX).await.ok_or(GraphError::Unreachable)?;
        if status.is_success()
            && GraphErrorBody::find(&body).is_none()
            // What comes from Graph is kept in the database, as what comes in webhooks.
            && let Ok(answer) = serde_json::from_str(&storable(&body))
        {
            return Ok(answer);
        }
        let error = GraphError::of_answer(status, &body, regain_after);
        tracing::warn!(http.status = status.as_u16(), %error, "Graph refused a question");
        Err(error)
    }
}

/// The longest time that the usage header names until questions are taken again.
fn regain_after(headers: &HeaderMap) -> Option<Duration> {
    let usage: Value = serde_json::from_slice(headers.get("x-business-use-case-usage")?.as_bytes()).ok()?;
    let of_all = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = of_all.filter_map(|usage| usage["estimated_time_to_regain_access"].as_u64()).max()?;
    (minutes > 0).then(|| Duration::from_secs(minutes.saturating_mul(60)))
}

/// A word or a number as text.
fn word(value: Value) -> String {
    match value {
        Value::String(word) => word,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
