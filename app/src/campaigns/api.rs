//! What the islands of campaigns ask the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::{BoxedStream, Websocket};

use crate::error::AppError;

/// A part of the live page as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LivePart {
    /// Where it belongs: the value of `data-live` on the page.
    pub place: String,
    /// Its HTML, drawn by the functions that draw the page.
    pub html: String,
}

/// What the server sends to a live page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LiveMessage {
    /// The parts that changed. Drawn by the server, so that the browser carries no code for them.
    Changed {
        /// The parts.
        parts: Vec<LivePart>,
        /// When all of the page was true, as the workspace's clocks show it.
        as_of: String,
        /// What a screen reader is told about it.
        said: Option<String>,
    },
    /// Nothing changed, and the line is up.
    StillHere,
}

/// The live page of a campaign, and its parts as they change, at most four times a second, for as long as anybody
/// listens. The first and only thing to be sent is the id of the campaign, and after a question mark which of its people
/// the page shows.
///
/// # Errors
///
/// Unauthenticated or forbidden before the socket opens; not found as its first message.
#[server(protocol = Websocket<JsonEncoding, JsonEncoding>, prefix = "/api", endpoint = "campaigns/live")]
pub async fn watch(
    asked: BoxedStream<String, AppError>,
) -> Result<BoxedStream<LiveMessage, AppError>, AppError> {
    super::watching::watch(asked).await
}
