//! Who belongs to the workspace.

use domain::Timestamp;
use domain::time_zone::TimeZone;
use domain::workspace::{Permission, Role};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use service::access::Read;
use service::accounts::members::{self, Member};
use service::accounts::workspaces;
use service::secrets::ExposeSecret;

use super::settings::{Tab, settings_screen};
use super::settings_forms::{ADD_MEMBER_PATH, NEW_LINK_PATH, REMOVE_MEMBER_PATH, SET_ROLE_PATH};
use crate::error::AppError;
use crate::forms::{FormState, revealed};
use crate::page::signed_in;
use crate::ui::avatar::{Avatar, Hue};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, Size, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::chip::{Chip, Count, Mark};
use crate::ui::dialog::{Dialog, DialogFoot};
use crate::ui::field::{SelectField, SelectOption, TextField};
use crate::ui::form_errors::FormErrors;
use crate::ui::format::date;
use crate::ui::icon::Icon;
use crate::ui::menu::{MenuForm, MenuLink, MenuRule, MoreMenu};
use crate::ui::table::{Rows, Table};
use crate::ui::tone::Tone;

/// What the person who looks may do with the team.
#[derive(Clone, Copy)]
struct Viewpoint {
    user: domain::ids::UserId,
    role: Role,
    zone: TimeZone,
    now: Timestamp,
}

impl Viewpoint {
    /// Only owners touch owners.
    fn may_change(self, touched: Role) -> bool {
        self.role.may(Permission::Administer) && (touched != Role::Owner || self.role == Role::Owner)
    }

    /// The roles this person may give.
    fn roles(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.may_change(*role))
    }
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Member => "Member",
        Role::Admin => "Admin",
        Role::Owner => "Owner",
    }
}

/// The team.
#[component]
pub fn TeamPage() -> impl IntoView {
    let asked_to_remove = use_query_map().get_untracked().get("remove");
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let workspace = workspaces::get(&request.services, &access).await?.ok_or_else(AppError::not_found)?;
        let viewpoint = Viewpoint {
            user: access.user(),
            role: access.role(),
            zone: workspace.time_zone.parse().unwrap_or(TimeZone::UTC),
            now: request.services.clock.now(),
        };
        let team = members::list(&request.services, &access).await?;
        let link = revealed(&request).map(|link| link_banner(link.expose_secret().to_owned()));
        let question = asked_to_remove
            .and_then(|id| team.iter().find(|member| member.user.to_string() == id).cloned())
            .filter(|member| viewpoint.may_change(member.role))
            .map(|member| remove_question(&member, workspace.name.as_str()));
        let count = u64::try_from(team.len()).unwrap_or_default();
        let rows = team.into_iter().map(|member| row(member, viewpoint)).collect_view();
        let add = viewpoint.role.may(Permission::Administer).then(|| add_card(viewpoint));
        let content = view! {
            {link}
            {mistakes()}
            <Card id="team" title="People" end=view! { <Count number=count/> }.into_any()>
                <Table label="People of the workspace" rows=Rows::Tall cards=true>
                    <thead class="vh">
                        <tr>
                            <th scope="col">"Person"</th>
                            <th scope="col">"State"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Card>
            {add}
            {question}
        };
        Ok(settings_screen(Tab::Team, content))
    })
}

/// What was refused about a row of the table.
fn mistakes() -> impl IntoView {
    [SET_ROLE_PATH, REMOVE_MEMBER_PATH, NEW_LINK_PATH]
        .map(|action| {
            FormState::of(action).error("").map(|error| {
                view! {
                    <Banner tone=Tone::Danger alert=true>
                        {error}
                    </Banner>
                }
            })
        })
        .collect_view()
}

fn link_banner(link: String) -> impl IntoView {
    view! {
        <Banner tone=Tone::Positive>
            <strong>"Send this link to the person you added. "</strong>
            "It works once, for seven days, and is not shown again."
            <input class="input mono" readonly aria-label="Invitation link" value=link/>
        </Banner>
    }
}

