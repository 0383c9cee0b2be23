//! Upload first, map afterwards.

use super::*;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_uploaded_file_is_previewed_imported_and_forgotten(pool: storage::Pool) {
    let world = world(pool).await;
    let access = world.access::<Send>();
    let text = file(&["Ana,912345678,,Faro,yes", "Rui,12,,,"]);
    let id = keep_upload(&world.services, &access, "C:\\lists\\people.csv", body(text.as_bytes()))
        .await
        .expect("kept");

    let preview = preview(&world.services, &access, id, None, "PT".parse().ok()).await.expect("a preview");
    assert_eq!(preview.upload.file_name, "people.csv");
    assert!(!preview.is_partial);
    let check = preview.check.expect("a check");
    assert_eq!((check.tally.ready, check.tally.skipped), (1, 1));

    let import = import_upload(&world.services, &access, id, request()).await.expect("an import");
    assert_eq!((import.contacts_created, import.file_name.as_str()), (1, "people.csv"));
    let gone = import_upload(&world.services, &access, id, request()).await;
    assert!(matches!(gone, Err(ImportError::NoSuchUpload)));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_long_file_is_kept_in_chunks_and_previewed_in_part(pool: storage::Pool) {
    let world = world(pool).await;
    let access = world.access::<Send>();
    let filler = "x".repeat(900);
    let rows = (0..20_000).map(|n| format!("{filler},91{n:07},,,")).collect::<Vec<_>>();
    let text = file(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let pieces =
        text.as_bytes().chunks(70_000).map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)));
    let id = keep_upload(&world.services, &access, "long.csv", stream::iter(pieces.collect::<Vec<_>>()))
        .await
        .expect("kept");
    let preview = preview(&world.services, &access, id, None, "PT".parse().ok()).await.expect("a preview");
    assert!(preview.is_partial);
    assert_eq!(preview.upload.file_bytes, i64::try_from(text.len()).expect("a size"));
    let import = import_upload(&world.services, &access, id, request()).await.expect("an import");
    assert_eq!((import.rows_read, import.file_bytes), (20_000, preview.upload.file_bytes));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_is_no_table_is_not_kept(pool: storage::Pool) {
    let world = world(pool).await;
    let access = world.access::<Send>();
    let refused = keep_upload(&world.services, &access, "a.csv", body(b"%PDF-1.7")).await;
    assert!(matches!(refused, Err(ImportError::File(FileProblem::NotText { .. }))));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_upload_waits_a_day_and_belongs_to_its_workspace(pool: storage::Pool) {
    let mut world = world(pool).await;
    let text = file(&["Ana,912345678,,Faro,yes"]);
    let id = keep_upload(&world.services, &world.access::<Send>(), "a.csv", body(text.as_bytes()))
        .await
        .expect("kept");
    let foreign = preview(&world.services, &world.access_to_theirs::<Send>(), id, None, None).await;
    assert!(matches!(foreign, Err(ImportError::NoSuchUpload)));
    world.later(24 * 3_600 - 1);
    assert_eq!(remove_stale_uploads(&world.services).await.expect("an answer"), 0);
    world.later(2);
    assert_eq!(remove_stale_uploads(&world.services).await.expect("an answer"), 1);
}
