//! Whole files, as people upload them.

use proptest::prelude::*;

use super::*;
use crate::address::PhoneError;
use crate::address::country::CountryCode;

type ReadRow = (u32, Result<Vec<String>, Reason>);

/// Reads a file in chunks of this many bytes: its shape and its rows, cells or reason.
fn read(file: &[u8], chunk: usize) -> Result<(Shape, Vec<ReadRow>), FileProblem> {
    let mut reader = TableReader::new();
    let mut rows = Vec::new();
    let mut take = |_: &Shape, row: Row<'_>| {
        rows.push((row.line, row.cells.map(|cells| cells.iter().map(str::to_owned).collect())));
    };
    for bytes in file.chunks(chunk.max(1)) {
        reader.feed(bytes, &mut take)?;
    }
    reader.finish(&mut take)?;
    Ok((reader.shape().expect("a file that was read has a shape").clone(), rows))
}

fn rows_of(file: &[u8]) -> Vec<ReadRow> {
    read(file, usize::MAX).expect("a readable file").1
}

fn cells(texts: &[&str]) -> Result<Vec<String>, Reason> {
    Ok(texts.iter().map(|&text| text.to_owned()).collect())
}

/// Imports a file with the guessed mapping: the rows and the tally.
fn import(file: &str, country: &str) -> (Vec<ImportRow>, Tally) {
    let (shape, rows) = read(file.as_bytes(), 7).expect("a readable file");
    let sample = rows.iter().filter_map(|(_, cells)| cells.clone().ok()).collect::<Vec<_>>();
    let columns = guess_mapping(&shape, &sample)
        .into_iter()
        .map(|guess| ColumnMapping { heading: guess.heading, target: guess.target });
    let mapping = Mapping::new(columns.collect()).expect("a guess is a mapping");
    mapping.fits(&shape).expect("a guess fits");
    let parser = RowParser::new(&mapping, country.parse::<CountryCode>().ok());
    let (mut parsed, mut tally) = (Vec::new(), Tally::default());
    let mut reader = TableReader::new();
    let mut take = |_: &Shape, row: Row<'_>| {
        let mut row = parser.parse(&row);
        tally.add(&mut row);
        parsed.push(row);
    };
    reader.feed(file.as_bytes(), &mut take).expect("a readable file");
    reader.finish(&mut take).expect("a readable file");
    (parsed, tally)
}

fn sentences(rows: &[ImportRow]) -> Vec<String> {
    rows.iter().flat_map(|row| &row.problems).map(ToString::to_string).collect()
}

#[test]
fn a_plain_file_is_read() {
    let (shape, rows) = read(b"name,phone\r\nAna,+351912345678\r\n\r\nRui,\r\n", 3).expect("a readable file");
    assert_eq!(shape.columns, ["name", "phone"]);
    assert_eq!((shape.delimiter, shape.has_header, shape.encoding), (',', true, Encoding::Utf8));
    assert_eq!(rows, [(2, cells(&["Ana", "+351912345678"])), (4, cells(&["Rui", ""]))]);
}

#[test]
fn quotes_keep_delimiters_quotes_and_line_breaks() {
    let rows = rows_of(b"name;phone\n\"Ferreira; \"\"Ana\"\"\nLisbon\";1\nRui;2\n");
    assert_eq!(rows, [(2, cells(&["Ferreira; \"Ana\"\nLisbon", "1"])), (4, cells(&["Rui", "2"]))]);
}

#[test]
fn a_file_without_headings_has_numbered_columns() {
    let (shape, rows) = read(b"Ana,+351912345678\nRui,+351912345679", 100).expect("a readable file");
    assert_eq!(
        (shape.columns, shape.has_header),
        (vec!["Column 1".to_owned(), "Column 2".to_owned()], false)
    );
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn every_common_encoding_gives_the_same_rows() {
    let text = "name\tphone\r\nInês\t1\r\n";
    let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let files = [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8),
        ([&b"\xff\xfe"[..], &utf16(u16::to_le_bytes)].concat(), Encoding::Utf16Le),
        ([&b"\xfe\xff"[..], &utf16(u16::to_be_bytes)].concat(), Encoding::Utf16Be),
        (b"name\tphone\r\nIn\xeas\t1\r\n".to_vec(), Encoding::Windows1252),
    ];
    for (file, encoding) in files {
        let (shape, rows) = read(&file, 1).expect("a readable file");
        assert_eq!(shape.encoding, encoding);
        assert_eq!(shape.columns, ["name", "phone"]);
        assert_eq!(rows, [(2, cells(&["Inês", "1"]))], "{encoding}");
    }
}

