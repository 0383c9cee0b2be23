-- What a user plans.

create table campaigns (
    workspace_id uuid not null references workspaces (workspace_id),
    campaign_id uuid not null,
    name text not null
        constraint campaigns_name_length check (char_length(name) between 1 and 120),
    state text not null
        constraint campaigns_state_known
        check (state in ('draft', 'scheduled', 'running', 'paused', 'finished', 'cancelled')),
    channel_account_id uuid,
    template_id uuid,
    audience jsonb,
    variables jsonb not null default '[]',
    created_by uuid not null references users (user_id),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    launched_by uuid references users (user_id),
    launched_at timestamptz,
    ended_at timestamptz,
    primary key (workspace_id, campaign_id),
    foreign key (workspace_id, channel_account_id) references channel_accounts (workspace_id, channel_account_id),
    foreign key (workspace_id, template_id) references templates (workspace_id, template_id),
    constraint campaigns_launched_once_out_of_draft
        check ((state in ('draft', 'scheduled')) = (launched_at is null) or state = 'cancelled')
);
create index campaigns_newest on campaigns (workspace_id, created_at desc, campaign_id desc);
comment on table campaigns is 'Audience, template, sender and time.';
comment on column campaigns.audience is 'The typed tree of the audience (domain::audience).';
comment on column campaigns.variables is 'For each template variable, where its value comes from and its fallback.';
