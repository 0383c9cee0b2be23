//! From records to rows of text.

use super::{Cells, Row, Shape};
use crate::import::encoding::{self, Encoding, Sniffed};
use crate::import::problem::{FileProblem, Reason};
use crate::import::{CELL_BYTES_MAX, COLUMNS_MAX, ROWS_MAX, dialect};

/// Longer headings are cut: they are only shown.
const HEADING_CHARACTERS_MAX: usize = 120;

#[derive(Debug)]
pub(super) struct Rows {
    encoding: Encoding,
    is_certain: bool,
    delimiter: char,
    pub(super) shape: Option<Shape>,
    pub(super) count: u32,
    text: String,
    text_ends: Vec<usize>,
}

impl Rows {
    pub(super) fn new(sniffed: &Sniffed, delimiter: u8) -> Self {
        Self {
            encoding: sniffed.encoding,
            is_certain: sniffed.is_certain,
            delimiter: char::from(delimiter),
            shape: None,
            count: 0,
            text: String::new(),
            text_ends: Vec::new(),
        }
    }

    pub(super) fn record(
        &mut self,
        line: u32,
        record: &[u8],
        ends: &[usize],
        take: &mut impl FnMut(&Shape, Row<'_>),
    ) -> Result<(), FileProblem> {
        if record.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        if !self.is_certain && !record.is_ascii() {
            self.is_certain = true;
            if std::str::from_utf8(record).is_err() {
                self.encoding = Encoding::Windows1252;
            }
            if let Some(shape) = &mut self.shape {
                shape.encoding = self.encoding;
            }
        }
        if self.shape.is_none() && self.begin(line, record, ends)? {
            return Ok(());
        }
        self.count += 1;
        if self.count > ROWS_MAX {
            return Err(FileProblem::TooManyRows);
        }
        let Some(shape) = &self.shape else {
            return Ok(());
        };
        let cells = fitting(record, ends, shape.columns.len()).and_then(|(record, ends)| {
            read_cells(self.encoding, record, ends, &mut self.text, &mut self.text_ends)
        });
        take(shape, Row { line, cells });
        Ok(())
    }

    /// Takes the first row for headings, if it is; `true` if so.
    fn begin(&mut self, line: u32, record: &[u8], ends: &[usize]) -> Result<bool, FileProblem> {
        let mut cells = self.headings(record, ends);
        let has_header = dialect::is_header(cells.iter().map(String::as_str));
        if has_header {
            // Spreadsheets write empty cells after the last heading.
            while cells.last().is_some_and(String::is_empty) {
                cells.pop();
            }
        }
        if cells.len() > COLUMNS_MAX {
            return Err(FileProblem::TooManyColumns { line, found: cells.len() });
        }
        for (index, cell) in cells.iter_mut().enumerate() {
            if !has_header || cell.is_empty() {
                *cell = format!("Column {}", index + 1);
            } else if cell.chars().count() > HEADING_CHARACTERS_MAX {
                *cell = cell.chars().take(HEADING_CHARACTERS_MAX).collect();
            }
        }
        self.shape =
            Some(Shape { encoding: self.encoding, delimiter: self.delimiter, has_header, columns: cells });
        Ok(has_header)
    }

    /// The cells of the first row, whatever is wrong with it: a broken letter in a heading is no reason to stop.
    fn headings(&mut self, record: &[u8], ends: &[usize]) -> Vec<String> {
        if self.encoding == Encoding::Windows1252 {
            encoding::decode_windows_1252(record, ends, &mut self.text, &mut self.text_ends);
            let cells = Cells { text: &self.text, ends: &self.text_ends };
            return cells.iter().map(|cell| cell.trim().to_owned()).collect();
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let cells = starts.zip(ends).map(|(start, &end)| String::from_utf8_lossy(&record[start..end]));
        cells.map(|cell| cell.trim().to_owned()).collect()
    }
}

/// Checks the number of cells. Empty cells beyond the last heading are left away.
fn fitting<'a>(
    record: &'a [u8],
    ends: &'a [usize],
    columns: usize,
) -> Result<(&'a [u8], &'a [usize]), Reason> {
    let ragged = Reason::Ragged { found: ends.len(), expected: columns };
    let Some(&end) = columns.checked_sub(1).and_then(|last| ends.get(last)) else {
        return Err(ragged);
    };
    if !record[end..].iter().all(u8::is_ascii_whitespace) {
        return Err(ragged);
    }
    Ok((&record[..end], &ends[..columns]))
}

fn read_cells<'a>(
    encoding: Encoding,
    record: &'a [u8],
    ends: &'a [usize],
    text: &'a mut String,
    text_ends: &'a mut Vec<usize>,
) -> Result<Cells<'a>, Reason> {
    if record.len() > CELL_BYTES_MAX {
        let starts = std::iter::once(0).chain(ends.iter().copied());
        if ends.iter().zip(starts).any(|(end, start)| end - start > CELL_BYTES_MAX) {
            return Err(Reason::CellTooLong);
        }
    }
    if record.iter().any(|byte| encoding::is_control(*byte)) {
        return Err(Reason::NotText);
    }
    let other_encoding = Err(Reason::OtherEncoding { expected: encoding });
    match encoding {
        Encoding::Windows1252 if record.is_ascii() => {}
        // Whoever writes Windows-1252 never writes bytes that are letters in UTF-8.
        Encoding::Windows1252 if std::str::from_utf8(record).is_ok() => return other_encoding,
        Encoding::Windows1252 => {
            encoding::decode_windows_1252(record, ends, text, text_ends);
            return Ok(Cells { text, ends: text_ends });
        }
        Encoding::Utf8 => {}
        Encoding::Utf16Le | Encoding::Utf16Be => {
            // Halves of characters became this sign when they were decoded.
            if record.windows(3).any(|bytes| bytes == "\u{fffd}".as_bytes()) {
                return other_encoding;
            }
        }
    }
    match std::str::from_utf8(record) {
        Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => Ok(Cells { text, ends }),
        _ => other_encoding,
    }
}
