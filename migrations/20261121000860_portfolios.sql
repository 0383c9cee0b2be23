-- How many people a business portfolio may write to in a rolling day, and who was counted. Meta's limit is shared by all
-- numbers of the portfolio, whichever workspaces of this installation they are connected in: so are these tables.

create table portfolios (
    portfolio_id text primary key,
    people_max integer
        constraint portfolios_people_max_not_negative check (people_max >= 0),
    limited_until timestamptz,
    checked_at timestamptz not null
);
comment on table portfolios is
    'Business portfolios at Meta. They belong to no workspace: numbers of one portfolio in several workspaces share its limit.';
comment on column portfolios.portfolio_id is
    'Meta''s id of it, or of the WhatsApp Business account where Meta does not say which portfolio owns that.';
comment on column portfolios.people_max is
    'People it may write to in 24 hours; null without a limit, and while none is known. Then nobody is counted.';
comment on column portfolios.limited_until is
    'When it was used up, the moment at which a place is free again. Until then nothing that needs a new place is claimed.';

create table portfolio_people (
    portfolio_id text not null,
    person bytea not null
        constraint portfolio_people_person_length check (length(person) = 16),
    minute timestamptz not null,
    primary key (portfolio_id, person)
);
create index portfolio_people_minute on portfolio_people (portfolio_id, minute);
comment on table portfolio_people is
    'People counted by a limited portfolio: written with the handover that may reach them, forgotten a day later.';
comment on column portfolio_people.person is
    'The first half of the SHA-256 of the address. No workspace reads this table, and it holds no address of any.';
comment on column portfolio_people.minute is 'The minute of their last handover.';

create table portfolio_minutes (
    portfolio_id text not null references portfolios (portfolio_id),
    minute timestamptz not null,
    people integer not null
        constraint portfolio_minutes_people_not_negative check (people >= 0),
    primary key (portfolio_id, minute)
) with (fillfactor = 50);
comment on table portfolio_minutes is
    'How many rows of portfolio_people have this minute, changed with them: the people of a day are a sum of 1,445 rows.';

alter table whatsapp_numbers add column portfolio_id text references portfolios (portfolio_id);
create index whatsapp_numbers_portfolio on whatsapp_numbers (portfolio_id);
comment on column whatsapp_numbers.portfolio_id is 'Whose limit it shares; null until Graph was asked.';

-- Numbers that are connected already are asked about at once.
update channel_accounts set refresh_claimed_at = now() - interval '1 day' where channel = 'whatsapp';

create function person_digest(address text) returns bytea
    language sql immutable strict parallel safe
    return substring(sha256(convert_to(address, 'UTF8')) for 16);
comment on function person_digest is 'How portfolio_people names the person behind an address.';
