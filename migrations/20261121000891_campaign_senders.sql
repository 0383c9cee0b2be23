-- A campaign may leave from several senders side by side.

create table campaign_senders (
    workspace_id uuid not null,
    campaign_id uuid not null,
    channel_account_id uuid not null,
    position integer not null,
    primary key (workspace_id, campaign_id, channel_account_id),
    foreign key (workspace_id, campaign_id) references campaigns (workspace_id, campaign_id) on delete cascade,
    constraint campaign_senders_channel_account
        foreign key (workspace_id, channel_account_id) references channel_accounts (workspace_id, channel_account_id),
    constraint campaign_senders_position_key unique (workspace_id, campaign_id, position)
);
comment on table campaign_senders is
    'Senders that share the audience of a campaign with campaigns.channel_account_id, the main one; of the same business account.';
