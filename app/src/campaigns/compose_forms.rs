//! What the composer posts to: each step saves the draft and leads on.

use axum::extract::Path;
use axum::response::Response;
use domain::campaign::{Audience, CampaignName, IdempotencyKey};
use domain::ids::{CampaignId, ChannelAccountId, ListId, TemplateId};
use domain::schedule::{Schedule, Undo};
use domain::template::VariableMapping;
use service::access::{Read, Send, WorkspaceAccess};
use service::campaigns::{self, Chosen, Draft, DraftError, LaunchError};
use service::{channel_accounts, templates};

use super::compose_steps::Step;
use super::forms::{campaign_id, control_refused};
use super::{compose_schedule, compose_variables};
use crate::error::AppError;
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;
use crate::ui::format::count;

/// The page and the form of a campaign that is not there yet.
pub(super) const NEW_PATH: &str = "/campaigns/new";

/// The routes of the composer's forms.
pub(super) fn routes() -> FormRoutes {
    FormRoutes::new()
        .post(NEW_PATH, post_new)
        .post("/campaigns/{id}/compose/{step}", post_step)
        .post("/campaigns/{id}/launch", post_launch)
        .post("/campaigns/{id}/schedule", post_schedule)
        .post("/campaigns/{id}/unschedule", post_unschedule)
        .post("/campaigns/{id}/delete", post_delete)
}

fn name(form: &mut PostedForm) -> Option<CampaignName> {
    let text = form.text("name");
    CampaignName::parse(&text).map_err(|wrong| form.error("name", wrong.to_string())).ok()
}

/// A choice of one that may be left open. `None` notes that it cannot be read.
#[expect(clippy::option_option, reason = "refused and left open are two different answers")]
fn choice<T: std::str::FromStr>(form: &mut PostedForm, field: &str) -> Option<Option<T>> {
    let text = form.text(field);
    if text.is_empty() {
        return Some(None);
    }
    let chosen = text.parse().ok();
    if chosen.is_none() {
        form.error(field, "Choose one of the list.");
    }
    chosen.map(Some)
}

async fn post_new(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let name = name(&mut form);
    let sender = choice::<ChannelAccountId>(&mut form, "sender");
    let (Some(name), Some(sender)) = (name, sender) else { return form.refuse(NEW_PATH).await };
    let services = form.request.services.clone();
    let further_senders = further_senders(&mut form, &access.require::<Read>()?, sender).await?;
    let Some(further_senders) = further_senders else { return form.refuse(NEW_PATH).await };
    let id = campaigns::create(&services, &access, &name).await?;
    let draft = Draft {
        name,
        channel_account: sender,
        further_senders,
        template: None,
        audience: None,
        variables: VariableMapping::default(),
        schedule: Schedule { undo: Undo::Ten, ..Schedule::default() },
    };
    // The draft is there; a sender that is not is asked for again on its first step.
    match campaigns::save(&services, &access, id, draft).await {
        Ok(()) if sender.is_some() => Ok(form.done(&Step::Template.href(id))),
        Ok(()) | Err(DraftError::Unknown(_)) => Ok(form.done(&Step::Sender.href(id))),
        Err(error) => Err(draft_error(error)),
    }
}

fn draft_error(error: DraftError) -> AppError {
    match error {
        DraftError::NotFound | DraftError::Unknown(_) => AppError::not_found(),
        DraftError::Launched => AppError::conflict(
            "This campaign was launched meanwhile; what it sends cannot be changed any more.",
        ),
        DraftError::Scheduled => {
            AppError::conflict("This campaign is scheduled. Unschedule it to change it.")
        }
        DraftError::Storage(error) => error.into(),
    }
}

