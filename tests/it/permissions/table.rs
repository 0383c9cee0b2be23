//! Who may use which endpoint: one row for each.
//!
//! A name in braces stands for something that is made anew for each attempt (see [`super::things`]); `{=word}` stands
//! for the word, where the pattern of the route has a parameter that is no id.

use domain::workspace::Role;

/// Who may use an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Least {
    /// Whoever comes by.
    Anyone,
    /// Whoever has an account.
    SignedIn,
    /// Members of the workspace with this role or above.
    Member(Role),
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub enum Sent {
    /// Nothing: a page is opened or a file downloaded.
    Nothing,
    /// The fields of a form.
    Fields(&'static [(&'static str, &'static str)]),
    /// A form with a file of contacts.
    File,
    /// The handshake of a WebSocket.
    Handshake,
}

/// One endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The path.
    pub path: &'static str,
    /// What is sent there.
    pub sent: Sent,
    /// Who may.
    pub least: Least,
    /// The status for those who may.
    pub answer: u16,
    /// The status for somebody without a session, where it is not the usual one.
    pub to_strangers: Option<u16>,
    /// The status for an owner of another workspace, where it is not the usual one.
    pub to_outsiders: Option<u16>,
    /// Whether it changes what is kept when somebody may.
    pub changes: bool,
}

const fn page(path: &'static str, least: Least) -> Row {
    Row {
        path,
        sent: Sent::Nothing,
        least,
        answer: 200,
        to_strangers: None,
        to_outsiders: None,
        changes: false,
    }
}

const fn form(path: &'static str, least: Least, fields: &'static [(&'static str, &'static str)]) -> Row {
    Row { sent: Sent::Fields(fields), answer: 303, changes: true, ..page(path, least) }
}

impl Row {
    const fn with_file(self) -> Self {
        Self { sent: Sent::File, ..self }
    }

    const fn socket(self) -> Self {
        Self { sent: Sent::Handshake, answer: 101, ..self }
    }

    const fn answers(self, answer: u16) -> Self {
        Self { answer, ..self }
    }

    const fn to_strangers(self, answer: u16) -> Self {
        Self { to_strangers: Some(answer), ..self }
    }

    const fn to_outsiders(self, answer: u16) -> Self {
        Self { to_outsiders: Some(answer), ..self }
    }

    const fn keeps_nothing(self) -> Self {
        Self { changes: false, ..self }
    }

    /// The method of the request.
    pub const fn method(&self) -> &'static str {
        match self.sent {
            Sent::Nothing | Sent::Handshake => "GET",
            Sent::Fields(_) | Sent::File => "POST",
        }
    }

    /// Whether a plain request is made, as opposed to a socket, which is asked for things afterwards.
    pub const fn sent_over_http(&self) -> bool {
        !matches!(self.sent, Sent::Handshake)
    }

    /// Whether the path names something of the workspace.
    pub fn names_something(&self) -> bool {
        self.path.split('{').skip(1).any(|rest| !rest.starts_with('='))
    }
}

use Least::{Anyone, SignedIn};
const VIEWER: Least = Least::Member(Role::Viewer);
const MEMBER: Least = Least::Member(Role::Member);
const ADMIN: Least = Least::Member(Role::Admin);

