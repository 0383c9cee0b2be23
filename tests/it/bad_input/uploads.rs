//! Files that people upload: over HTTP, as a browser sends them.

use anyhow::Result;
use axum::body::Bytes;
use domain::import::FILE_BYTES_MAX;
use futures::{StreamExt, stream};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, StatusCode};
use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::state;
use crate::world::{Answer, Browser, OWNER, PASSWORD, World};

const PATH: &str = "/contacts/import/upload";
/// Where the columns of most files here go.
const MAPPING: [(&str, &str); 6] = [
    ("heading-0", "Name"),
    ("target-0", "name"),
    ("heading-1", "Phone"),
    ("target-1", "phone"),
    ("country", "PT"),
    ("list", "none"),
];

async fn owner(pool: &PgPool) -> (World, Browser) {
    let world = World::start(pool).await;
    let owner = world.set_up().await;
    (world, owner)
}

fn with_mapping(file: Part) -> Form {
    let form = MAPPING.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
    form.part("file", file.file_name("people.csv"))
}

fn without_mapping(file: Part) -> Form {
    Form::new().part("file", file.file_name("people.csv"))
}

async fn post(owner: &Browser, form: Form) -> Answer {
    owner.post_file(PATH, "text/html", form).await
}

/// Is told this on the page of the form, and nothing is kept.
async fn refused(pool: &PgPool, owner: &Browser, form: Form, sentence: &str) {
    let before = state::of_everything(pool).await;
    let answer = post(owner, form).await;
    assert_eq!(answer.location(), "/contacts/import", "{sentence}: {} {}", answer.status, answer.body);
    let page = owner.get("/contacts/import").await;
    assert!(page.says(sentence), "{sentence:?} is not on the page: {}", page.body);
    let after = state::of_everything(pool).await;
    assert_eq!(state::differences(&before, &after), Vec::<String>::new(), "{sentence}");
}

fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_is_no_table_of_people_is_said_on_the_form(pool: PgPool) -> Result<()> {
    let (_world, owner) = owner(&pool).await;
    let endless = format!("Name,Phone\n\"Ana,{}", "912345678\n".repeat(150_000));
    let wide = format!("{}\n", vec!["Phone"; 300].join(","));
    let zip: Vec<u8> = b"PK\x03\x04".iter().copied().chain((0..=255).cycle().take(5_000)).collect();
    let files: [(Vec<u8>, &str); 8] = [
        (Vec::new(), "The file is empty."),
        (b"\n\n  \n".to_vec(), "The file is empty."),
        (b"Name,Phone\n".to_vec(), "The file has headings but no rows"),
        (zip, "The file is a spreadsheet workbook"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "The file is an image"),
        ((0..=255).cycle().take(5_000).collect(), "The file is not a text file"),
        (wide.into_bytes(), "a file may have 200"),
        (endless.into_bytes(), "The row that begins in line 2 does not end"),
    ];
    for (file, sentence) in files {
        refused(&pool, &owner, with_mapping(Part::bytes(file)), sentence).await;
    }
    let other = Part::bytes(b"City,Fruit\nFaro,Figs\n".to_vec());
    refused(&pool, &owner, with_mapping(other), "has other columns").await;
    let nobody = Part::bytes(b"Name,Phone\nAna,\nRui,1\n".to_vec());
    refused(&pool, &owner, with_mapping(nobody), "None of the 2 rows can be imported").await;
    refused(&pool, &owner, Form::new().text("list", "none"), "Choose a file.").await;
    for file in [Part::bytes(Vec::new()), Part::bytes(b"\x89PNG\r\n\x1a\n".to_vec())] {
        refused(&pool, &owner, without_mapping(file), "The file is ").await;
    }
    Ok(())
}

/// Uploaded without a mapping, its own page says that there is no column to write to.
#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_file_without_a_phone_column_names_its_columns(pool: PgPool) -> Result<()> {
    let (_world, owner) = owner(&pool).await;
    let kept = post(&owner, without_mapping(Part::text("City,Fruit\nFaro,Figs\n"))).await;
    assert!(kept.location().starts_with("/contacts/import/upl_"), "{}", kept.body);
    let page = owner.get(kept.location()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("no column with phone numbers or email addresses"), "{}", page.body);
    let run = format!("{}/run", kept.location());
    let fields = [
        ("heading-0", "City"),
        ("target-0", "attribute:city"),
        ("heading-1", "Fruit"),
        ("target-1", "ignore"),
        ("list", "none"),
    ];
    let before = state::of_everything(&pool).await;
    let answer = owner.post(&run, &fields).await;
    assert!(answer.location().starts_with(kept.location()), "{} {}", answer.status, answer.body);
    let page = owner.get(answer.location()).await;
    assert!(page.says("no column with phone numbers or email addresses"), "{}", page.body);
    assert_eq!(state::differences(&before, &state::of_everything(&pool).await), Vec::<String>::new());
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn mixed_and_ragged_rows_are_named_and_the_rest_is_imported(pool: PgPool) -> Result<()> {
    let (_world, owner) = owner(&pool).await;
    let mut mixed = "Name,Phone\nInês,912345671\nRui\nJoão,912345672,,x\n".as_bytes().to_vec();
    mixed.extend_from_slice(b"Jos\xe9,912345673\n");
    mixed.extend_from_slice("Eva,912345674\n".as_bytes());
    let answer = post(&owner, with_mapping(Part::bytes(mixed))).await;
    let report = owner.get(answer.location()).await;
    assert!(report.says("save the whole file as UTF-8"), "{} {}", answer.status, report.body);
    let problems = owner.get(&format!("{}/problems.csv", answer.location())).await;
    assert_eq!(problems.body.lines().count(), 4, "{}", problems.body);
    let answer = post(&owner, with_mapping(Part::bytes(utf16("Name,Phone\nZoë,912345675\n")))).await;
    assert!(answer.location().starts_with("/contacts/imports/"), "{}", answer.body);
    let mut names: Vec<String> = sqlx::query_scalar("select name from contacts").fetch_all(&pool).await?;
    names.sort();
    assert_eq!(names, ["Eva", "Inês", "Zoë"]);
    Ok(())
}

