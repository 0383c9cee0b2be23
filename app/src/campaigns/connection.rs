//! The browser's end of a live page: keeps a line to the server open, shows what comes, and says when it is down.

use std::time::Duration;

use futures::channel::{mpsc, oneshot};
use futures::future::{Either, select};
use futures::{FutureExt, StreamExt};
use leptos::prelude::set_timeout;
use leptos::task::spawn_local;
use web_sys::Element;

use super::api::{LiveMessage, LivePart, watch};
use super::patch::patch;
use crate::error::ErrorKind;

/// The server says something at least every 20 seconds: silence for this long means that the line is dead.
const SILENCE_MS: u64 = 45_000;
const RETRY_MS: u64 = 500;
const RETRY_MS_MAX: u64 = 15_000;

/// Follows the campaign of this page until the server closes the line for good.
pub(super) fn keep_live(page: Element) {
    spawn_local(async move {
        let mut wait = RETRY_MS;
        loop {
            if let Some(reason) = listen(&page, &mut wait).await {
                show(&page, "[data-live-reason]", &reason);
                return line(&page, "closed");
            }
            line(&page, "lost");
            sleep(wait).await;
            wait = (wait * 2).min(RETRY_MS_MAX);
        }
    });
}

/// Until the line is down; `Some` says why it must not be tried again.
async fn listen(page: &Element, wait: &mut u64) -> Option<String> {
    let (mut ask, asked) = mpsc::channel(1);
    let said = |name: &str| page.get_attribute(name).unwrap_or_default();
    ask.try_send(Ok(said("data-campaign") + "?" + &said("data-people"))).ok()?;
    let mut messages = watch(asked.into()).await.ok()?;
    let mut silence = sleep(SILENCE_MS).boxed_local();
    let mut heard = false;
    loop {
        match select(messages.next(), silence).await {
            Either::Left((message, still)) => {
                silence = still;
                heard = true;
                match message? {
                    Ok(LiveMessage::Changed { parts, as_of, said }) => change(page, &parts, &as_of, said),
                    Ok(LiveMessage::StillHere) => {}
                    Err(error) => return is_final(error.kind).then_some(error.message),
                }
                *wait = RETRY_MS;
            }
            Either::Right(_) if heard => {
                silence = sleep(SILENCE_MS).boxed_local();
                heard = false;
            }
            Either::Right(_) => return None,
        }
    }
}

fn change(page: &Element, parts: &[LivePart], as_of: &str, said: Option<String>) {
    for part in parts {
        if let Ok(Some(place)) = page.query_selector(&format!("[data-live={}]", part.place)) {
            patch(&place, &part.html);
        }
    }
    show(page, "[data-live-as-of]", as_of);
    if let Some(said) = said {
        show(page, "[data-live-said]", &said);
    }
    line(page, "live");
}

fn show(page: &Element, selector: &str, text: &str) {
    if let Ok(Some(element)) = page.query_selector(selector) {
        element.set_text_content(Some(text));
    }
}

fn line(page: &Element, state: &str) {
    // The name is one that an attribute may have, so this cannot fail.
    let _ = page.set_attribute("data-line", state);
}

/// Asking again would be answered the same.
fn is_final(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unauthenticated | ErrorKind::Forbidden | ErrorKind::NotFound)
}

async fn sleep(milliseconds: u64) {
    let (end, ended) = oneshot::channel();
    set_timeout(
        move || {
            // Whoever waited may have given up.
            let _ = end.send(());
        },
        Duration::from_millis(milliseconds),
    );
    let _ = ended.await;
}