/// Every endpoint.
pub const ROWS: &[Row] = &[
    // Coming in
    page("/login", Anyone).answers(303).to_strangers(200),
    form("/login", Anyone, &[("email", "nobody@brasa.example"), ("password", "not this one")])
        .keeps_nothing(),
    page("/setup", Anyone).answers(303),
    form(
        "/setup",
        Anyone,
        &[
            ("name", "Mallory"),
            ("email", "mallory@brasa.example"),
            ("password", "winter harvest 2026"),
            ("workspace", "Mine"),
            ("time_zone", "UTC"),
        ],
    )
    .answers(409)
    .keeps_nothing(),
    page("/invitation/{token}", Anyone).to_outsiders(200),
    form("/invitation/{token}", Anyone, &[("password", "short")]).to_outsiders(303).keeps_nothing(),
    form("/sign-out", Anyone, &[]).keeps_nothing(),
    form("/theme", Anyone, &[("theme", "dark")]).keeps_nothing(),
    form("/switch-workspace", SignedIn, &[("workspace", "{workspace}"), ("section", "/")])
        .to_outsiders(404)
        .keeps_nothing(),
    // Settings
    page("/settings", SignedIn),
    form(
        "/settings/password",
        SignedIn,
        &[("present", "winter harvest 2026"), ("password", "winter harvest 2026")],
    ),
    page("/settings/workspace", VIEWER),
    form("/settings/workspace", ADMIN, &[("name", "{new_name}"), ("time_zone", "UTC")]),
    page("/settings/workspace/new", ADMIN),
    form("/settings/workspace/new", ADMIN, &[("name", "{new_name}"), ("time_zone", "UTC")]),
    page("/settings/team", VIEWER),
    form("/settings/team/add", ADMIN, &[("name", "Rui"), ("email", "{new_email}"), ("role", "member")]),
    form("/settings/team/role", ADMIN, &[("user", "{member}"), ("role", "viewer")]).to_outsiders(404),
    form("/settings/team/link", ADMIN, &[("user", "{member}")]).to_outsiders(404),
    form("/settings/team/remove", ADMIN, &[("user", "{member}")]).to_outsiders(404),
    // Campaigns
    page("/", VIEWER),
    page("/campaigns", VIEWER),
    page("/campaigns/new", MEMBER),
    form("/campaigns/new", MEMBER, &[("name", "{new_name}"), ("sender", "")]),
    page("/campaigns/{running}", VIEWER),
    page("/campaigns/{draft}/compose", MEMBER),
    form("/campaigns/{draft}/compose/{=audience}", MEMBER, &[("lists", "{list}")]),
    form("/campaigns/{draft}/launch", MEMBER, &[("key", "{key}"), ("expected", "{audience}")]),
    form("/campaigns/{timed_draft}/schedule", MEMBER, &[("key", "{key}"), ("expected", "{audience}")]),
    form("/campaigns/{scheduled}/unschedule", MEMBER, &[]),
    form("/campaigns/{fresh}/undo", MEMBER, &[]),
    form("/campaigns/{draft}/delete", MEMBER, &[]),
    form("/campaigns/{running}/pause", MEMBER, &[]),
    form("/campaigns/{paused}/resume", MEMBER, &[]),
    form("/campaigns/{running}/cancel", MEMBER, &[]),
    page("/campaigns/{finished}/retry", MEMBER),
    form(
        "/campaigns/{finished}/retry",
        MEMBER,
        &[("what", "unknown"), ("key", "{key}"), ("expected", "{audience}"), ("twice", "on")],
    ),
    page("/api/campaigns/live", VIEWER).socket(),
    // Contacts
    page("/contacts", VIEWER),
    page("/contacts/new", MEMBER),
    form("/contacts/new", MEMBER, &[("name", "Rui"), ("phone", "{new_phone}")]),
    page("/contacts/{contact}", VIEWER),
    page("/contacts/{contact}/edit", MEMBER),
    form("/contacts/{contact}/edit", MEMBER, &[("name", "{new_name}")]),
    // Twice the same click is one, so nobody learns from it what there is.
    form("/contacts/{contact}/delete", MEMBER, &[]).to_outsiders(303),
    form("/contacts/{contact}/opt-out", MEMBER, &[("kind", "phone"), ("value", "{phone}")]),
    form(
        "/contacts/{contact}/consent",
        MEMBER,
        &[
            ("kind", "phone"),
            ("value", "{phone}"),
            ("consent", "agreed"),
            ("source", "Paper form"),
            ("wording", "Send me offers"),
        ],
    ),
    form("/contacts/{contact}/addresses", MEMBER, &[("address", "{new_phone}")]),
    form("/contacts/{contact}/lists", MEMBER, &[("list", "{list}")]),
    form("/contacts/{contact}/lists/remove", MEMBER, &[("list", "{list_with_contact}")]),
    page("/contacts/lists", VIEWER),
    form("/contacts/lists", MEMBER, &[("name", "{new_name}")]),
    form("/contacts/lists/{list}/rename", MEMBER, &[("name", "{new_name}")]),
    // As for a contact.
    form("/contacts/lists/{list}/delete", MEMBER, &[]).to_outsiders(303),
    page("/contacts/suppressions", VIEWER),
    form("/contacts/suppressions", MEMBER, &[("address", "{new_phone}")]),
    form("/contacts/suppressions/lift", MEMBER, &[("kind", "phone"), ("value", "{suppressed}")]),
    // Imports
    page("/contacts/imports", VIEWER),
    page("/contacts/imports/{import}", VIEWER),
    page("/contacts/imports/{import}/problems.csv", VIEWER),
    page("/contacts/import", MEMBER),
    page("/contacts/import/sample.csv", Anyone),
    form("/contacts/import/upload", MEMBER, &[]).with_file(),
    page("/contacts/import/{upload}", MEMBER),
    form(
        "/contacts/import/{upload}/run",
        MEMBER,
        &[("heading-0", "Phone"), ("target-0", "phone"), ("list", "none")],
    ),
    // Templates
    page("/templates", VIEWER),
    page("/templates/{template}", VIEWER),
    form("/templates/sync", MEMBER, &[]),
    // Channels
    page("/channels", VIEWER),
    page("/channels/connect/whatsapp", ADMIN),
    form(
        "/channels/connect/whatsapp",
        ADMIN,
        &[
            ("name", "Roastery"),
            ("phone_number_id", "{number}"),
            ("waba_id", "200000000000001"),
            ("token", "sandbox-token"),
        ],
    ),
    page("/channels/{sender}", VIEWER),
    form("/channels/{sender}/check", MEMBER, &[]),
    form("/channels/{sender}/token", ADMIN, &[("token", "sandbox-token")]),
    page("/channels/{sender}/disconnect", ADMIN),
    form("/channels/{spare_sender}/disconnect", ADMIN, &[]),
];
