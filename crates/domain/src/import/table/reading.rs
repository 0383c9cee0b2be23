//! From bytes to records: the part that knows encoding and delimiter.

use csv_core::{ReadRecordResult, Reader};
use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};

use super::rows::Rows;
use super::{Row, Shape};
use crate::import::encoding::{self, Encoding};
use crate::import::problem::FileProblem;
use crate::import::{ROW_BYTES_MAX, dialect};

/// Most cells of one row; more are no row of a table.
const CELLS_MAX: usize = 4_096;

#[derive(Debug)]
pub(super) struct Reading {
    /// Bytes at the beginning that are no content: a byte order mark.
    pub(super) skipped: usize,
    decoder: Option<Decoder>,
    decoded: String,
    /// Lines end with a carriage return alone, as on old Macs.
    has_only_returns: bool,
    turned: Vec<u8>,
    csv: Reader,
    record: Vec<u8>,
    record_length: usize,
    ends: Vec<usize>,
    ends_length: usize,
    last_byte: u8,
    /// Bytes of a line that names the delimiter, still to be passed over.
    declaration: usize,
    lines_before: u32,
    pub(super) rows: Rows,
}

impl Reading {
    pub(super) fn new(sample: &[u8]) -> Result<Self, FileProblem> {
        let sniffed = encoding::sniff(sample)?;
        let mut decoder = match sniffed.encoding {
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            Encoding::Utf8 | Encoding::Windows1252 => None,
        };
        let content = &sample[sniffed.mark_bytes.min(sample.len())..];
        let mut text = String::new();
        let content = match &mut decoder {
            Some(decoder) => {
                decode(decoder, content, &mut text, false);
                text.as_bytes()
            }
            None => content,
        };
        let declared = dialect::declared(content);
        let (delimiter, declaration) = declared.unwrap_or_else(|| (dialect::detect(content), 0));
        let has_only_returns = content.contains(&b'\r') && !content.contains(&b'\n');
        Ok(Self {
            skipped: sniffed.mark_bytes.min(sample.len()),
            decoder: decoder.map(|decoder| decoder.encoding().new_decoder_without_bom_handling()),
            decoded: String::new(),
            has_only_returns,
            turned: Vec::new(),
            csv: dialect::reader(delimiter),
            record: vec![0; 4 * 1024],
            record_length: 0,
            ends: vec![0; 64],
            ends_length: 0,
            last_byte: 0,
            declaration,
            lines_before: u32::from(declaration > 0),
            rows: Rows::new(&sniffed, delimiter),
        })
    }

    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(&Shape, Row<'_>),
    ) -> Result<(), FileProblem> {
        match self.decoder.take() {
            Some(mut decoder) => {
                let mut decoded = std::mem::take(&mut self.decoded);
                decode(&mut decoder, bytes, &mut decoded, false);
                self.decoder = Some(decoder);
                let result = self.content(decoded.as_bytes(), take);
                self.decoded = decoded;
                result
            }
            None => self.content(bytes, take),
        }
    }

    pub(super) fn finish(&mut self, take: &mut impl FnMut(&Shape, Row<'_>)) -> Result<(), FileProblem> {
        if let Some(mut decoder) = self.decoder.take() {
            let mut rest = String::new();
            decode(&mut decoder, &[], &mut rest, true);
            self.content(rest.as_bytes(), take)?;
        }
        // An empty input tells the CSV reader that the file ends.
        while self.step(&mut &[][..], take)? {}
        Ok(())
    }

    fn content(&mut self, bytes: &[u8], take: &mut impl FnMut(&Shape, Row<'_>)) -> Result<(), FileProblem> {
        let passed = self.declaration.min(bytes.len());
        self.declaration -= passed;
        let bytes = &bytes[passed..];
        if !self.has_only_returns {
            return self.records(bytes, take);
        }
        let mut turned = std::mem::take(&mut self.turned);
        turned.clear();
        turned.extend(bytes.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }));
        let result = self.records(&turned, take);
        self.turned = turned;
        result
    }

    fn records(&mut self, bytes: &[u8], take: &mut impl FnMut(&Shape, Row<'_>)) -> Result<(), FileProblem> {
        let mut rest = bytes;
        while !rest.is_empty() {
            self.step(&mut rest, take)?;
        }
        Ok(())
    }

    /// Lets the CSV reader go on as far as it can; `false` at the end of the file.
    fn step(
        &mut self,
        rest: &mut &[u8],
        take: &mut impl FnMut(&Shape, Row<'_>),
    ) -> Result<bool, FileProblem> {
        let (result, read, written, ended) = self.csv.read_record(
            rest,
            &mut self.record[self.record_length..],
            &mut self.ends[self.ends_length..],
        );
        if read > 0 {
            self.last_byte = rest[read - 1];
        }
        *rest = &rest[read..];
        self.record_length += written;
        self.ends_length += ended;
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull => {
                if self.record.len() >= ROW_BYTES_MAX {
                    return Err(FileProblem::RowTooLong { line: self.open_line() });
                }
                self.record.resize(self.record.len() * 2, 0);
            }
            ReadRecordResult::OutputEndsFull => {
                if self.ends.len() >= CELLS_MAX {
                    return Err(FileProblem::RowTooLong { line: self.open_line() });
                }
                self.ends.resize(self.ends.len() * 2, 0);
            }
            ReadRecordResult::Record => {
                let line = self.line();
                let record = &self.record[..self.record_length];
                self.rows.record(line, record, &self.ends[..self.ends_length], take)?;
                (self.record_length, self.ends_length) = (0, 0);
            }
            ReadRecordResult::End => return Ok(false),
        }
        Ok(true)
    }

    /// The line in which the record began that just ended.
    fn line(&self) -> u32 {
        self.line_less(u64::from(self.last_byte == b'\n'))
    }

    /// The line in which the record began that is being read.
    fn open_line(&self) -> u32 {
        self.line_less(0)
    }

    fn line_less(&self, after: u64) -> u32 {
        let inside = self.record[..self.record_length].iter().filter(|byte| **byte == b'\n').count() as u64;
        let line = self.csv.line().saturating_sub(inside + after).max(1);
        u32::try_from(line).unwrap_or(u32::MAX).saturating_add(self.lines_before)
    }
}

/// Decodes a chunk; the text replaces what was there.
fn decode(decoder: &mut Decoder, bytes: &[u8], text: &mut String, is_last: bool) {
    text.clear();
    text.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 8));
    let _ = decoder.decode_to_string(bytes, text, is_last);
}
