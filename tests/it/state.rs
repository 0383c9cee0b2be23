//! What a database holds, as a text that can be compared: for proving that a refusal changed nothing.

use sqlx::PgPool;
use uuid::Uuid;

/// A digest per table, sessions left out: of one workspace, or of everything.
const DIGESTS: &str = r"
create or replace function digests(of_workspace uuid) returns text language plpgsql as $$
declare
    found record;
    digest text;
    digests text := '';
begin
    for found in
        select c.relname as name,
               exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id') as of_tenants
          from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and c.relname not in ('sessions', '_sqlx_migrations')
         order by c.relname
    loop
        if found.of_tenants or of_workspace is null then
            execute format('select coalesce(md5(string_agg(r::text, chr(10) order by r::text)), ''-'') from %I r where %s',
                           found.name,
                           case when of_workspace is null then 'true' else format('workspace_id = %L', of_workspace) end)
               into digest;
            digests := digests || found.name || ' ' || digest || chr(10);
        end if;
    end loop;
    return digests;
end
$$";

/// Everything the database holds.
pub async fn of_everything(pool: &PgPool) -> String {
    of(pool, None).await
}

/// What the database holds of one workspace.
pub async fn of_workspace(pool: &PgPool, workspace: Uuid) -> String {
    of(pool, Some(workspace)).await
}

async fn of(pool: &PgPool, workspace: Option<Uuid>) -> String {
    sqlx::raw_sql(DIGESTS).execute(pool).await.expect("the function is made");
    sqlx::query_scalar("select digests($1)").bind(workspace).fetch_one(pool).await.expect("digests")
}

/// The tables in which two states differ.
pub fn differences(before: &str, after: &str) -> Vec<String> {
    let pairs = before.lines().zip(after.lines()).filter(|(before, after)| before != after);
    pairs.map(|(before, _)| before.split(' ').next().unwrap_or_default().to_owned()).collect()
}
