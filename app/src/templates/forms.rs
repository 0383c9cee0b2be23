//! What the pages of templates post to.

use axum::response::Response;
use service::access::Send;
use service::templates::{self, SyncReport};

use crate::error::AppError;
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;
use crate::shell::Section;
use crate::ui::format::plural;

pub(super) const SYNC_PATH: &str = "/templates/sync";

/// The routes of this feature's forms.
pub fn routes() -> FormRoutes {
    FormRoutes::new().post(SYNC_PATH, post_sync)
}

async fn post_sync(mut form: PostedForm) -> Result<Response, AppError> {
    let page = Section::Templates.path();
    let access = form.request.workspace_access::<Send>().await?;
    let report = templates::sync(&form.request.services, &access).await?;
    if report.problems.is_empty() {
        return form.done_with(page, in_words(&report)).await;
    }
    for problem in &report.problems {
        form.error("", format!("The templates of {} were not read. {}", problem.sender, problem.sentence));
    }
    form.refuse(page).await
}

fn in_words(report: &SyncReport) -> String {
    let read = plural((report.added + report.updated) as u64, "template", "templates");
    let mut words = format!("{read} read from Meta");
    if report.added > 0 {
        words.push_str(&format!(", {} new", report.added));
    }
    if report.removed > 0 {
        words.push_str(&format!(", {} gone", report.removed));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_says_what_changed() {
        let report = SyncReport { added: 1, updated: 11, removed: 0, problems: Vec::new() };
        assert_eq!(in_words(&report), "12 templates read from Meta, 1 new");
        let report = SyncReport { added: 0, updated: 1, removed: 2, problems: Vec::new() };
        assert_eq!(in_words(&report), "1 template read from Meta, 2 gone");
    }
}
