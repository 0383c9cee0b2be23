use domain::Timestamp;
use domain::ids::DispatchId;
use domain::template::TemplateCategory;

use super::*;

fn recipient(ordinal: i32) -> RecipientId {
    let now = Timestamp::from_timestamp(1_763_700_000, 0).expect("a valid instant");
    RecipientId { dispatch: DispatchId::mint(now, [7; 10]), ordinal }
}

fn template(format: ParameterFormat, components: &Value) -> TemplateContent {
    TemplateContent::read("spring_offer", "pt_BR", TemplateCategory::Marketing, format, components)
}

fn filled(template: &TemplateContent, values: &[&str]) -> Result<Value, SendError> {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    let prepared = PreparedTemplate::new(template).expect("can be sent");
    let body = prepared.fill(recipient(9001), "+5511900000001", &values)?;
    Ok(serde_json::from_slice(&body).expect("valid JSON"))
}

#[test]
fn a_named_template_with_buttons() {
    let template = template(
        ParameterFormat::Named,
        &json!([
            {"type": "HEADER", "format": "TEXT", "text": "Oi {{first_name}}"},
            {"type": "BODY", "text": "{{first_name}}, {{discount}} de desconto. {{discount}}!"},
            {"type": "FOOTER", "text": "Responda SAIR"},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Quero"},
                {"type": "URL", "text": "Loja", "url": "https://example.com/"},
                {"type": "URL", "text": "Ver", "url": "https://example.com/{{1}}"},
                {"type": "COPY_CODE", "text": "Copiar", "example": "SAVE20"}]},
        ]),
    );
    assert_eq!(
        filled(&template, &["Ana", "Ana \"A\"\\", "20%\n", "ana?c=42", "SAVE20"]),
        Ok(json!({
            "messaging_product": "whatsapp", "recipient_type": "individual",
            "to": "+5511900000001", "type": "template",
            "biz_opaque_callback_data": recipient(9001).to_string(),
            "template": {
                "name": "spring_offer", "language": {"code": "pt_BR"},
                "components": [
                    {"type": "header", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Ana"}]},
                    {"type": "body", "parameters": [
                        {"type": "text", "parameter_name": "first_name", "text": "Ana \"A\"\\"},
                        {"type": "text", "parameter_name": "discount", "text": "20%"}]},
                    {"type": "button", "sub_type": "url", "index": "2", "parameters": [{"type": "text", "text": "ana?c=42"}]},
                    {"type": "button", "sub_type": "copy_code", "index": "3",
                     "parameters": [{"type": "coupon_code", "coupon_code": "SAVE20"}]},
                ],
            },
        }))
    );
}

#[test]
fn positional_values_go_in_the_order_of_their_numbers() {
    let template = template(
        ParameterFormat::Positional,
        &json!([{"type": "BODY", "text": "{{2}} and {{1}} and {{2}}"}]),
    );
    let body = filled(&template, &["one", "two"]).expect("can be sent");
    assert_eq!(
        body["template"]["components"],
        json!([{"type": "body", "parameters": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]}])
    );
}

#[test]
fn a_template_without_variables_has_no_components() {
    let template = template(
        ParameterFormat::Positional,
        &json!([{"type": "BODY", "text": "Hello"}, {"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Go"}]}]),
    );
    let body = filled(&template, &[]).expect("can be sent");
    assert_eq!(body["template"], json!({"name": "spring_offer", "language": {"code": "pt_BR"}}));
}

#[test]
fn what_would_be_refused_never_leaves() {
    let template =
        template(ParameterFormat::Positional, &json!([{"type": "BODY", "text": "Hi {{1}}, {{1}}"}]));
    let reason = |values: &[&str]| match filled(&template, values) {
        Err(SendError::Recipient { reason, code: None }) => Some(reason),
        _ => None,
    };
    assert_eq!(reason(&["Ana"]), None);
    assert_eq!(reason(&[]), Some(FailureReason::InvalidValue));
    assert_eq!(reason(&[" \n"]), Some(FailureReason::EmptyValue));
    assert_eq!(reason(&["é".repeat(509).as_str()]), None);
    assert_eq!(reason(&["é".repeat(510).as_str()]), Some(FailureReason::TextTooLong));

    let prepared = PreparedTemplate::new(&template).expect("can be sent");
    let values = ["Ana".to_owned()];
    for address in
        ["5511900000001", "+", "+55 11 90000-0001", "+12345", "+1234567890123456", "+0511900000001", "+55\"1"]
    {
        assert_eq!(
            prepared.fill(recipient(1), address, &values),
            Err(SendError::Recipient { reason: FailureReason::InvalidAddress, code: None }),
            "{address}"
        );
    }
}

#[test]
fn the_recipient_id_fits_what_meta_returns() {
    assert!(recipient(i32::MAX).to_string().len() <= CALLBACK_DATA_CHARS_MAX);
}

#[test]
fn a_template_with_media_is_refused() {
    let template = template(
        ParameterFormat::Positional,
        &json!([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Hi"}]),
    );
    assert!(matches!(PreparedTemplate::new(&template), Err(NotSendable::Obstacle(_))));
}
