-- A provider that cannot be reached is a reason why a campaign stands still.

alter table sender_leases add column unreachable_since timestamptz;
comment on column sender_leases.unreachable_since is
    'As of the last renewal: since when no connection to the provider could be made; null while it is reached.';
