//! From bytes in chunks to rows of text.

use serde::{Deserialize, Serialize};

use super::encoding::Encoding;
use super::problem::{FileProblem, Reason};
use super::{FILE_BYTES_MAX, SAMPLE_BYTES};

mod reading;
mod rows;

use reading::Reading;

/// What a file looks like as a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// How its characters are written, as far as was seen.
    pub encoding: Encoding,
    /// What stands between two cells.
    pub delimiter: char,
    /// Whether the first row names the columns.
    pub has_header: bool,
    /// The headings, or `Column 1`, `Column 2`, … where there are none.
    pub columns: Vec<String>,
}

/// One row below the headings.
#[derive(Debug)]
pub struct Row<'a> {
    /// The line in the file where it begins, from 1.
    pub line: u32,
    /// Its cells, as many as there are headings, or why they cannot be read.
    pub cells: Result<Cells<'a>, Reason>,
}

/// The cells of a row.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Cells<'a> {
    /// A cell by column, from 0; empty if there is no such column.
    pub fn get(&self, column: usize) -> &'a str {
        let start =
            if column == 0 { 0 } else { self.ends.get(column - 1).copied().unwrap_or(self.text.len()) };
        let end = self.ends.get(column).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }

    /// All cells in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        let cells = *self;
        (0..self.ends.len()).map(move |column| cells.get(column))
    }
}

/// Turns the bytes of a file, in chunks of any size, into rows.
///
/// However the bytes are cut, the rows are the same. Blank rows are passed over.
#[derive(Debug)]
pub struct TableReader {
    stage: Stage,
    bytes: u64,
}

#[derive(Debug)]
enum Stage {
    /// Collecting enough to tell encoding and delimiter.
    Sampling(Vec<u8>),
    Reading(Box<Reading>),
    Finished(Option<Shape>),
}

impl Default for TableReader {
    fn default() -> Self {
        Self::new()
    }
}

impl TableReader {
    /// A reader at the beginning of a file.
    pub fn new() -> Self {
        Self { stage: Stage::Sampling(Vec::new()), bytes: 0 }
    }

    /// What the file looks like, once its first row was read.
    pub fn shape(&self) -> Option<&Shape> {
        match &self.stage {
            Stage::Sampling(_) => None,
            Stage::Reading(reading) => reading.rows.shape.as_ref(),
            Stage::Finished(shape) => shape.as_ref(),
        }
    }

    /// How many bytes were read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads on. Each row that became complete is given to `take`.
    pub fn feed(&mut self, bytes: &[u8], take: &mut impl FnMut(&Shape, Row<'_>)) -> Result<(), FileProblem> {
        self.bytes += bytes.len() as u64;
        if self.bytes > FILE_BYTES_MAX {
            return Err(FileProblem::TooLarge);
        }
        match &mut self.stage {
            Stage::Sampling(sample) => {
                sample.extend_from_slice(bytes);
                if sample.len() < SAMPLE_BYTES {
                    return Ok(());
                }
                self.begin(take)
            }
            Stage::Reading(reading) => reading.feed(bytes, take),
            Stage::Finished(_) => Ok(()),
        }
    }

    /// Says that there are no more bytes.
    pub fn finish(&mut self, take: &mut impl FnMut(&Shape, Row<'_>)) -> Result<(), FileProblem> {
        if matches!(self.stage, Stage::Sampling(_)) {
            self.begin(take)?;
        }
        let Stage::Reading(reading) = &mut self.stage else {
            return Ok(());
        };
        reading.finish(take)?;
        let (shape, count) = (reading.rows.shape.take(), reading.rows.count);
        self.stage = Stage::Finished(shape);
        match (self.shape(), count) {
            (None, _) => Err(FileProblem::Empty),
            (Some(_), 0) => Err(FileProblem::NoRows),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, take: &mut impl FnMut(&Shape, Row<'_>)) -> Result<(), FileProblem> {
        let Stage::Sampling(bytes) = &mut self.stage else {
            return Ok(());
        };
        let bytes = std::mem::take(bytes);
        // What is concluded may depend on the sample only, never on how much more came with its last chunk.
        let mut reading = Reading::new(&bytes[..bytes.len().min(SAMPLE_BYTES)])?;
        let result = reading.feed(&bytes[reading.skipped..], take);
        self.stage = Stage::Reading(Box::new(reading));
        result
    }
}
