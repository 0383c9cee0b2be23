use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is part of the tree") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the file was just listed")
}

/// A stylesheet without its comments, line by line.
fn lines(css: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    bare.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Whether a number with this unit stands in the text, as in `2px` or `180ms`.
fn has_unit(text: &str, unit: &str) -> bool {
    text.match_indices(unit).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + unit.len()..].chars().next();
        before.is_some_and(|c| c.is_ascii_digit()) && !after.is_some_and(|c| c.is_alphanumeric() || c == '-')
    })
}

#[test]
fn only_the_tokens_hold_raw_values() {
    let mut wrong = Vec::new();
    for path in files(&root().join("style"), "css") {
        if path.ends_with("tokens.css") || path.ends_with("fonts.css") {
            continue;
        }
        for line in lines(&read(&path)) {
            let hex = line.match_indices('#').any(|(at, _)| {
                line[at + 1..].chars().take_while(char::is_ascii_hexdigit).count() >= 3 && line.contains(':')
            });
            let raw = ["oklch(", "rgb(", "rgba(", "hsl(", "data:"].iter().any(|word| line.contains(word));
            let layer = line.strip_prefix("z-index:").is_some_and(|value| !value.contains("var("));
            if hex || raw || layer || has_unit(&line, "px") || has_unit(&line, "ms") {
                wrong.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "raw values outside tokens.css:\n{}", wrong.join("\n"));
}

/// Text runs both ways: what has a logical name must use it.
#[test]
fn properties_are_logical() {
    const PHYSICAL: [&str; 22] = [
        "left",
        "right",
        "top",
        "bottom",
        "width",
        "height",
        "min-width",
        "max-width",
        "min-height",
        "max-height",
        "margin-left",
        "margin-right",
        "margin-top",
        "margin-bottom",
        "padding-left",
        "padding-right",
        "padding-top",
        "padding-bottom",
        "border-left",
        "border-right",
        "border-top",
        "border-bottom",
    ];
    let mut wrong = Vec::new();
    for path in files(&root().join("style"), "css") {
        for line in lines(&read(&path)) {
            let property = line.split(':').next().unwrap_or_default();
            if PHYSICAL.contains(&property)
                || ["text-align: left", "text-align: right"].contains(&line.as_str())
            {
                wrong.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "physical properties:\n{}", wrong.join("\n"));
}

#[test]
fn every_token_that_is_used_is_declared() {
    let mut declared = BTreeSet::new();
    let mut used = BTreeSet::new();
    for path in files(&root().join("style"), "css") {
        for line in lines(&read(&path)) {
            if let Some((name, _)) = line.split_once(':').filter(|(name, _)| name.starts_with("--")) {
                declared.insert(name.to_owned());
            }
            for part in line.split("var(").skip(1) {
                let name = part.split([')', ',']).next().unwrap_or_default();
                used.insert(name.trim().to_owned());
            }
        }
    }
    let missing: Vec<_> = used.difference(&declared).collect();
    assert!(missing.is_empty(), "used but not declared: {missing:?}");
}

#[test]
fn every_stylesheet_is_imported_once() {
    let style = root().join("style");
    let main = read(&style.join("main.css"));
    for path in files(&style, "css") {
        let name = path.strip_prefix(&style).expect("listed below it").display().to_string();
        if name != "main.css" {
            assert_eq!(main.matches(&format!("@import \"{name}\"")).count(), 1, "{name}");
        }
    }
}

/// The content security policy forbids style attributes, so no view may write one.
#[test]
fn no_view_writes_a_style_attribute() {
    let mut wrong = Vec::new();
    for path in files(&root().join("app/src"), "rs") {
        if path.ends_with("style_rules/tests.rs") {
            continue;
        }
        for (index, line) in read(&path).lines().enumerate() {
            let line = line.trim();
            // `style=…` and Leptos' `style:property=…`, but not a field that happens to have the name.
            let attribute = line.match_indices("style").any(|(at, word)| {
                let before = line[..at].chars().next_back();
                let mut after = line[at + word.len()..].chars();
                let assigned = match after.next() {
                    Some('=') => after.next() != Some('='),
                    Some(':') => after.next().is_some_and(|c| c.is_ascii_lowercase()),
                    _ => false,
                };
                assigned && before.is_none_or(|c| c == ' ')
            });
            if attribute && !line.starts_with("//") {
                wrong.push(format!("{}:{}: {line}", path.display(), index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "style attributes:\n{}", wrong.join("\n"));
}
