//! The markup of chat messages: `*bold*`, `_italic_`, `~struck~`, `` `code` `` and triple backticks, as WhatsApp
//! shows them. Marks count only around words, so `2 * 3 * 4` stays what it is.

#[cfg(test)]
mod tests;

/// A stretch of text of one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The text.
    pub text: String,
    /// It came from the person's own data, and is tinted.
    pub personal: bool,
}

impl Run {
    /// Text of the template.
    pub fn fixed(text: impl Into<String>) -> Self {
        Self { text: text.into(), personal: false }
    }

    /// The value of a variable.
    pub fn personal(text: impl Into<String>) -> Self {
        Self { text: text.into(), personal: true }
    }
}

/// How a piece of text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Struck through.
    pub strike: bool,
    /// In a fixed pitch.
    pub mono: bool,
}

/// Text of one origin and style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text, without line breaks.
    pub text: String,
    /// It came from the person's own data.
    pub personal: bool,
    /// How it is set.
    pub style: Style,
}

#[derive(Clone, Copy)]
struct Letter {
    char: char,
    personal: bool,
    style: Style,
}

/// The message as paragraphs of lines of pieces. Empty lines divide paragraphs.
#[must_use]
pub fn paragraphs(runs: &[Run]) -> Vec<Vec<Vec<Piece>>> {
    let letters: Vec<Letter> = runs
        .iter()
        .flat_map(|run| {
            run.text.chars().map(|char| Letter { char, personal: run.personal, style: Style::default() })
        })
        .collect();
    let mut styled = Vec::with_capacity(letters.len());
    apply(&letters, Style::default(), &mut styled);
    let mut paragraphs = Vec::new();
    let mut lines = Vec::new();
    for line in styled.split(|letter| letter.char == '\n') {
        if line.iter().all(|letter| letter.char.is_whitespace()) {
            if !lines.is_empty() {
                paragraphs.push(std::mem::take(&mut lines));
            }
        } else {
            lines.push(pieces(line));
        }
    }
    if !lines.is_empty() {
        paragraphs.push(lines);
    }
    paragraphs
}

/// Removes the marks and sets the style of what they enclose.
fn apply(letters: &[Letter], style: Style, out: &mut Vec<Letter>) {
    let mut at = 0;
    while at < letters.len() {
        if let Some((inner, next, inner_style)) = enclosed(letters, at, style) {
            if inner_style.mono {
                // Inside code nothing else is a mark.
                out.extend(letters[inner].iter().map(|letter| Letter { style: inner_style, ..*letter }));
            } else {
                apply(&letters[inner], inner_style, out);
            }
            at = next;
        } else {
            out.push(Letter { style, ..letters[at] });
            at += 1;
        }
    }
}

/// If a mark opens at `at` and is closed: what it encloses, where the text goes on, and the style of the inside.
fn enclosed(letters: &[Letter], at: usize, style: Style) -> Option<(std::ops::Range<usize>, usize, Style)> {
    let fence =
        |from: usize| letters.get(from..from + 3).is_some_and(|three| three.iter().all(|l| l.char == '`'));
    if fence(at) {
        let end = (at + 4..letters.len()).find(|&end| fence(end))?;
        return Some((at + 3..end, end + 3, Style { mono: true, ..style }));
    }
    let mark = letters[at].char;
    let inside = match mark {
        '*' => Style { bold: true, ..style },
        '_' => Style { italic: true, ..style },
        '~' => Style { strike: true, ..style },
        '`' => Style { mono: true, ..style },
        _ => return None,
    };
    let opens = (at == 0 || !letters[at - 1].char.is_alphanumeric())
        && letters.get(at + 1).is_some_and(|next| !next.char.is_whitespace() && next.char != mark);
    if !opens {
        return None;
    }
    let end = (at + 2..letters.len()).take_while(|&end| letters[end].char != '\n').find(|&end| {
        letters[end].char == mark
            && !letters[end - 1].char.is_whitespace()
            && letters.get(end + 1).is_none_or(|after| !after.char.is_alphanumeric())
    })?;
    Some((at + 1..end, end + 1, inside))
}

fn pieces(line: &[Letter]) -> Vec<Piece> {
    line.chunk_by(|a, b| a.personal == b.personal && a.style == b.style)
        .map(|letters| Piece {
            text: letters.iter().map(|letter| letter.char).collect(),
            personal: letters[0].personal,
            style: letters[0].style,
        })
        .collect()
}
