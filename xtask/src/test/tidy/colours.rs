//! Colours come from the tokens; a raw one elsewhere is one that dark mode forgets.

use super::Source;

/// The one file that may.
const TOKENS: &str = "style/tokens.css";
const FUNCTIONS: &[&str] = &["oklch(", "oklab(", "rgb(", "rgba(", "hsl(", "hsla(", "lch(", "lab("];

pub fn raw(source: &Source) -> Vec<String> {
    let styled = source.extension() == "css" && source.path.starts_with("style/") && source.path != TOKENS;
    // Tests of the styles themselves have to name colours.
    let rendered =
        source.extension() == "rs" && source.path.starts_with("app/") && !source.path.ends_with("/tests.rs");
    if !styled && !rendered {
        return Vec::new();
    }
    let text = if styled { without_comments(&source.text) } else { source.text.clone() };
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        // A browser reads this one before it has any style sheet.
        if line.contains("theme-color") {
            continue;
        }
        let code = if rendered { line.split("//").next().unwrap_or_default() } else { line };
        if let Some(colour) = colour_function(code).or_else(|| hexadecimal(code, rendered)) {
            faults.push(format!("line {}: {colour} belongs into {TOKENS}", number + 1));
        }
    }
    faults
}

fn colour_function(line: &str) -> Option<String> {
    FUNCTIONS.iter().find_map(|function| {
        let at = line.find(function)?;
        // `color-mix(in oklch, …)` mixes tokens, and `oklch(from var(--accent) …)` derives from one.
        let derived = line[at + function.len()..].trim_start().starts_with("from var(");
        let part_of_a_name = line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
        (!derived && !part_of_a_name).then(|| format!("{function}…)"))
    })
}

/// `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa` where a value stands. In Rust only the long forms: `#add` may be a link.
fn hexadecimal(line: &str, long_only: bool) -> Option<String> {
    let lengths: &[usize] = if long_only { &[6, 8] } else { &[3, 4, 6, 8] };
    let values_from = if long_only { 0 } else { line.find(':')? };
    let mut rest = &line[values_from..];
    while let Some(at) = rest.find('#') {
        rest = &rest[at + 1..];
        let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
        let ends = rest[digits..]
            .chars()
            .next()
            .is_none_or(|next| !next.is_alphanumeric() && next != '-' && next != '_');
        if ends && lengths.contains(&digits) {
            return Some(format!("#{}", &rest[..digits]));
        }
    }
    None
}

/// The text with every comment blanked, its lines kept.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        kept.push_str(&rest[..start]);
        let comment = &rest[start..];
        let end = comment.find("*/").map_or(comment.len(), |end| end + 2);
        kept.extend(comment[..end].chars().filter(|character| *character == '\n'));
        rest = &comment[end..];
    }
    kept.push_str(rest);
    kept
}
