//! The thread that reads the file.

use bytes::Bytes;
use domain::Timestamp;
use domain::ids::ContactId;
use domain::import::{
    ConsentClaim, Field, FileProblem, ImportRow, Mapping, Reason, RowParser, Shape, TableReader, Target,
};
use storage::StorageError;
use storage::imports::{ImportProblem, PROBLEMS_MAX, StagedRow, StagedRows};
use tokio::sync::mpsc;

use crate::clock::id_entropy;

/// Rows are handed over in portions of about this size.
const PORTION_BYTES: usize = 256 * 1024;

/// A piece of the file. Without an end the upload broke off.
#[derive(Debug)]
pub(super) enum Piece {
    Bytes(Bytes),
    End,
}

/// What the thread needs to know.
#[derive(Debug)]
pub(super) struct Plan {
    pub mapping: Mapping,
    pub parser: RowParser,
    /// Everybody in the file agreed, as there is no column that says who did.
    pub everyone_agreed: bool,
    pub now: Timestamp,
}

impl Plan {
    /// What a row says about consent.
    fn claim(&self, claim: Option<ConsentClaim>) -> ConsentClaim {
        match claim {
            Some(claim) => claim,
            None if self.everyone_agreed && self.mapping.position(&Target::Consent).is_none() => {
                ConsentClaim::Agreed
            }
            None => ConsentClaim::NotAgreed,
        }
    }
}

/// What the thread found.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub rows: u32,
    pub rejected: u32,
    pub bytes: u64,
    pub problems: Vec<ImportProblem>,
}

/// Why the thread stopped before the end.
#[derive(Debug)]
pub(super) enum Stopped {
    File(FileProblem),
    Encoding(StorageError),
    /// The upload broke off, or nobody takes the rows any more: whoever did that knows why.
    Elsewhere,
}

/// Reads pieces until the end, and hands over rows in portions.
pub(super) fn read(
    plan: &Plan,
    mut pieces: mpsc::Receiver<Piece>,
    portions: &mpsc::Sender<StagedRows>,
) -> Result<Parsed, Stopped> {
    let mut table = TableReader::new();
    let mut stager = Stager::new(plan, portions);
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) => {
                table
                    .feed(&bytes, &mut |shape, row| stager.take(shape, plan.parser.parse(&row)))
                    .map_err(Stopped::File)?;
            }
            Some(Piece::End) => {
                table
                    .finish(&mut |shape, row| stager.take(shape, plan.parser.parse(&row)))
                    .map_err(Stopped::File)?;
                break;
            }
            None => return Err(Stopped::Elsewhere),
        }
        if let Some(stopped) = stager.stopped.take() {
            return Err(stopped);
        }
    }
    if let Some(stopped) = stager.stopped.take() {
        return Err(stopped);
    }
    stager.hand_over()?;
    let mut parsed = stager.parsed;
    parsed.bytes = table.bytes();
    if parsed.rejected == parsed.rows {
        let first =
            parsed.problems.first().map(|problem| format!("line {}: {}", problem.line, problem.reason));
        let first = first.unwrap_or_default();
        return Err(Stopped::File(FileProblem::NothingUsable { rows: parsed.rows, first }));
    }
    Ok(parsed)
}

struct Stager<'a> {
    plan: &'a Plan,
    portions: &'a mpsc::Sender<StagedRows>,
    portion: StagedRows,
    parsed: Parsed,
    is_fitted: bool,
    entropy: [u8; 10],
    stopped: Option<Stopped>,
}

impl<'a> Stager<'a> {
    fn new(plan: &'a Plan, portions: &'a mpsc::Sender<StagedRows>) -> Self {
        Self {
            plan,
            portions,
            portion: StagedRows::default(),
            parsed: Parsed::default(),
            is_fitted: false,
            entropy: id_entropy(),
            stopped: None,
        }
    }

    fn take(&mut self, shape: &Shape, row: ImportRow) {
        if self.stopped.is_none()
            && let Err(stopped) = self.stage(shape, row)
        {
            self.stopped = Some(stopped);
        }
    }

    fn stage(&mut self, shape: &Shape, row: ImportRow) -> Result<(), Stopped> {
        if !self.is_fitted {
            self.plan.mapping.fits(shape).map_err(Stopped::File)?;
            self.is_fitted = true;
        }
        self.parsed.rows += 1;
        for problem in &row.problems {
            self.report(row.line, &problem.field, &problem.reason);
        }
        let Some(contact) = &row.contact else {
            self.parsed.rejected += 1;
            return Ok(());
        };
        let candidate = self.candidate();
        let row = StagedRow { line: row.line, candidate, contact, claim: self.plan.claim(contact.consent) };
        self.portion.push(row).map_err(Stopped::Encoding)?;
        if self.portion.len_bytes() >= PORTION_BYTES { self.hand_over() } else { Ok(()) }
    }

    fn report(&mut self, line: u32, field: &Field, reason: &Reason) {
        if self.parsed.problems.len() < PROBLEMS_MAX {
            self.parsed.problems.push(ImportProblem {
                line: i32::try_from(line).unwrap_or(i32::MAX),
                field: field.as_str().to_owned(),
                reason: reason.to_string(),
            });
        }
    }

    /// The id of the contact if it is new. Ids of one import follow one another in the order of the file, which spares
    /// the indexes; the first and the last bytes keep those of two imports apart.
    fn candidate(&mut self) -> ContactId {
        self.entropy[3..7].copy_from_slice(&self.parsed.rows.to_be_bytes());
        ContactId::mint(self.plan.now, self.entropy)
    }

    fn hand_over(&mut self) -> Result<(), Stopped> {
        let portion = std::mem::take(&mut self.portion);
        if portion.is_empty() {
            return Ok(());
        }
        self.portions.blocking_send(portion).map_err(|_| Stopped::Elsewhere)
    }
}
