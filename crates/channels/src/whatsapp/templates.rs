//! The templates of a WhatsApp Business account.

use serde_json::Value;

use super::{Graph, GraphError, GraphId};

/// A template as Graph lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphTemplate {
    /// Meta's id.
    pub id: String,
    /// Name; unique together with the language.
    pub name: String,
    /// Locale such as `pt_BR`.
    pub language: String,
    /// `APPROVED`, `PENDING`, … An open set.
    pub status: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`. An open set.
    pub category: String,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: String,
    /// Header, body, footer, buttons, as Meta has them.
    pub components: Value,
    /// Meta's word for why it was refused.
    pub rejected_reason: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`. An open set.
    pub quality: Option<String>,
}

impl Graph {
    /// Every template of an account. One that has no id, name or language cannot be kept and is left out.
    pub async fn templates(&self, waba_id: &GraphId) -> Result<Vec<GraphTemplate>, GraphError> {
        let fields =
            "id,name,language,status,category,parameter_format,components,rejected_reason,quality_score";
        let items = self.pages(&[waba_id.as_str(), "message_templates"], &[("fields", fields)]).await?;
        let listed = items.len();
        let templates: Vec<_> = items.into_iter().filter_map(read).collect();
        if templates.len() < listed {
            tracing::warn!(
                templates.unreadable = listed - templates.len(),
                "Graph listed templates without a name"
            );
        }
        Ok(templates)
    }

    /// Whether this token may read the templates of an account.
    pub async fn can_read_templates(&self, waba_id: &GraphId) -> Result<(), GraphError> {
        let query = [("fields", "id"), ("limit", "1")];
        self.get::<Value>(&[waba_id.as_str(), "message_templates"], &query).await.map(|_| ())
    }
}

fn read(mut item: Value) -> Option<GraphTemplate> {
    let text = |key: &str| item[key].as_str().map(str::to_owned).filter(|text| !text.is_empty());
    let id = match &item["id"] {
        Value::Number(id) => id.to_string(),
        id => id.as_str()?.to_owned(),
    };
    Some(GraphTemplate {
        id,
        name: text("name")?,
        language: text("language")?,
        status: text("status").unwrap_or_else(|| "UNKNOWN".to_owned()),
        category: text("category").unwrap_or_else(|| "UNKNOWN".to_owned()),
        parameter_format: text("parameter_format").unwrap_or_else(|| "POSITIONAL".to_owned()),
        rejected_reason: text("rejected_reason").filter(|reason| reason != "NONE"),
        quality: item["quality_score"]["score"].as_str().map(str::to_owned),
        components: item["components"].take(),
    })
}
