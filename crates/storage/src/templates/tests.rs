use domain::account::WorkspaceName;
use serde_json::json;
use sqlx::PgPool;

use super::*;
use crate::workspaces::{self, Workspace};

const WABA: &str = "200000000000001";

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_795_000_000 + second, 0).expect("a valid instant")
}

fn workspace(n: u8) -> WorkspaceId {
    WorkspaceId::mint(at(0), [n; 10])
}

async fn seeded(pool: &PgPool) -> crate::Tx {
    let mut tx = pool.begin().await.expect("a transaction");
    for n in [1, 2] {
        let name: WorkspaceName = format!("Workspace {n}").parse().expect("a name");
        let new = Workspace { id: workspace(n), name, time_zone: "UTC".to_owned(), default_country: None };
        workspaces::insert(&mut tx, &new, at(0)).await.expect("inserted");
    }
    tx
}

fn synced(n: u8, name: &str, language: &str, state: &str, body: &str) -> SyncedTemplate {
    SyncedTemplate {
        id: TemplateId::mint(at(i64::from(n)), [n; 10]),
        provider_template_id: format!("9{n}"),
        name: name.to_owned(),
        language: language.to_owned(),
        category: "MARKETING".to_owned(),
        state: state.to_owned(),
        parameter_format: "POSITIONAL".to_owned(),
        components: json!([{"type": "BODY", "text": body}]),
        rejected_reason: (state == "REJECTED").then(|| "INVALID_FORMAT".to_owned()),
        quality: None,
    }
}

fn all() -> TemplateQuery {
    TemplateQuery { templates_max: 100, ..TemplateQuery::default() }
}

