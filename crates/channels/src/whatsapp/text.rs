//! Making the text of an answer or a webhook fit for Postgres.

use std::borrow::Cow;

/// The body as text in which no string holds what `text` and `jsonb` refuse: NUL characters and halves of surrogate
/// pairs, both of which JSON may write as escapes. They become the replacement character. Almost every body passes
/// through without a copy.
pub(super) fn storable(body: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(body);
    if !text.contains("\\u0000") && !holds_surrogate_escape(&text) {
        return text;
    }
    Cow::Owned(replace_bad_escapes(&text))
}

fn holds_surrogate_escape(text: &str) -> bool {
    text.as_bytes()
        .windows(4)
        .any(|window| matches!(window, [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F']))
}

fn replace_bad_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match unit(rest) {
            None => rest.char_indices().nth(2).map_or(rest.len(), |(index, _)| index),
            Some(0) => {
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            Some(0xd800..=0xdbff) if matches!(unit(&rest[6..]), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            Some(_) => 6,
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit of the `\uXXXX` escape that the text begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgres_refuses_is_replaced() {
        for (body, text) in [
            (r#"{"a":"plain é"}"#, r#"{"a":"plain é"}"#),
            (r#""a\u0000b""#, r#""a\ufffdb""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\uD83D\uDE00""#, r#""\uD83D\uDE00""#),
            (r#""\ud83dx""#, r#""\ufffdx""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\u0000 \\ud83d""#, r#""\\u0000 \\ud83d""#),
            (r#""\\\u0000""#, r#""\\\ufffd""#),
            (r#""\u00"#, r#""\u00"#),
            (r#""\ud8"#, r#""\ud8"#),
            (r#""\ud83d\"#, r#""\ufffd\"#),
            (r#""\u0000\é"#, r#""\ufffd\é"#),
        ] {
            assert_eq!(storable(body.as_bytes()), text, "{body}");
        }
        assert_eq!(storable(b"a\xffb"), "a\u{fffd}b");
    }
}
