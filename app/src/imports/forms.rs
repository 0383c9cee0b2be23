//! What the pages of imports post to, and the file of what was wrong.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::ids::{ImportId, UploadId};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use service::access::Read;
use service::imports::{self, ImportError, ImportProblem};

use super::report::{field_word, reason_sentence};
use super::{SAMPLE_PATH, upload};
use crate::contacts::places::IMPORTS_PATH;
use crate::error::{AppError, ErrorKind};
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;
use crate::request::RequestContext;

/// Where an uploaded file is imported.
pub(super) fn run_path(id: UploadId) -> String {
    format!("{}/run", super::page::upload_path(id))
}

/// The file of what was wrong with an import.
pub(super) fn problems_path(id: ImportId) -> String {
    format!("{IMPORTS_PATH}/{id}/problems.csv")
}

/// The routes of this feature's files.
pub fn routes() -> FormRoutes {
    FormRoutes::new().get("/contacts/imports/{id}/problems.csv", get_problems).get(SAMPLE_PATH, get_sample)
}

/// Imports a file that was kept. It stands with the uploads, because it may take longer than a form.
pub(super) async fn post_run(path: Path<String>, form: PostedForm) -> Result<Response, AppError> {
    upload::run(path, form).await
}

/// What a browser may hear of a refused import: what is wrong with the file, in full.
pub(super) fn app_error(error: ImportError) -> AppError {
    match error {
        ImportError::File(problem) => AppError::invalid(problem.to_string()),
        ImportError::BrokenOff(_) => AppError::invalid(
            "The upload broke off before the end of the file. Nothing was imported; try again.",
        ),
        ImportError::NoSuchList => AppError::invalid("The list was deleted meanwhile. Choose another one."),
        ImportError::NoSuchUpload => AppError::new(
            ErrorKind::NotFound,
            "The uploaded file is gone: it is kept for a day. Choose it again under Contacts, Import.",
        ),
        ImportError::Reader(error) => AppError::internal(&error),
        ImportError::Storage(error) => error.into(),
    }
}

/// Every column that is known by name, one field of one's own, and numbers with and without a country code.
const SAMPLE: &str = "\u{feff}First name,Last name,Phone,Email,City,Consent\r\n\
    Ana,Ferreira,+351 912 345 678,ana@example.com,Lisbon,yes\r\n\
    Luca,Marini,+39 347 555 0124,,Turin,yes\r\n\
    Maeve,Gallagher,+353 85 012 3456,maeve@example.com,Cork,no\r\n";

async fn get_sample() -> Response {
    let disposition = "attachment; filename=\"contacts-sample.csv\"";
    ([(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, disposition)], SAMPLE).into_response()
}

async fn get_problems(Path(id): Path<String>, request: RequestContext) -> Result<Response, AppError> {
    let access = request.workspace_access::<Read>().await?;
    let id: ImportId = id.parse().map_err(|_| AppError::not_found())?;
    if imports::get(&request.services, &access, id).await?.is_none() {
        return Err(AppError::new(ErrorKind::NotFound, "There is no such import."));
    }
    let problems = imports::all_problems(&request.services, &access, id).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"problems-{id}.csv\"")),
    ];
    Ok((headers, csv(&problems)).into_response())
}

/// With a byte order mark, so that Excel reads it as UTF-8.
fn csv(problems: &[ImportProblem]) -> String {
    let mut text = "\u{feff}Line,Field,Problem\r\n".to_owned();
    for problem in problems {
        let (field, reason) = (field_word(&problem.field), reason_sentence(&problem.reason));
        text.push_str(&format!("{},{},{}\r\n", problem.line, quoted(&field), quoted(&reason)));
    }
    text
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use domain::import::{Checker, ColumnMapping, Mapping};

    use super::*;

    #[test]
    fn the_sample_would_be_imported_whole() {
        let look = domain::import::look(SAMPLE.as_bytes(), true).expect("a table").expect("enough of it");
        let columns = look.guesses.into_iter();
        let columns = columns.map(|guess| ColumnMapping { heading: guess.heading, target: guess.target });
        let mut checker = Checker::new(Mapping::new(columns.collect()).expect("a mapping"), None);
        checker.feed(SAMPLE.as_bytes()).expect("a table");
        checker.finish().expect("a table");
        let tally = &checker.check().tally;
        assert_eq!((tally.rows, tally.ready, tally.agreed), (3, 3, 2));
    }

    #[test]
    fn problems_are_a_table_that_spreadsheets_read() {
        let problems = [ImportProblem {
            line: 4,
            field: "last_exam".into(),
            reason: "it is \"too\" long, sadly".into(),
        }];
        assert_eq!(
            csv(&problems),
            "\u{feff}Line,Field,Problem\r\n4,\"Last exam\",\"It is \"\"too\"\" long, sadly\"\r\n"
        );
    }
}