#[test]
fn a_line_in_another_encoding_is_named() {
    let mostly_utf8 = "name,phone\nInês,1\nJoão,2\nAna,3\n".as_bytes();
    let file = [mostly_utf8, b"Jos\xe9,4\n", "Zoë,5\n".as_bytes()].concat();
    let bad = rows_of(&file).into_iter().filter(|(_, cells)| cells.is_err()).collect::<Vec<_>>();
    assert_eq!(bad, [(5, Err(Reason::OtherEncoding { expected: Encoding::Utf8 }))]);
    let file = [&b"name,phone\nJos\xe9,1\nRen\xe9,2\n"[..], "João,3\n".as_bytes()].concat();
    let bad = rows_of(&file).into_iter().filter(|(_, cells)| cells.is_err()).collect::<Vec<_>>();
    assert_eq!(bad, [(4, Err(Reason::OtherEncoding { expected: Encoding::Windows1252 }))]);
}

#[test]
fn an_encoding_is_settled_by_the_first_letter_that_needs_one_however_late() {
    let mut file = b"name,phone\n".to_vec();
    while file.len() < SAMPLE_BYTES + 10 {
        file.extend_from_slice(b"Ana,1\n");
    }
    file.extend_from_slice(b"Jos\xe9,2\n");
    let (shape, rows) = read(&file, 1_000).expect("a readable file");
    assert_eq!(shape.encoding, Encoding::Windows1252);
    assert_eq!(rows.last().expect("rows").1, cells(&["José", "2"]));
}

#[test]
fn ragged_rows_are_named_and_the_others_kept() {
    let rows = rows_of(b"name,phone,city\nAna,1\nRui,2,Faro,x\nEva,3,Porto,,\n,,\nZoe,4,\n");
    assert_eq!(
        rows,
        [
            (2, Err(Reason::Ragged { found: 2, expected: 3 })),
            (3, Err(Reason::Ragged { found: 4, expected: 3 })),
            (4, cells(&["Eva", "3", "Porto"])),
            (6, cells(&["Zoe", "4", ""])),
        ],
    );
}

#[test]
fn files_that_hold_no_table_are_refused_with_a_sentence() {
    let sentence = |file: &[u8]| read(file, 100).expect_err("no table").to_string();
    assert!(sentence(b"").starts_with("The file is empty."));
    assert!(sentence(b"\xef\xbb\xbf\r\n \r\n").starts_with("The file is empty."));
    assert!(sentence(b"name,phone\n").starts_with("The file has headings but no rows"));
    assert!(sentence(b"PK\x03\x04...").contains("spreadsheet workbook"));
    assert!(sentence(&[0; 1_000]).contains("not a text file"));
    let many = (0..201).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    assert!(sentence(many.as_bytes()).contains("has 201 columns"));
    let open = format!("name,phone\nAna,1\n\"Rui,2\n{}", "x,1\n".repeat(ROW_BYTES_MAX / 3));
    assert!(sentence(open.as_bytes()).contains("begins in line 3 does not end"));
}

#[test]
fn cells_that_cannot_be_kept_are_named() {
    let file = format!("name,phone\n{},1\nA\u{1}na,2\n", "x".repeat(CELL_BYTES_MAX + 1));
    let reasons = rows_of(file.as_bytes()).into_iter().map(|(_, cells)| cells.expect_err("a reason"));
    assert_eq!(reasons.collect::<Vec<_>>(), [Reason::CellTooLong, Reason::NotText]);
}

#[test]
fn lines_may_end_as_on_old_macs_and_the_delimiter_may_be_declared() {
    assert_eq!(rows_of(b"name,phone\rAna,1\rRui,2\r")[1], (3, cells(&["Rui", "2"])));
    assert_eq!(rows_of(b"sep=;\r\nname;phone\r\nAna;1\r\n"), [(3, cells(&["Ana", "1"]))]);
}