/// A file of this many bytes, made as it is sent.
fn of_bytes(bytes: u64) -> Part {
    const PIECE: usize = 1024 * 1024;
    let line: &[u8] = b"Ana,912345678\n";
    let piece: Bytes = line.iter().copied().cycle().take(PIECE).collect::<Vec<u8>>().into();
    let pieces = usize::try_from(bytes).expect("it fits into memory addresses") / PIECE;
    let pieces = stream::iter(0..pieces).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
    Part::stream(Body::wrap_stream(pieces))
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_file_above_the_limit_is_told_the_limit(pool: PgPool) -> Result<()> {
    let (_world, owner) = owner(&pool).await;
    let megabytes = FILE_BYTES_MAX / (1024 * 1024);
    let sentence = format!("larger than {megabytes} MB");
    refused(&pool, &owner, with_mapping(of_bytes(FILE_BYTES_MAX + 20 * 1024 * 1024)), &sentence).await;
    let before = state::of_everything(&pool).await;
    let form = with_mapping(of_bytes(FILE_BYTES_MAX + 1024 * 1024));
    let answer = owner.post_file(PATH, "application/json", form).await;
    assert!(answer.says(&sentence), "{} {}", answer.status, answer.body);
    assert_eq!(state::differences(&before, &state::of_everything(&pool).await), Vec::<String>::new());
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_field_beside_the_file_has_a_limit_too(pool: PgPool) -> Result<()> {
    let (_world, owner) = owner(&pool).await;
    let form =
        Form::new().text("source", "x".repeat(200_000)).part("file", Part::text("Phone\n+351912345678\n"));
    let answer = post(&owner, form).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.says("A field of the form is too long."), "{}", answer.body);
    let form =
        Form::new().part("source", Part::bytes(b"\xff\xfe".to_vec())).part("file", Part::text("Phone\n1\n"));
    let answer = post(&owner, form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    let run = "/contacts/import/upl_00000000000000000000000000000000/run";
    let large = vec![b'x'; 2 * 1024 * 1024];
    let answer = owner.post_raw(run, "application/x-www-form-urlencoded", large).await;
    assert_eq!(
        answer.status,
        StatusCode::PAYLOAD_TOO_LARGE,
        "a form without a file is no longer than others"
    );
    Ok(())
}

/// Sends the beginning of an upload that says to be longer, and goes away.
async fn break_off(world: &World, cookie: &str, with_mapping: bool, rows: usize) -> Result<()> {
    let mut body = String::new();
    for (name, value) in MAPPING.iter().filter(|_| with_mapping) {
        body.push_str(&format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\n\r\nName,Phone\n",
    );
    for row in 0..rows {
        body.push_str(&format!("Person {row},91{row:07}\n"));
    }
    let authority = world.origin.trim_start_matches("http://");
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {authority}\r\nOrigin: {}\r\nCookie: {}={cookie}\r\nAccept: text/html\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n",
        world.origin,
        server::router::SESSION_COOKIE,
        body.len() + 1_000,
    );
    let mut socket = TcpStream::connect(authority).await?;
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(body.as_bytes()).await?;
    socket.shutdown().await?;
    // The server closes its side when it has done with the request, one way or another.
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).await?;
    let answer = String::from_utf8_lossy(&rest).to_lowercase();
    let taken = ["location: /contacts/imports/", "location: /contacts/import/upl"];
    assert!(!taken.iter().any(|taken| answer.contains(taken)), "it was taken for a whole file: {answer}");
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn of_an_upload_that_is_cut_off_nothing_is_left(pool: PgPool) -> Result<()> {
    let (world, owner) = owner(&pool).await;
    let cookie = world.browser().sign_in(OWNER, PASSWORD).await.cookie().expect("a session").to_owned();
    let before = state::of_everything(&pool).await;
    for (with_mapping, rows) in [(true, 1), (true, 20_000), (false, 1), (false, 100_000)] {
        break_off(&world, &cookie, with_mapping, rows).await?;
    }
    assert_eq!(state::differences(&before, &state::of_everything(&pool).await), Vec::<String>::new());
    // Nothing was left locked, either.
    let answer = post(&owner, with_mapping(Part::text("Name,Phone\nAna,912345678\n"))).await;
    assert!(answer.location().starts_with("/contacts/imports/"), "{} {}", answer.status, answer.body);
    Ok(())
}
