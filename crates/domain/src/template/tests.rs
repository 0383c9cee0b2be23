use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(format: ParameterFormat, components: serde_json::Value) -> TemplateContent {
    TemplateContent::read("spring_offer", "pt_BR", TemplateCategory::Marketing, format, &components)
}

fn named() -> TemplateContent {
    read(
        ParameterFormat::Named,
        json!([
            {"type": "HEADER", "format": "TEXT", "text": "Oi {{first_name}}",
             "example": {"header_text_named_params": [{"param_name": "first_name", "example": "Ana"}]}},
            {"type": "BODY", "text": "{{ first_name }}, desconto de {{discount}} hoje, só {{discount}}.",
             "example": {"body_text_named_params": [
                {"param_name": "first_name", "example": "Ana"}, {"param_name": "discount", "example": "20%"}]}},
            {"type": "FOOTER", "text": "Responda SAIR para parar"},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Quero"},
                {"type": "URL", "text": "Ver", "url": "https://example.com/{{1}}", "example": ["https://example.com/ana"]},
                {"type": "COPY_CODE", "text": "Copiar", "example": ["SAVE20"]},
                {"type": "PHONE_NUMBER", "text": "Ligar", "phone_number": "+551130000000"}]}
        ]),
    )
}

fn positional(body: &str) -> TemplateContent {
    read(ParameterFormat::Positional, json!([{"type": "BODY", "text": body}]))
}

fn slots(template: &TemplateContent) -> Vec<(VariablePlace, String, Option<String>)> {
    template.variables().into_iter().map(|slot| (slot.place, slot.key, slot.example)).collect()
}

#[test]
fn each_variable_is_asked_for_once_in_a_stable_order() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        slots(&named()),
        [
            (VariablePlace::Header, "first_name".to_owned(), some("Ana")),
            (VariablePlace::Body, "first_name".to_owned(), some("Ana")),
            (VariablePlace::Body, "discount".to_owned(), some("20%")),
            (VariablePlace::Button(1), "1".to_owned(), some("ana")),
            (VariablePlace::Button(2), "code".to_owned(), some("SAVE20")),
        ]
    );
    let out_of_order = positional("{{2}} then {{10}} then {{1}} and {{2}}");
    assert_eq!(out_of_order.body.keys(), ["1", "2", "10"]);
}

#[test]
fn a_filled_template_reads_as_it_arrives() {
    let rendered = named().render(&["Ana", "Ana", "20%", "ana?c=1", "SAVE20"]);
    let text =
        |pieces: &[RenderedPiece]| pieces.iter().map(|piece| piece.text().into_owned()).collect::<String>();
    assert_eq!(text(&rendered.header), "Oi Ana");
    assert_eq!(text(&rendered.body), "Ana, desconto de 20% hoje, só 20%.");
    assert_eq!(rendered.footer.as_deref(), Some("Responda SAIR para parar"));
    assert_eq!(text(&rendered.buttons[1].value), "https://example.com/ana?c=1");
    assert_eq!(text(&rendered.buttons[2].value), "SAVE20");
    assert_eq!(named().render_examples().body, rendered.body);
}

#[test]
fn a_value_that_is_not_there_shows_as_missing() {
    let rendered = positional("Hi {{1}}, {{2}}").render(&["", "x"]);
    assert_eq!(rendered.body[1], RenderedPiece::Missing { slot: 0, key: "1".to_owned() });
    assert_eq!(rendered.body[3], RenderedPiece::Value { slot: 1, text: "x".to_owned() });
}

#[test]
fn braces_without_a_key_are_text() {
    for text in ["a {{ b", "{{}}", "{{a b}}", "{{\n1}}", "{x}", "}}{{", "{{{"] {
        assert!(TemplateText::parse(text).keys().is_empty(), "{text}");
        assert_eq!(TemplateText::parse(text).pieces, [Piece::Text(text.to_owned())], "{text}");
    }
    assert_eq!(TemplateText::parse("{{{1}}}").keys(), ["1"]);
}

#[test]
fn what_this_version_cannot_fill_is_refused_in_words() {
    let refused = |components| {
        let template = read(ParameterFormat::Positional, components);
        template.sendable(&TemplateState::Approved).map_err(|error| error.to_string())
    };
    let body = json!({"type": "BODY", "text": "Hello"});
    assert_eq!(refused(json!([body])), Ok(()));
    for (component, words) in [
        (json!({"type": "HEADER", "format": "IMAGE"}), "an image"),
        (json!({"type": "header", "format": "LOCATION"}), "a place"),
        (json!({"type": "CAROUSEL", "cards": []}), "carousel"),
        (json!({"type": "limited_time_offer"}), "limited-time offer"),
        (json!({"type": "HOLOGRAM"}), "HOLOGRAM"),
        (json!({"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy"}]}), "one-time codes"),
        (json!({"type": "BUTTONS", "buttons": [{"type": "MPM", "text": "View"}]}), "MPM"),
    ] {
        let error = refused(json!([body, component])).expect_err("cannot be filled");
        assert!(error.contains(words), "{error}");
    }
    assert!(refused(json!([])).is_err());
    assert!(refused(json!("not even a list")).is_err());
}