async fn post_step(
    Path((id, step)): Path<(String, String)>,
    mut form: PostedForm,
) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let step = Step::parse(&step).filter(|step| *step != Step::Review).ok_or_else(AppError::not_found)?;
    let access = form.request.workspace_access::<Send>().await?;
    let may_read = access.require::<Read>()?;
    let services = form.request.services.clone();
    let chosen = campaigns::chosen(&services, &may_read, id).await?.ok_or_else(AppError::not_found)?;
    let stay = form.ticked("stay");
    let Some(draft) = changed(&mut form, &may_read, &chosen, step, stay).await? else {
        return form.refuse(&step.href(id)).await;
    };
    let has_variables = has_variables(&form, &may_read, draft.template).await?;
    match campaigns::save(&services, &access, id, draft).await {
        Ok(()) if stay => Ok(form.done(&step.href(id))),
        Ok(()) => Ok(form.done(&step.next(has_variables).href(id))),
        Err(DraftError::Launched) => {
            let notice = "This campaign was launched meanwhile; nothing was changed.";
            form.done_with(&format!("/campaigns/{id}"), notice).await
        }
        Err(DraftError::Scheduled) => {
            let notice = "This campaign is scheduled; nothing was changed. Unschedule it to change it.";
            form.done_with(&format!("/campaigns/{id}"), notice).await
        }
        Err(DraftError::Unknown(what)) => {
            form.error("", format!("The {what} you chose was deleted meanwhile. Choose another."));
            form.refuse(&step.href(id)).await
        }
        Err(error) => Err(draft_error(error)),
    }
}

async fn has_variables(
    form: &PostedForm,
    access: &WorkspaceAccess<Read>,
    template: Option<TemplateId>,
) -> Result<bool, AppError> {
    let Some(template) = template else { return Ok(false) };
    let template = templates::get(&form.request.services, access, template).await?;
    Ok(template.is_some_and(|template| !template.as_listed().variables().is_empty()))
}

/// The plan with what this step asks for. `None` notes what is wrong. Whoever only wants to look may leave things open.
async fn changed(
    form: &mut PostedForm,
    access: &WorkspaceAccess<Read>,
    chosen: &Chosen,
    step: Step,
    stay: bool,
) -> Result<Option<Draft>, AppError> {
    let mut draft = Draft::of(&chosen.campaign);
    match step {
        Step::Sender => {
            let name = name(form);
            let sender = choice::<ChannelAccountId>(form, "sender");
            let (Some(name), Some(sender)) = (name, sender) else { return Ok(None) };
            let Some(further) = further_senders(form, access, sender).await? else { return Ok(None) };
            draft.name = name;
            draft.further_senders = further;
            if draft.channel_account != sender {
                draft.channel_account = sender;
                keep_fitting_template(form, access, chosen, &mut draft).await?;
            }
        }
        Step::Template => {
            let Some(template) = choice::<TemplateId>(form, "template") else { return Ok(None) };
            if template.is_none() && !stay {
                form.error("template", "Choose the template that is sent.");
                return Ok(None);
            }
            if draft.template != template {
                draft.template = template;
                draft.variables = VariableMapping::default();
            }
        }
        Step::Audience => {
            let lists: Vec<ListId> = form.all("lists").iter().filter_map(|id| id.parse().ok()).collect();
            if lists.is_empty() && !stay {
                form.error("lists", "Choose at least one list.");
                return Ok(None);
            }
            draft.audience = Some(Audience { lists });
        }
        Step::Variables => {
            let Some(template) = &chosen.template else { return Ok(Some(draft)) };
            let slots = template.as_listed().variables();
            let Some(variables) = compose_variables::read(form, &slots) else { return Ok(None) };
            draft.variables = variables;
        }
        Step::Schedule => {
            let now = form.request.services.clock.now();
            let Some(schedule) = compose_schedule::read(form, now) else { return Ok(None) };
            draft.schedule = schedule;
        }
        Step::Review => {}
    }
    Ok(Some(draft))
}

/// The senders that share the sending with the main one. `None` notes that they do not go together.
async fn further_senders(
    form: &mut PostedForm,
    access: &WorkspaceAccess<Read>,
    main: Option<ChannelAccountId>,
) -> Result<Option<Vec<ChannelAccountId>>, AppError> {
    let ticked: Vec<ChannelAccountId> = form.all("further").iter().filter_map(|id| id.parse().ok()).collect();
    let Some(main) = main.filter(|_| !ticked.is_empty()) else { return Ok(Some(Vec::new())) };
    let mut accounts = Vec::with_capacity(ticked.len() + 1);
    for id in ticked.iter().chain([&main]) {
        let sender = channel_accounts::get(&form.request.services, access, *id).await?;
        accounts.push(sender.and_then(|sender| sender.whatsapp).map(|number| number.waba_id));
    }
    accounts.dedup();
    if accounts.len() > 1 {
        form.error("further", "Senders that share a campaign must belong to the same business account.");
        return Ok(None);
    }
    Ok(Some(ticked))
}

