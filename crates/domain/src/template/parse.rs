//! Reading the provider's JSON.

use serde_json::Value;

use super::{
    Button, ButtonAction, Obstacle, ParameterFormat, TemplateCategory, TemplateContent, TemplateText,
};

impl TemplateContent {
    /// Reads a template from the `components` that Graph lists. Never fails: what cannot be read or filled becomes an
    /// [`Obstacle`], so that the template is listed with the reason instead of missing.
    pub fn read(
        name: &str,
        language: &str,
        category: TemplateCategory,
        parameter_format: ParameterFormat,
        components: &Value,
    ) -> Self {
        let mut content = Self {
            name: name.to_owned(),
            language: language.to_owned(),
            category,
            parameter_format,
            header: None,
            body: TemplateText::default(),
            footer: None,
            buttons: Vec::new(),
            obstacles: Vec::new(),
        };
        if content.category == TemplateCategory::Authentication {
            content.obstacle(Obstacle::OneTimeCode);
        }
        for component in components.as_array().into_iter().flatten() {
            content.read_component(component);
        }
        if content.body.is_empty() {
            content.obstacle(Obstacle::NoBody);
        }
        content
    }

    fn obstacle(&mut self, obstacle: Obstacle) {
        if !self.obstacles.contains(&obstacle) {
            self.obstacles.push(obstacle);
        }
    }

    fn read_component(&mut self, component: &Value) {
        match word(component, "type").as_str() {
            "HEADER" => self.read_header(component),
            "BODY" => {
                let examples = &component["example"];
                self.body = TemplateText::parse(text(component, "text")).with_examples(examples_of(
                    &examples["body_text"][0],
                    &examples["body_text_named_params"],
                ));
            }
            "FOOTER" => {
                self.footer = Some(text(component, "text").to_owned()).filter(|footer| !footer.is_empty())
            }
            "BUTTONS" => {
                for button in component["buttons"].as_array().into_iter().flatten() {
                    self.read_button(button);
                }
            }
            "CAROUSEL" => self.obstacle(Obstacle::Carousel),
            "LIMITED_TIME_OFFER" => self.obstacle(Obstacle::LimitedTimeOffer),
            other => self.obstacle(Obstacle::UnknownComponent { component: other.to_owned() }),
        }
    }

    fn read_header(&mut self, component: &Value) {
        let format = word(component, "format");
        if format != "TEXT" {
            self.obstacle(Obstacle::MediaHeader { format });
            return;
        }
        let examples = &component["example"];
        let header = TemplateText::parse(text(component, "text"))
            .with_examples(examples_of(&examples["header_text"], &examples["header_text_named_params"]));
        self.header = Some(header).filter(|header| !header.is_empty());
    }

    fn read_button(&mut self, button: &Value) {
        let kind = word(button, "type");
        let action = match kind.as_str() {
            "QUICK_REPLY" => ButtonAction::QuickReply,
            "URL" => ButtonAction::Url { url: read_url(button) },
            "COPY_CODE" => {
                ButtonAction::CopyCode { example: first_text(&button["example"]).map(str::to_owned) }
            }
            "PHONE_NUMBER" => ButtonAction::PhoneNumber,
            "FLOW" => ButtonAction::Flow,
            "CATALOG" | "VOICE_CALL" | "REQUEST_CONTACT_INFO" => ButtonAction::Fixed,
            _ => {
                self.obstacle(match kind.as_str() {
                    "OTP" => Obstacle::OneTimeCode,
                    _ => Obstacle::UnknownButton { button: kind },
                });
                // Kept, so that the buttons after it keep their position.
                ButtonAction::Fixed
            }
        };
        self.buttons.push(Button { text: text(button, "text").to_owned(), action });
    }
}

/// The example is the whole address; only its end, in the place of the variable, is the variable's own.
fn read_url(button: &Value) -> TemplateText {
    let pattern = text(button, "url");
    let url = TemplateText::parse(pattern);
    let Some(key) = url.keys().first().map(|key| (*key).to_owned()) else {
        return url;
    };
    let example = first_text(&button["example"]).map(|example| {
        let fixed = pattern.split("{{").next().unwrap_or_default();
        example.strip_prefix(fixed).unwrap_or(example).to_owned()
    });
    url.with_examples(example.map(|example| (key, example)).into_iter().collect())
}

/// Positional examples count from 1; named ones name themselves.
fn examples_of(positional: &Value, named: &Value) -> Vec<(String, String)> {
    let named = named
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| (text(item, "param_name").to_owned(), text(item, "example").to_owned()));
    let positional = positional
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(index, example)| Some(((index + 1).to_string(), example.as_str()?.to_owned())));
    named.chain(positional).collect()
}

fn first_text(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value[0].as_str())
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

/// The documentation writes component types in either case.
fn word(object: &Value, key: &str) -> String {
    text(object, key).to_ascii_uppercase()
}
