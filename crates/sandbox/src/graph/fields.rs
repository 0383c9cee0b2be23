//! The `fields` parameter of a read: `a,b{c,d},e.limit(3)`.

use serde_json::{Map, Value};

use super::error::GraphError;

/// One wanted field and what is wanted inside it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    inner: Vec<Field>,
}

/// Reads a `fields` value. Arguments in parentheses (`preview.invalidate(false)`) are skipped.
pub(crate) fn parse(text: &str) -> Result<Vec<Field>, GraphError> {
    split_top_level(text)?
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (head, inner) = match part.split_once('{') {
                Some((head, rest)) => (head, parse(rest.strip_suffix('}').ok_or_else(syntax_error)?)?),
                None => (part, Vec::new()),
            };
            let name = head.split(['.', '(']).next().unwrap_or(head).trim();
            Ok(Field { name: name.to_owned(), inner })
        })
        .collect()
}

/// Takes the wanted fields out of an object; an unknown one fails the whole read. `id` always comes along.
pub(crate) fn select(object: &Map<String, Value>, wanted: &[Field], node: &str) -> Result<Value, GraphError> {
    let mut selected = Map::new();
    for field in wanted {
        let value = object.get(&field.name).ok_or_else(|| {
            GraphError::invalid(format!(
                "Tried accessing nonexistent field ({}) on node type ({node})",
                field.name
            ))
        })?;
        selected.insert(field.name.clone(), narrow(value, &field.inner));
    }
    if let Some(id) = object.get("id") {
        selected.insert("id".to_owned(), id.clone());
    }
    Ok(Value::Object(selected))
}

fn narrow(value: &Value, wanted: &[Field]) -> Value {
    match value {
        _ if wanted.is_empty() => value.clone(),
        Value::Object(object) => {
            let kept = wanted.iter().filter_map(|field| {
                object.get(&field.name).map(|inner| (field.name.clone(), narrow(inner, &field.inner)))
            });
            Value::Object(kept.collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(|value| narrow(value, wanted)).collect()),
        _ => value.clone(),
    }
}

fn split_top_level(text: &str) -> Result<Vec<&str>, GraphError> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (position, character) in text.char_indices() {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.checked_sub(1).ok_or_else(syntax_error)?,
            ',' if depth == 0 => {
                parts.push(&text[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    if depth != 0 {
        return Err(syntax_error());
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn syntax_error() -> GraphError {
    GraphError::generic(400, 2500, None, "Syntax error in the fields parameter")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{parse, select};

    #[test]
    fn nested_fields_narrow_what_they_name() {
        let object = json!({ "id": "1", "name": "n", "throughput": { "level": "HIGH", "extra": 1 } });
        let fields = parse("name, throughput{level}").expect("well formed");
        let selected = select(object.as_object().expect("an object"), &fields, "Node").expect("known fields");
        assert_eq!(selected, json!({ "id": "1", "name": "n", "throughput": { "level": "HIGH" } }));
    }

    #[test]
    fn one_unknown_field_fails_the_whole_read() {
        let object = json!({ "id": "1", "name": "n" });
        let fields = parse("name,messaging_limit_tier").expect("well formed");
        let error =
            select(object.as_object().expect("an object"), &fields, "Node").expect_err("unknown field");
        assert_eq!(error.code, 100);
        assert!(parse("a{b").is_err() && parse("a}").is_err());
    }
}