#[test]
fn only_approved_templates_are_sendable() {
    let template = positional("Hello");
    assert_eq!(template.sendable(&"APPROVED".into()), Ok(()));
    for state in ["PENDING", "REJECTED", "PAUSED", "DISABLED", "SOMETHING_NEW"] {
        assert_eq!(template.sendable(&state.into()), Err(NotSendable::State(state.into())));
    }
}

#[test]
fn unknown_words_survive_and_marketing_is_the_careful_guess() {
    let state = TemplateState::from("SOMETHING_NEW");
    assert_eq!(state.as_str(), "SOMETHING_NEW");
    assert!(TemplateCategory::from("SERVICE_2").needs_consent());
    assert!(!TemplateCategory::Utility.needs_consent());
}

#[test]
fn the_frozen_form_is_stable() {
    let template = read(
        ParameterFormat::Positional,
        json!([{"type": "BODY", "text": "Hi {{1}}!", "example": {"body_text": [["Ana"]]}},
               {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop"}]}]),
    );
    let frozen = json!({
        "name": "spring_offer", "language": "pt_BR", "category": "MARKETING", "parameter_format": "positional",
        "body": {"pieces": [{"text": "Hi "}, {"variable": "1"}, {"text": "!"}], "examples": [["1", "Ana"]]},
        "buttons": [{"text": "Stop", "action": {"kind": "quick_reply"}}],
    });
    assert_eq!(serde_json::to_value(&template).ok(), Some(frozen.clone()));
    assert_eq!(serde_json::from_value::<TemplateContent>(frozen).ok(), Some(template));
}

#[test]
fn values_are_cleaned_of_what_the_provider_refuses() {
    for (value, clean) in [
        ("Ana", "Ana"),
        (" Ana ", "Ana"),
        ("a\r\nb", "a b"),
        ("a\t\tb", "a b"),
        ("a    b", "a b"),
        ("a   b", "a   b"),
        ("a \n b", "a b"),
        ("\n\t ", ""),
        ("a\u{2028}b", "a b"),
        ("ä\u{a0}ö", "ä\u{a0}ö"),
    ] {
        assert_eq!(clean_value(value), clean, "{value:?}");
    }
}

#[test]
fn values_are_checked_before_they_are_sent() {
    let template = positional("Hi {{1}}");
    assert_eq!(template.check_values(&["Ana"]), Ok(()));
    assert_eq!(template.check_values(&["Ana", "x"]), Err(ValueProblem::Count));
    assert_eq!(template.check_values(&["\n"]), Err(ValueProblem::Empty { slot: 0 }));
    assert_eq!(template.check_values(&["é".repeat(1_021)]), Ok(()));
    assert_eq!(template.check_values(&["é".repeat(1_022)]), Err(ValueProblem::BodyTooLong { chars: 1_025 }));
}

#[test]
fn a_mapping_fits_the_template_it_was_made_for() {
    let mapping: VariableMapping = serde_json::from_value(json!([
        {"source": "field", "field": "attribute:city", "fallback": "your city"},
        {"source": "field", "field": "first_name"},
        {"source": "fixed", "text": "20%"},
    ]))
    .expect("a mapping");
    let words: Vec<_> =
        mapping.0.iter().map(|source| (source.word(), source.attribute(), source.fallback())).collect();
    assert_eq!(words, [("attribute", "city", "your city"), ("first_name", "", ""), ("fixed", "", "20%")]);
    assert_eq!(mapping.fits(&positional("{{1}} {{2}} {{3}}")), Ok(()));
    assert_eq!(mapping.fits(&positional("{{1}}")), Err(MappingProblem::Count { asked: 1, given: 3 }));
    let blank = VariableMapping(vec![VariableSource::Fixed { text: " \n".to_owned() }]);
    assert_eq!(blank.fits(&positional("{{1}}")), Err(MappingProblem::EmptyText { position: 1 }));
    assert!("attribute:".parse::<ContactField>().is_err());
}

proptest! {
    #[test]
    fn parsing_loses_no_text(text in "[a-z{} 1_\\n]{0,60}") {
        let plain: String = text.chars().filter(|c| !matches!(c, '{' | '}' | ' ')).collect();
        let parsed: String = TemplateText::parse(&text).pieces.iter()
            .map(|piece| match piece { Piece::Text(text) | Piece::Variable(text) => text.as_str() })
            .flat_map(str::chars)
            .filter(|c| !matches!(c, '{' | '}' | ' '))
            .collect();
        prop_assert_eq!(plain, parsed);
    }

    #[test]
    fn a_clean_value_is_clean_and_stays_so(value in "[a \\t\\n\\r\u{2028}é]{0,40}") {
        let clean = clean_value(&value).into_owned();
        prop_assert!(!clean.contains(['\n', '\t', '\r']) && !clean.contains("    "));
        prop_assert_eq!(clean_value(&clean).into_owned(), clean);
    }

    #[test]
    fn any_json_is_read_without_a_panic(text in "\\PC{0,40}") {
        read(ParameterFormat::Named, json!([{"type": text}, {"type": "BODY", "text": text}, text, {"type": "BUTTONS", "buttons": [text]}]));
    }
}
