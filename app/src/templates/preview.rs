//! A template as a message on a phone, from the code that fills what is sent.

use domain::template::{ButtonAction, Obstacle, RenderedPiece, RenderedTemplate, TemplateContent};

use crate::ui::phone::markup::Run;
use crate::ui::phone::{Bubble, BubbleAction, BubbleHeader};

/// The message with one person's values. `time` is shown in the corner; empty for none.
#[must_use]
pub fn bubble(template: &TemplateContent, rendered: &RenderedTemplate, time: &str) -> Bubble {
    let header = if rendered.header.is_empty() {
        template.obstacles.iter().find_map(media)
    } else {
        Some(BubbleHeader::Text(runs(&rendered.header)))
    };
    Bubble {
        from_person: false,
        header,
        body: runs(&rendered.body),
        footer: rendered.footer.clone().unwrap_or_default(),
        time: time.to_owned(),
        buttons: rendered
            .buttons
            .iter()
            .map(|button| (action(&button.action), button.text.clone()))
            .collect(),
        lang: Some(template.language_tag()),
        right_to_left: template.is_right_to_left(),
    }
}

fn runs(pieces: &[RenderedPiece]) -> Vec<Run> {
    pieces
        .iter()
        .map(|piece| match piece {
            RenderedPiece::Text { text } => Run::fixed(text.clone()),
            RenderedPiece::Value { .. } | RenderedPiece::Missing { .. } => {
                Run::personal(piece.text().into_owned())
            }
        })
        .collect()
}

/// The place of a header that this version cannot fill.
fn media(obstacle: &Obstacle) -> Option<BubbleHeader> {
    let Obstacle::MediaHeader { format } = obstacle else { return None };
    Some(match format.as_str() {
        "VIDEO" | "GIF" => BubbleHeader::Video,
        "DOCUMENT" => BubbleHeader::File("File".to_owned()),
        "LOCATION" => BubbleHeader::Place,
        _ => BubbleHeader::Image { src: None, alt: String::new() },
    })
}

const fn action(action: &ButtonAction) -> BubbleAction {
    match action {
        ButtonAction::QuickReply => BubbleAction::Reply,
        ButtonAction::Url { .. } | ButtonAction::Fixed => BubbleAction::Open,
        ButtonAction::CopyCode { .. } => BubbleAction::Copy,
        ButtonAction::PhoneNumber => BubbleAction::Call,
        ButtonAction::Flow => BubbleAction::Form,
    }
}

#[cfg(test)]
mod tests {
    use domain::template::{ParameterFormat, TemplateCategory};

    use super::*;

    fn template(components: serde_json::Value) -> TemplateContent {
        TemplateContent::read(
            "a",
            "pt_BR",
            TemplateCategory::Marketing,
            ParameterFormat::Positional,
            &components,
        )
    }

    #[test]
    fn values_and_gaps_are_tinted() {
        let template = template(serde_json::json!([
            {"type": "BODY", "text": "Oi {{1}}, {{2}}"},
            {"type": "FOOTER", "text": "SAIR"},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://x.example"}]},
        ]));
        let bubble = bubble(&template, &template.render(&["Ana"]), "10:36");
        let body: Vec<_> = bubble.body.iter().map(|run| (run.text.as_str(), run.personal)).collect();
        assert_eq!(body, [("Oi ", false), ("Ana", true), (", ", false), ("{{2}}", true)]);
        assert_eq!(bubble.buttons, [(BubbleAction::Open, "Ver".to_owned())]);
        assert_eq!((bubble.footer.as_str(), bubble.lang.as_deref()), ("SAIR", Some("pt-BR")));
    }

    #[test]
    fn a_header_that_cannot_be_filled_keeps_its_place() {
        let template = template(
            serde_json::json!([{"type": "HEADER", "format": "VIDEO"}, {"type": "BODY", "text": "Oi"}]),
        );
        assert_eq!(bubble(&template, &template.render_examples(), "").header, Some(BubbleHeader::Video));
    }
}
