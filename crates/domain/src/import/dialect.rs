//! How a file separates its cells, and whether its first row is headings.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// What may stand between two cells, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many rows of the sample are compared.
const ROWS_COMPARED: usize = 100;

/// A reader of records with this delimiter.
pub(super) fn reader(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// The delimiter a file names in its own first line (`sep=;`, as Excel writes), and the length of that line.
pub(super) fn declared(sample: &[u8]) -> Option<(u8, usize)> {
    let rest = sample.strip_prefix(b"sep=")?;
    let (&delimiter, rest) = rest.split_first()?;
    let end = if rest.starts_with(b"\r\n") { 2 } else { 1 };
    (DELIMITERS.contains(&delimiter) && rest.get(end - 1) == Some(&b'\n')).then_some((delimiter, 5 + end))
}

/// The delimiter under which most rows have as many cells as the first one, more than one if there is a choice.
pub(super) fn detect(sample: &[u8]) -> u8 {
    let mut best = (DELIMITERS[0], 0);
    for delimiter in DELIMITERS {
        let counts = cells_per_row(sample, delimiter);
        let columns = counts.first().copied().unwrap_or(0);
        if columns < 2 {
            continue;
        }
        let agreeing = counts.iter().filter(|count| **count == columns).count();
        // Thousandths of agreement decide; between equals, more columns.
        let score = agreeing * 1_000 / counts.len() * 1_000 + columns.min(999);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

fn cells_per_row(sample: &[u8], delimiter: u8) -> Vec<usize> {
    let mut reader = reader(delimiter);
    let (mut output, mut ends) = (vec![0; sample.len() + 1], vec![0; sample.len() + 2]);
    let (mut counts, mut at, mut cells) = (Vec::new(), 0, 0);
    while counts.len() < ROWS_COMPARED {
        let (result, read, _, ended) = reader.read_record(&sample[at..], &mut output, &mut ends);
        at += read;
        cells += ended;
        match result {
            ReadRecordResult::Record => {
                counts.push(cells);
                cells = 0;
            }
            // The last row of a sample is cut somewhere: it says nothing, unless it is all there is.
            _ => {
                if counts.is_empty() {
                    counts.push(cells + 1);
                }
                break;
            }
        }
    }
    counts
}

/// Whether the first row names the columns: none of its cells is an address.
pub(super) fn is_header<'a>(mut cells: impl Iterator<Item = &'a str>) -> bool {
    !cells.any(|cell| looks_like_email(cell) || looks_like_phone(cell))
}

/// Whether a cell is written like an email address.
pub(super) fn looks_like_email(cell: &str) -> bool {
    cell.parse::<crate::address::EmailAddress>().is_ok()
}

/// Whether a cell is written like a phone number, which a date or an amount is not.
pub(super) fn looks_like_phone(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let is_written_so = cell.chars().all(|c| c.is_ascii_digit() || "+ -().\u{a0}/".contains(c));
    let begins_so = cell.starts_with(['+', '0', '(']) || digits >= 9;
    let is_date = cell.matches(['/', '-', '.']).count() == 2 && digits <= 8;
    is_written_so && begins_so && !is_date && (7..=16).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_makes_a_table() {
        assert_eq!(detect(b"name,phone\nAna,1\n"), b',');
        assert_eq!(detect(b"name;phone\n\"Ferreira, Ana\";1\nB, C;2\n"), b';');
        assert_eq!(detect(b"name\tphone\tnote\nAna\t1\ta, b\n"), b'\t');
        assert_eq!(detect(b"name|phone\nAna|1\n"), b'|');
        assert_eq!(detect(b"phone\n+351 912 345 678\n"), b',');
        assert_eq!(detect(b"a;b,c\n1;2,3\n4;5\n"), b';');
        assert_eq!(detect(b""), b',');
    }

    #[test]
    fn a_file_may_name_its_delimiter() {
        assert_eq!(declared(b"sep=;\r\nname;phone"), Some((b';', 7)));
        assert_eq!(declared(b"sep=,\nname"), Some((b',', 6)));
        assert_eq!(declared(b"separator,phone"), None);
        assert_eq!(declared(b"sep="), None);
    }

    #[test]
    fn headings_hold_no_address() {
        assert!(is_header(["Name", "Phone", "Born 1980"].into_iter()));
        assert!(!is_header(["Ana", "+351 912 345 678"].into_iter()));
        assert!(!is_header(["ana@example.com"].into_iter()));
    }

    #[test]
    fn dates_and_amounts_are_no_phone_numbers() {
        for cell in ["14/03/2025", "2025-03-14", "1234567", "12.50", "PT50 0002", "", "1"] {
            assert!(!looks_like_phone(cell), "{cell}");
        }
        for cell in ["+351912345678", "07700 900142", "(415) 555-2671", "912345678", "351 912 345 678"] {
            assert!(looks_like_phone(cell), "{cell}");
        }
    }
}