fn row(member: Member, viewpoint: Viewpoint) -> impl IntoView {
    let id = member.user.to_string();
    let name = member.name.to_string();
    let own = member.user == viewpoint.user;
    let state = state(&member, viewpoint);
    let actions = viewpoint.may_change(member.role).then(|| actions(&member, viewpoint));
    view! {
        <tr>
            <td>
                <div class="row">
                    <Avatar name=name.clone() hue=Hue::of(&id)/>
                    <div class="min0">
                        <b>{name}</b>
                        {own.then_some(" (you)")}
                        <div class="t-3 s-12">{role_name(member.role)} " · " {member.email.as_str().to_owned()}</div>
                    </div>
                </div>
            </td>
            <td>
                <div class="row">
                    <span class="push row row-1">{state} {actions}</span>
                </div>
            </td>
        </tr>
    }
}

fn actions(member: &Member, viewpoint: Viewpoint) -> impl IntoView + use<> {
    let id = member.user.to_string();
    let own = member.user == viewpoint.user;
    let roles = viewpoint
        .roles()
        .filter(|role| *role != member.role)
        .map(|role| {
            let fields = vec![("user", id.clone()), ("role", role.as_str().to_owned())];
            view! {
                <MenuForm action=SET_ROLE_PATH fields=fields>
                    {format!("Make {}", role_name(role).to_lowercase())}
                </MenuForm>
            }
        })
        .collect_view();
    let renew = (!member.joined).then(|| {
        view! {
            <MenuRule/>
            <MenuForm action=NEW_LINK_PATH fields=vec![("user", id.clone())] icon=Icon::Link>
                "New invitation link"
            </MenuForm>
        }
    });
    let remove = format!("{}?remove={id}", Tab::Team.path());
    view! {
        <MoreMenu id=format!("menu-{id}") label=format!("Actions for {}", member.name) size=Size::S>
            {roles}
            {renew}
            <MenuRule/>
            <MenuLink href=remove icon=Icon::Trash>
                {if own { "Leave the workspace…" } else { "Remove…" }}
            </MenuLink>
        </MoreMenu>
    }
}

fn state(member: &Member, viewpoint: Viewpoint) -> AnyView {
    match member.invitation_expires_at.filter(|_| !member.joined) {
        None if member.joined => {
            view! { <Chip tone=Tone::Positive mark=Mark::Icon(Icon::Check)>"Joined"</Chip> }.into_any()
        }
        Some(until) if until > viewpoint.now => {
            let today = viewpoint.zone.local(viewpoint.now).date();
            let until = date(viewpoint.zone.local(until).date(), today);
            view! { <Chip tone=Tone::Caution mark=Mark::Icon(Icon::Clock)>{format!("Invited until {until}")}</Chip> }.into_any()
        }
        _ => view! { <Chip tone=Tone::Danger mark=Mark::Icon(Icon::Cross)>"Invitation ran out"</Chip> }
            .into_any(),
    }
}

fn remove_question(member: &Member, workspace: &str) -> impl IntoView + use<> {
    let id = member.user.to_string();
    let name = member.name.to_string();
    view! {
        <Dialog
            id="remove"
            title=format!("Remove {name} from {workspace}?")
            text="What this person did stays. The next click of this person here leads nowhere."
            open_with_way_back=Tab::Team.path()
        >
            <form method="post" action=REMOVE_MEMBER_PATH>
                <input type="hidden" name="user" value=id/>
                <DialogFoot way_back=Tab::Team.path()>
                    <Button variant=Variant::DangerFill>{format!("Remove {name}")}</Button>
                </DialogFoot>
            </form>
        </Dialog>
    }
}

fn add_card(viewpoint: Viewpoint) -> impl IntoView {
    let form = FormState::of(ADD_MEMBER_PATH);
    let roles =
        viewpoint.roles().map(|role| SelectOption::new(role.as_str(), role_name(role))).collect::<Vec<_>>();
    view! {
        <Card id="add" title="Add a person" hint="You get a link to send">
            <CardBody>
                <form method="post" action=ADD_MEMBER_PATH class="stack stack-4">
                    <FormErrors errors=form.errors()/>
                    <TextField label="Name" name="name" value=form.value("name") error=form.error("name")/>
                    <TextField
                        label="Email"
                        name="email"
                        kind="email"
                        autocomplete="off"
                        value=form.value("email")
                        error=form.error("email")
                    />
                    <SelectField
                        label="Role"
                        name="role"
                        options=roles
                        value=form.value_or("role", Role::Member.as_str())
                        help="Viewers read. Members import and send. Admins connect channels and manage people."
                        error=form.error("role")
                    />
                    <div class="row">
                        <Button variant=Variant::Primary icon=Icon::Plus>"Add person"</Button>
                    </div>
                </form>
            </CardBody>
        </Card>
    }
}
