//! Which encoding a file is in.

use std::fmt;

use encoding_rs::WINDOWS_1252;
use serde::{Deserialize, Serialize};

use super::problem::{FileKind, FileProblem};

/// How the characters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// UTF-16, least byte first: “Unicode text” of Excel.
    Utf16Le,
    /// UTF-16, most significant byte first.
    Utf16Be,
    /// What Excel writes as “CSV” on a Western European Windows.
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

/// What the first bytes of a file say.
#[derive(Debug)]
pub(super) struct Sniffed {
    pub encoding: Encoding,
    /// Whether a character said so. A file that is ASCII so far is UTF-8 until a row says otherwise.
    pub is_certain: bool,
    /// Bytes of the byte order mark.
    pub mark_bytes: usize,
}

/// First bytes of files that are no text.
const SIGNATURES: [(&[u8], FileKind); 11] = [
    (b"PK\x03\x04", FileKind::Workbook),
    (b"PK\x05\x06", FileKind::Compressed),
    (b"\xd0\xcf\x11\xe0", FileKind::OldWorkbook),
    (b"%PDF", FileKind::Pdf),
    (b"\x89PNG", FileKind::Image),
    (b"\xff\xd8\xff", FileKind::Image),
    (b"GIF8", FileKind::Image),
    (b"\x1f\x8b", FileKind::Compressed),
    (b"7z\xbc\xaf", FileKind::Compressed),
    (b"Rar!", FileKind::Compressed),
    (b"\x28\xb5\x2f\xfd", FileKind::Compressed),
];

/// Looks at the beginning of a file.
pub(super) fn sniff(sample: &[u8]) -> Result<Sniffed, FileProblem> {
    let marked = |encoding, mark_bytes| Ok(Sniffed { encoding, is_certain: true, mark_bytes });
    if let Some((_, kind)) = SIGNATURES.iter().find(|(signature, _)| sample.starts_with(signature)) {
        return Err(FileProblem::NotText { kind: *kind });
    }
    if sample.starts_with(b"\xef\xbb\xbf") {
        return marked(Encoding::Utf8, 3);
    }
    if sample.starts_with(b"\xff\xfe") {
        return marked(Encoding::Utf16Le, 2);
    }
    if sample.starts_with(b"\xfe\xff") {
        return marked(Encoding::Utf16Be, 2);
    }
    if sample.contains(&0) {
        return unmarked_utf16(sample)
            .map_or(Err(FileProblem::NotText { kind: FileKind::Other }), |encoding| {
                Ok(Sniffed { encoding, is_certain: true, mark_bytes: 0 })
            });
    }
    let control = sample.iter().filter(|byte| is_control(**byte)).count();
    if control * 100 > sample.len() {
        return Err(FileProblem::NotText { kind: FileKind::Other });
    }
    Ok(by_majority_of_lines(sample))
}

/// Whether a byte is a control character that no text file has.
pub(super) const fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')
}

/// Text in Latin letters as UTF-16 has a zero in every other byte.
fn unmarked_utf16(sample: &[u8]) -> Option<Encoding> {
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = sample.len() * 2 / 5;
    match (even * 2 > many, odd * 2 > many) {
        (false, true) if even == 0 => Some(Encoding::Utf16Le),
        (true, false) if odd == 0 => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// A file pasted together from two encodings is what most of its lines are; the others are named later.
fn by_majority_of_lines(sample: &[u8]) -> Sniffed {
    let (mut utf8, mut other) = (0_usize, 0_usize);
    let end = sample.iter().rposition(|byte| *byte == b'\n').map_or(sample.len(), |at| at + 1);
    for line in sample[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
        if std::str::from_utf8(line).is_ok() {
            utf8 += 1;
        } else {
            other += 1;
        }
    }
    let encoding = if other > utf8 { Encoding::Windows1252 } else { Encoding::Utf8 };
    Sniffed { encoding, is_certain: utf8 + other > 0, mark_bytes: 0 }
}

/// Decodes a row of a Windows-1252 file cell by cell; `ends` become those of the text.
pub(super) fn decode_windows_1252(
    bytes: &[u8],
    ends: &[usize],
    text: &mut String,
    text_ends: &mut Vec<usize>,
) {
    text.clear();
    text_ends.clear();
    let mut start = 0;
    for &end in ends {
        let (cell, _) = WINDOWS_1252.decode_without_bom_handling(&bytes[start..end]);
        text.push_str(&cell);
        text_ends.push(text.len());
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(sample: &[u8]) -> Result<(Encoding, bool), FileProblem> {
        sniff(sample).map(|sniffed| (sniffed.encoding, sniffed.is_certain))
    }

    #[test]
    fn an_encoding_is_told_by_mark_by_zeros_or_by_its_letters() {
        assert_eq!(encoding(b"\xef\xbb\xbfname"), Ok((Encoding::Utf8, true)));
        assert_eq!(encoding(b"\xff\xfen\0a\0"), Ok((Encoding::Utf16Le, true)));
        assert_eq!(encoding(b"\xfe\xff\0n\0a"), Ok((Encoding::Utf16Be, true)));
        assert_eq!(encoding(b"n\0a\0m\0e\0"), Ok((Encoding::Utf16Le, true)));
        assert_eq!(encoding(b"\0n\0a\0m\0e"), Ok((Encoding::Utf16Be, true)));
        assert_eq!(encoding(b"name\nAna\n"), Ok((Encoding::Utf8, false)));
        assert_eq!(encoding("name\nInês\n".as_bytes()), Ok((Encoding::Utf8, true)));
        assert_eq!(encoding(b"name\nIn\xeas\n"), Ok((Encoding::Windows1252, true)));
        assert_eq!(encoding(b"name\nIn\xeas\nJo\xc3\xa3o\nJo\xc3\xa3o\n"), Ok((Encoding::Utf8, true)));
    }

    #[test]
    fn what_is_no_text_is_refused_by_name() {
        for (sample, kind) in [
            (&b"PK\x03\x04\x14"[..], FileKind::Workbook),
            (b"\xd0\xcf\x11\xe0", FileKind::OldWorkbook),
            (b"%PDF-1.7", FileKind::Pdf),
            (b"\x89PNG\r\n", FileKind::Image),
            (b"\x1f\x8b\x08", FileKind::Compressed),
            (b"ab\0\0\0\0cd", FileKind::Other),
            (b"\x01\x02\x03\x04hello", FileKind::Other),
        ] {
            assert_eq!(encoding(sample), Err(FileProblem::NotText { kind }));
        }
    }
}