/// Another sender keeps the template only if both belong to the same business account.
async fn keep_fitting_template(
    form: &PostedForm,
    access: &WorkspaceAccess<Read>,
    chosen: &Chosen,
    draft: &mut Draft,
) -> Result<(), AppError> {
    let Some(template) = &chosen.template else { return Ok(()) };
    let sender = match draft.channel_account {
        Some(id) => channel_accounts::get(&form.request.services, access, id).await?,
        None => None,
    };
    let account = sender.and_then(|sender| sender.whatsapp).map(|number| number.waba_id);
    if account.is_some_and(|account| account != template.waba_id) {
        draft.template = None;
        draft.variables = VariableMapping::default();
    }
    Ok(())
}

/// The key of a click and the number of people it was for. `None` notes that the page did not say.
fn clicked(form: &mut PostedForm) -> Option<(IdempotencyKey, i64)> {
    let key = form.text("key").parse::<IdempotencyKey>();
    let expected = form.text("expected").parse::<i64>();
    let (Ok(key), Ok(expected)) = (key, expected) else {
        form.error("", "The page was too old to launch from. Review it once more.");
        return None;
    };
    Some((key, expected))
}

async fn post_schedule(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    let Some((key, expected)) = clicked(&mut form) else { return form.refuse(&Step::Review.href(id)).await };
    match campaigns::schedule(&form.request.services, &access, id, &key, Some(expected)).await {
        Ok(_) => Ok(form.done(&format!("/campaigns/{id}"))),
        Err(error) => launch_refused(form, id, error).await,
    }
}

async fn post_unschedule(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    match campaigns::unschedule(&form.request.services, &access, id).await {
        Ok(()) => form.done_with(&Step::Schedule.href(id), "Unscheduled. It is a draft again.").await,
        Err(error) => control_refused(form, &format!("/campaigns/{id}"), error).await,
    }
}

async fn post_launch(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    let Some((key, expected)) = clicked(&mut form) else { return form.refuse(&Step::Review.href(id)).await };
    match campaigns::launch(&form.request.services, &access, id, &key, Some(expected)).await {
        Ok(launched) => Ok(form.done(&format!("/campaigns/{}", launched.campaign))),
        Err(error) => launch_refused(form, id, error).await,
    }
}

async fn launch_refused(
    mut form: PostedForm,
    id: CampaignId,
    error: LaunchError,
) -> Result<Response, AppError> {
    let sentence = match error {
        LaunchError::NotFound => return Err(AppError::not_found()),
        LaunchError::Storage(error) => return Err(error.into()),
        LaunchError::AlreadyLaunched => {
            let notice = "It was launched or scheduled already; nothing is sent twice.";
            return form.done_with(&format!("/campaigns/{id}"), notice).await;
        }
        LaunchError::NotScheduled | LaunchError::MayNotSend => {
            return Err(AppError::conflict("This campaign cannot be started now. Open it again."));
        }
        LaunchError::TakenBack => {
            "You took this send back. Review it once more, then press the button again.".to_owned()
        }
        LaunchError::NotReady(_) => {
            "Something changed since this page was made. What is to fix is listed below.".to_owned()
        }
        LaunchError::KeyConflict => {
            "This was launched before with other content. Open the campaign to see what was launched."
                .to_owned()
        }
        LaunchError::AudienceChanged { expected, actual } => {
            let people = |people: i64| count(u64::try_from(people).unwrap_or(0));
            format!(
                "The audience changed since you looked: it was {} people, now it is {}. Review it once more.",
                people(expected),
                people(actual)
            )
        }
    };
    form.error("", sentence);
    form.refuse(&Step::Review.href(id)).await
}

async fn post_delete(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    if campaigns::delete_draft(&form.request.services, &access, id).await? {
        form.done_with("/campaigns", "Draft deleted").await
    } else {
        Err(AppError::not_found())
    }
}
