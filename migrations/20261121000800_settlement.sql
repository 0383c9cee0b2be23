-- Since when nobody new became unknown: from then on the settlement window runs.

alter table dispatches add column last_unknown_at timestamptz;
update dispatches d
   set last_unknown_at = (
       select max(r.settled_at) from recipients r
        where r.workspace_id = d.workspace_id and r.dispatch_id = d.dispatch_id and r.state = 'unknown')
 where d.unknown > 0;
comment on column dispatches.last_unknown_at is 'When a recipient last became unknown; null when none ever did.';
