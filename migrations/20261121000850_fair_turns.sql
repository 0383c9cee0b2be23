-- Campaigns that share a sender take turns: a claim looks at each running dispatch, and in it only at what is due first.

create index dispatches_running on dispatches (workspace_id, channel_account_id, campaign_id, slice)
    where state = 'running';

drop index batches_ready;
create index batches_ready on batches (workspace_id, dispatch_id, not_before, ordinal)
    where state = 'ready';
