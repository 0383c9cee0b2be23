use serde_json::{Value, json};

use super::hydrate;
use crate::seed;
use crate::world::Template;

fn template(name: &str, language: &str) -> std::sync::Arc<Template> {
    let world = seed::world();
    let found =
        world.templates.iter().find(|template| template.name == name && template.language == language);
    found.map(std::sync::Arc::clone).expect("a seeded template")
}

fn text(value: &str) -> Value {
    json!({ "type": "text", "text": value })
}

/// `winter_harvest` has a header variable, three body variables, and a URL button with a variable at index 1.
fn full(body: Value) -> Value {
    json!([
        { "type": "header", "parameters": [text("Porto")] },
        { "type": "body", "parameters": body },
        { "type": "button", "sub_type": "url", "index": "1", "parameters": [text("ana")] },
    ])
}

fn code(template: &Template, components: &Value) -> Option<u32> {
    hydrate(template, components.as_array().expect("an array")).err().map(|error| error.code)
}

#[test]
fn every_part_is_counted() {
    let harvest = template("winter_harvest", "en");
    assert_eq!(code(&harvest, &full(json!([text("Ana"), text("20%"), text("30 Nov")]))), None);
    assert_eq!(code(&harvest, &full(json!([text("Ana"), text("20%")]))), Some(132000));
    assert_eq!(code(&harvest, &full(json!([text("a"), text("b"), text("c"), text("d")]))), Some(132000));
    let mut without_header = full(json!([text("Ana"), text("20%"), text("30 Nov")]));
    without_header.as_array_mut().expect("an array").remove(0);
    assert_eq!(code(&harvest, &without_header), Some(132000));
    let mut without_button = full(json!([text("Ana"), text("20%"), text("30 Nov")]));
    without_button.as_array_mut().expect("an array").pop();
    assert_eq!(code(&harvest, &without_button), Some(132000));
}

#[test]
fn positional_parameters_keep_their_order() {
    let harvest = template("winter_harvest", "en");
    let components = full(json!([text("Ana"), text("20%"), text("30 Nov")]));
    let hydrated = hydrate(&harvest, components.as_array().expect("an array")).expect("it fits");
    let text = hydrated.content.as_text();
    assert!(
        text.contains("Ana") && text.contains("20%") && text.contains("Porto") && !text.contains("{{"),
        "{text}"
    );
    assert!(text.find("Ana") < text.find("20%"));
}

#[test]
fn named_parameters_need_their_names_in_any_order() {
    let points = template("loyalty_points", "en");
    let named = |name: &str, value: &str| json!({ "type": "text", "parameter_name": name, "text": value });
    let body = |parameters: Vec<Value>| json!([{ "type": "body", "parameters": parameters }]);
    let swapped = body(vec![named("points", "120"), named("first_name", "Ana")]);
    let hydrated = hydrate(&points, swapped.as_array().expect("an array")).expect("it fits");
    assert!(hydrated.content.body.starts_with("Ana") || hydrated.content.body.contains("Ana,"));
    assert_eq!(code(&points, &body(vec![text("Ana"), text("120")])), Some(100));
    assert_eq!(code(&points, &body(vec![named("first_name", "Ana")])), Some(132000));
    assert_eq!(code(&points, &body(vec![named("first_name", "Ana"), named("city", "Porto")])), Some(132012));
    assert_eq!(code(&points, &body(vec![named("points", "1"), named("points", "2")])), Some(132012));
}

#[test]
fn forbidden_characters_are_found_in_every_value() {
    let harvest = template("winter_harvest", "en");
    for bad in ["two\nlines", "a\ttab", "return\r", "five     spaces"] {
        assert_eq!(
            code(&harvest, &full(json!([text(bad), text("20%"), text("30 Nov")]))),
            Some(132018),
            "{bad:?}"
        );
    }
    assert_eq!(code(&harvest, &full(json!([text("four    spaces"), text("20%"), text("30 Nov")]))), None);
    assert_eq!(code(&harvest, &full(json!([text(""), text("20%"), text("30 Nov")]))), Some(131008));
    let image = json!({ "type": "image", "image": { "id": "1" } });
    assert_eq!(code(&harvest, &full(json!([image, text("20%"), text("30 Nov")]))), Some(132012));
    let long = "x".repeat(1_100);
    assert_eq!(code(&harvest, &full(json!([text(&long), text("20%"), text("30 Nov")]))), Some(132005));
}

#[test]
fn buttons_are_matched_by_position_and_kind() {
    let harvest = template("winter_harvest", "en");
    let mut components = full(json!([text("Ana"), text("20%"), text("30 Nov")]));
    components[2]["index"] = json!(1);
    assert_eq!(code(&harvest, &components), None, "a number is as good as text");
    components[2]["index"] = json!("7");
    assert_eq!(code(&harvest, &components), Some(132012));
    components[2]["index"] = json!("1");
    let payload = json!({ "type": "button", "sub_type": "quick_reply", "index": "0",
        "parameters": [{ "type": "payload", "payload": "YES|42" }] });
    components.as_array_mut().expect("an array").push(payload);
    let hydrated = hydrate(&harvest, components.as_array().expect("an array")).expect("it fits");
    assert_eq!(hydrated.quick_replies[0].payload, "YES|42");
    components[3]["sub_type"] = json!("url");
    assert_eq!(code(&harvest, &components), Some(132012));
}

#[test]
fn a_static_template_wants_no_components() {
    let welcome = template("club_welcome", "en");
    assert_eq!(code(&welcome, &json!([])), None);
    assert_eq!(code(&welcome, &json!([{ "type": "body", "parameters": [text("x")] }])), Some(132000));
}