#[test]
fn each_problem_of_a_row_is_a_sentence_with_line_and_field() {
    let file = "First,Surname,Mobile no.,E-mail,Consent\n\
                Maeve,Gallagher,07400 123456,maeve@example.com,yes\n\
                Priya,Shah,4.47701E+11,priya@example.com,yes\n\
                Gwen,Pritchard,0161 555 01,gwen@,no\n\
                Tom,Okafor,,,\n\
                Maeve,Galagher,+44 7400 123456,m@example.com,perhaps\n\
                Tom,Okafor,+351 912 345 678,,unsubscribed\n";
    let (rows, tally) = import(file, "GB");
    assert_eq!(
        sentences(&rows),
        [
            "line 3, Phone: a spreadsheet cut this number off; format the column as text and export it again",
            "line 4, Phone: it is 2 digits too short for United Kingdom",
            "line 4, Email: nothing stands after the @",
            "line 5: it has neither a phone number nor an email address",
            "line 6, Consent: neither a yes nor a no; write yes or no",
            "line 6: the same person as in line 2; this later line counts",
        ],
    );
    assert_eq!((tally.rows, tally.ready, tally.noted, tally.skipped, tally.repeated), (6, 2, 2, 2, 1));
    assert_eq!((tally.people(), tally.with_phone, tally.with_email), (3, 3, 3));
    assert_eq!((tally.agreed, tally.opted_out, tally.assumed()), (2, 1, 1));
    let first = rows[0].contact.as_ref().expect("a contact");
    assert_eq!(first.name.as_str(), "Maeve Gallagher");
    assert!(first.phone.as_ref().is_some_and(|phone| phone.country_assumed));
}

#[test]
fn without_a_default_country_no_country_is_guessed() {
    let (rows, tally) = import("phone\n912345678\n+351912345678\n", "");
    assert_eq!(rows[0].problems[0].reason, Reason::Phone(PhoneError::NoCountry));
    assert_eq!((tally.ready, tally.skipped), (1, 1));
}

#[test]
fn a_file_without_any_address_is_refused_by_its_headings() {
    let (shape, _) = read(b"name,city\nAna,Faro\n", 9).expect("a readable file");
    let columns = shape
        .columns
        .iter()
        .map(|heading| ColumnMapping { heading: heading.clone(), target: Target::Ignore });
    let mapping = Mapping::new(columns.collect()).expect("a mapping");
    let problem = mapping.fits(&shape).expect_err("nobody can be reached");
    assert!(problem.to_string().ends_with("Its columns are: name, city."), "{problem}");
}

proptest! {
    /// However a file is cut into chunks, the same rows come out.
    #[test]
    fn chunks_do_not_matter(file in "(\\PC|[,;\"\n\r\t]|é){0,400}", chunk in 1..50_usize) {
        prop_assert_eq!(read(file.as_bytes(), chunk), read(file.as_bytes(), usize::MAX));
    }

    /// Bytes of any kind give rows or a sentence, never a panic, and never a row of the wrong width.
    #[test]
    fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..600), chunk in 1..50_usize) {
        let whole = read(&bytes, usize::MAX);
        prop_assert_eq!(&read(&bytes, chunk), &whole);
        if let Ok((shape, rows)) = whole {
            for row in rows.into_iter().filter_map(|(_, cells)| cells.ok()) {
                prop_assert_eq!(row.len(), shape.columns.len());
            }
        }
    }

    /// What looks like text in UTF-16 gives an answer too.
    #[test]
    fn any_utf16_gives_an_answer(units in prop::collection::vec(any::<u16>(), 0..300), chunk in 1..9_usize) {
        let bytes = std::iter::once(0xfeff).chain(units).flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        prop_assert_eq!(read(&bytes, chunk), read(&bytes, usize::MAX));
    }

    /// A table that was written by the rules comes back as it was.
    #[test]
    fn a_written_table_comes_back(
        table in prop::collection::vec(prop::collection::vec("[a-z ,;\"\n]{0,12}", 3), 1..20),
    ) {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut file = "one,two,three\n".to_owned();
        for row in &table {
            file.push_str(&row.iter().map(quoted).collect::<Vec<_>>().join(","));
            file.push('\n');
        }
        let blank = |row: &&Vec<String>| !row.concat().trim().is_empty();
        let expected = table.iter().filter(blank).cloned().collect::<Vec<_>>();
        match read(file.as_bytes(), 5) {
            Ok((_, rows)) => {
                let rows = rows.into_iter().map(|(_, cells)| cells.expect("cells")).collect::<Vec<_>>();
                prop_assert_eq!(rows, expected);
            }
            Err(problem) => prop_assert!(expected.is_empty() && problem == FileProblem::NoRows),
        }
    }
}
