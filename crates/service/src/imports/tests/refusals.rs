//! Files that are refused leave a sentence and nothing else.

use std::fmt;

use futures::StreamExt;

use super::*;

async fn refusal(world: &World, file: &[u8]) -> String {
    let error = world.try_import(request(), file).await.expect_err("a refusal");
    assert_eq!(world.rows().await, 0, "{error}");
    error.to_string()
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_is_no_table_of_contacts_is_refused_with_a_sentence(pool: storage::Pool) {
    let world = world(pool).await;
    let header = "Name,Phone,Email,City,Consent\n";
    for (file, sentence) in [
        (Vec::new(), "The file is empty."),
        (header.as_bytes().to_vec(), "The file has headings but no rows"),
        (b"PK\x03\x04binary".to_vec(), "The file is a spreadsheet workbook"),
        ((0..=255).cycle().take(5_000).collect(), "The file is not a text file"),
        (b"Name,City\nAna,Faro\n".to_vec(), "Line 1 of this file has other columns"),
        (format!("{header}Ana,,,,\nRui,1,,,\n").into_bytes(), "None of the 2 rows can be imported"),
        (
            format!("{header}\"Ana,{}", "1,\n".repeat(500_000)).into_bytes(),
            "The row that begins in line 2 does not end",
        ),
    ] {
        let refused = refusal(&world, &file).await;
        assert!(refused.starts_with(sentence), "{refused}");
    }
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_file_without_phone_or_email_column_names_its_columns(pool: storage::Pool) {
    let world = world(pool).await;
    let request =
        ImportRequest { mapping: mapping(&[("Name", "name"), ("City", "attribute:city")]), ..request() };
    let error = world.try_import(request, b"Name,City\nAna,Faro\n").await.expect_err("a refusal");
    assert!(
        matches!(&error, ImportError::File(FileProblem::NoAddressColumn { columns }) if columns == &["Name", "City"])
    );
    assert_eq!(world.rows().await, 0);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn rows_that_are_ragged_or_in_another_encoding_are_named_and_the_rest_is_imported(pool: storage::Pool) {
    let world = world(pool).await;
    let mut bytes = file(&["Inês,912345678,,,", "Rui,912345679,,", "João,912345670,,,,x"]).into_bytes();
    bytes.extend_from_slice(b"Jos\xe9,912345671,,,\nEva,912345672,,,\n");
    let import = world.try_import(request(), &bytes).await.expect("an import");
    assert_eq!((import.rows_read, import.rows_rejected, import.contacts_created), (5, 3, 2));
    let problems = world.problems(&import).await;
    assert!(problems[0].starts_with("3 (row): it has 4 cells where the headings have 5"), "{problems:?}");
    assert!(problems[1].starts_with("4 (row): it has 6 cells where the headings have 5"), "{problems:?}");
    assert!(problems[2].starts_with("5 (row): it is not written in UTF-8"), "{problems:?}");
}

#[derive(Debug)]
struct CableCut;

impl fmt::Display for CableCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cable was cut")
    }
}

impl std::error::Error for CableCut {}

/// Enough rows for several portions, so that some have been copied when the upload ends.
fn large_file(rows: usize) -> String {
    let rows =
        (0..rows).map(|n| format!("Person {n},91{n:07},p{n}@example.com,Faro,yes")).collect::<Vec<_>>();
    file(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_upload_that_breaks_off_leaves_nothing(pool: storage::Pool) {
    let world = world(pool).await;
    let text = large_file(20_000);
    let pieces =
        text.as_bytes().chunks(64_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect::<Vec<_>>();
    let broken = stream::iter(pieces).take(10).chain(stream::iter([Err(CableCut)]));
    let error =
        import_csv(&world.services, &world.access::<Send>(), request(), broken).await.expect_err("a refusal");
    assert!(matches!(error, ImportError::BrokenOff(_)), "{error}");
    assert_eq!(world.rows().await, 0);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_browser_that_goes_away_leaves_nothing_and_the_connection_can_be_used_again(pool: storage::Pool) {
    let world = world(pool).await;
    let text = large_file(20_000);
    let pieces =
        text.as_bytes().chunks(64_000).map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)));
    let endless = stream::iter(pieces.collect::<Vec<_>>()).take(10).chain(stream::pending());
    let access = world.access::<Send>();
    let import = import_csv(&world.services, &access, request(), Box::pin(endless));
    // The server drops the request when its connection closes.
    let gave_up = tokio::time::timeout(std::time::Duration::from_millis(500), import).await;
    assert!(gave_up.is_err());
    assert_eq!(world.rows().await, 0);
    for _ in 0..20 {
        world.everybody().await;
    }
    assert_eq!(world.import(&["Ana,912345678,,,"]).await.contacts_created, 1);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_large_file_is_imported_whole(pool: storage::Pool) {
    let world = world(pool).await;
    let rows = 200_000;
    let import = world.try_import(request(), large_file(rows).as_bytes()).await.expect("an import");
    let rejected = usize::try_from(import.rows_rejected).expect("a count");
    let created = usize::try_from(import.contacts_created).expect("a count");
    assert_eq!(created + rejected, rows);
    assert_eq!(world.problems(&import).await, [""; 0]);
    let count = contacts::count(&world.services, &world.access()).await.expect("a count");
    assert_eq!((count.counted, count.is_exact), (contacts::COUNTED_MAX, false));
}
