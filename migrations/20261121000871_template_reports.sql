-- States of templates that the provider reports by itself come in any order.

alter table templates add column state_reported_at timestamptz;
comment on column templates.state_reported_at is 'When the provider reported the state by itself, by its own clock; null when only syncs told it.';