fn names(templates: &[Template]) -> Vec<(&str, &str)> {
    templates.iter().map(|template| (template.name.as_str(), template.language.as_str())).collect()
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_sync_adds_updates_and_marks_what_is_gone(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    let first = [
        synced(1, "b", "en", "APPROVED", "one"),
        synced(2, "a", "pt_BR", "PENDING", "two"),
        synced(3, "a", "en", "REJECTED", "three"),
    ];
    let found = upsert(&mut tx, workspace(1), WABA, &first, at(10)).await.expect("synced");
    assert_eq!(found, Upserted { added: 3, updated: 0 });
    let listed = list(&mut tx, workspace(1), &all()).await.expect("listed");
    assert_eq!(names(&listed), [("a", "en"), ("a", "pt_BR"), ("b", "en")]);
    assert_eq!(listed[0].rejected_reason.as_deref(), Some("INVALID_FORMAT"));

    // The second time one is approved, one is gone, and one is listed twice, as a shifting page does.
    let second = [
        synced(4, "a", "pt_BR", "PENDING", "two"),
        synced(5, "b", "en", "APPROVED", "changed"),
        synced(6, "a", "pt_BR", "APPROVED", "two"),
    ];
    let found = upsert(&mut tx, workspace(1), WABA, &second, at(20)).await.expect("synced");
    assert_eq!(found, Upserted { added: 0, updated: 2 });
    assert_eq!(mark_removed(&mut tx, workspace(1), WABA, at(20)).await.expect("marked"), 1);
    let listed = list(&mut tx, workspace(1), &all()).await.expect("listed");
    assert_eq!(names(&listed), [("a", "pt_BR"), ("b", "en")]);
    assert_eq!(listed[0].state, TemplateState::Approved);
    assert_eq!(listed[1].id, first[0].id, "a template keeps its id");
    assert_eq!(listed[1].content().expect("there"), listed[1].as_listed());

    let gone = get(&mut tx, workspace(1), first[2].id).await.expect("read").expect("kept");
    assert_eq!(gone.content(), Err(NotSendable::Removed));

    // And it comes back under its old id.
    upsert(&mut tx, workspace(1), WABA, &first, at(30)).await.expect("synced");
    assert_eq!(get(&mut tx, workspace(1), first[2].id).await.expect("read").expect("there").removed_at, None);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn templates_are_filtered_paged_and_counted(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    let templates: Vec<_> = (0..7)
        .map(|n| synced(n, &format!("promo_{n}"), "en", if n % 2 == 0 { "APPROVED" } else { "PENDING" }, "x"))
        .collect();
    upsert(&mut tx, workspace(1), WABA, &templates, at(10)).await.expect("synced");
    upsert(&mut tx, workspace(1), "200000000000002", &[synced(8, "promo_0", "en", "APPROVED", "y")], at(10))
        .await
        .expect("synced");
    let mut of = async |query: TemplateQuery| -> usize {
        list(&mut tx, workspace(1), &query).await.expect("listed").len()
    };
    assert_eq!(of(all()).await, 8);
    assert_eq!(of(TemplateQuery { state: Some(TemplateState::Pending), ..all() }).await, 3);
    assert_eq!(of(TemplateQuery { waba_id: Some(WABA.to_owned()), ..all() }).await, 7);
    assert_eq!(of(TemplateQuery { search: Some("O_6".to_owned()), ..all() }).await, 1);
    assert_eq!(of(TemplateQuery { search: Some("%".to_owned()), ..all() }).await, 0);
    let page =
        list(&mut tx, workspace(1), &TemplateQuery { templates_max: 1, ..all() }).await.expect("listed");
    let after = TemplateCursor {
        name: page[0].name.clone(),
        language: page[0].language.clone(),
        waba_id: page[0].waba_id.clone(),
    };
    let rest =
        list(&mut tx, workspace(1), &TemplateQuery { after: Some(after), ..all() }).await.expect("listed");
    assert_eq!(rest.len(), 7);
    assert_eq!(
        count_by_state(&mut tx, workspace(1)).await.expect("counted"),
        [(TemplateState::Approved, 5), (TemplateState::Pending, 3)]
    );
    let synced_at = last_synced(&mut tx, workspace(1)).await.expect("read");
    assert_eq!(synced_at.len(), 2);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_same_content_is_frozen_once(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    let template = synced(1, "promo", "en", "APPROVED", "Hi {{1}}");
    upsert(&mut tx, workspace(1), WABA, std::slice::from_ref(&template), at(10)).await.expect("synced");
    let read = get(&mut tx, workspace(1), template.id).await.expect("read").expect("there");
    let content = read.content().expect("there");
    let first = freeze(&mut tx, workspace(1), template.id, &content, at(11), [1; 10]).await.expect("frozen");
    let again = freeze(&mut tx, workspace(1), template.id, &content, at(12), [2; 10]).await.expect("frozen");
    assert_eq!(first, again);
    let mut other = content.clone();
    other.footer = Some("Reply STOP".to_owned());
    let changed = freeze(&mut tx, workspace(1), template.id, &other, at(13), [3; 10]).await.expect("frozen");
    assert_ne!(first, changed);
    assert_eq!(version(&mut tx, workspace(1), first).await.expect("read"), Some(content));
    assert_eq!(version(&mut tx, workspace(1), changed).await.expect("read"), Some(other));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn another_workspace_sees_nothing(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    let template = synced(1, "promo", "en", "APPROVED", "Hi");
    upsert(&mut tx, workspace(1), WABA, std::slice::from_ref(&template), at(10)).await.expect("synced");
    let content = get(&mut tx, workspace(1), template.id).await.expect("read").expect("there").as_listed();
    let frozen = freeze(&mut tx, workspace(1), template.id, &content, at(11), [1; 10]).await.expect("frozen");
    let other = workspace(2);
    assert_eq!(get(&mut tx, other, template.id).await.expect("read"), None);
    assert_eq!(list(&mut tx, other, &all()).await.expect("listed"), []);
    assert_eq!(count_by_state(&mut tx, other).await.expect("counted"), []);
    assert_eq!(version(&mut tx, other, frozen).await.expect("read"), None);
    assert_eq!(mark_removed(&mut tx, other, WABA, at(99)).await.expect("marked"), 0);
    // The same template of the same account may be known to two workspaces.
    upsert(&mut tx, other, WABA, &[synced(2, "promo", "en", "APPROVED", "Hi")], at(10))
        .await
        .expect("synced");
    assert!(freeze(&mut tx, other, template.id, &content, at(12), [2; 10]).await.is_err());
}
