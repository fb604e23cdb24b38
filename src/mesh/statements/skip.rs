//! What a transaction holds that a node cannot apply, and how the node leaves it out.

use crate::mesh::facts::Which;
use crate::mesh::model::{Method, subscription};
use crate::postgresql::Lsn;
use crate::postgresql::sql::{identifier, literal};

/// How many changes are told one by one.
pub const TOLD: usize = 200;

/// Asks the provider, in the database; the answer is JSON. It reads through a copy of the reader's slot, which goes with the
/// session, and as pglogical reads: what came from other nodes is left out.
pub fn show(method: Method, which: &Which) -> String {
    let (slot, upto) = (literal(&which.slot), literal(&which.failing.commit.to_string()));
    let xid = which.failing.xid;
    let before = before(method);
    format!(
        "SELECT 'galactl_peek_' || pg_backend_pid() AS peek \\gset
SELECT slot_name AS made FROM pg_copy_logical_replication_slot({slot}, :'peek', true, 'test_decoding') \\gset
WITH any_of AS MATERIALIZED (
    SELECT row_number() OVER () AS number, lsn, xid, data FROM pg_logical_slot_peek_changes(:'peek', {upto}::pg_lsn + 1, NULL,
        'include-xids', '1', 'include-timestamp', '1', 'only-local', '1', 'skip-empty-xacts', '1')),
row_of AS (SELECT * FROM any_of WHERE xid::text = '{xid}'),
change AS (SELECT * FROM row_of WHERE data NOT LIKE 'BEGIN %' AND data NOT LIKE 'COMMIT %')
SELECT jsonb_build_object(
    'before', {before},
    'end', (SELECT lsn FROM row_of WHERE data LIKE 'COMMIT %'),
    'committed', (SELECT data FROM row_of WHERE data LIKE 'COMMIT %'),
    'count', (SELECT count(*) FROM change),
    'changes', (SELECT coalesce(jsonb_agg(CASE WHEN length(data) > 400 THEN left(data, 400) || '…' ELSE data END ORDER BY number), '[]')
        FROM (SELECT * FROM change ORDER BY number LIMIT {TOLD}) AS first_ones),
    'kinds', (SELECT coalesce(jsonb_object_agg(kind, count), '{{}}')
        FROM (SELECT coalesce(substring(data FROM '^table (.*?: [A-Z]+):'), 'other') AS kind, count(*) FROM change GROUP BY 1) AS kinds),
    'digest', (SELECT md5(coalesce(string_agg(data, E'\\n' ORDER BY number), '')) FROM change))
WHERE EXISTS (SELECT FROM row_of WHERE data LIKE 'COMMIT %');\n"
    )
}

/// Where the last of the transactions ends that come before this one and have something for the reader, as an expression of SQL.
/// A skip of pglogical's goes over all of them. One that changes only tables that are not sent moves nothing at the reader.
///
/// PostgreSQL's own skip leaves out exactly the transaction that it names, or nothing.
fn before(method: Method) -> &'static str {
    if method == Method::Native {
        return "NULL";
    }
    "(SELECT max(lsn) FROM any_of WHERE data LIKE 'COMMIT %' AND number < (SELECT min(number) FROM row_of)
        AND xid::text IN (SELECT xid::text FROM any_of WHERE data NOT LIKE 'BEGIN %' AND data NOT LIKE 'COMMIT %'
            AND coalesce(substring(data FROM '^table (.*?): (?:INSERT|UPDATE|DELETE): '), '') NOT IN (
                SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.relkind = 'r' AND c.oid <> 'pglogical.queue'::regclass
                    AND c.oid NOT IN (SELECT set_reloid::oid FROM pglogical.replication_set_table))))"
}

/// Leaves the transaction out, in the reader's database. Statements that come one after the other, each of its own.
pub fn leave_out(method: Method, which: &Which, end: Lsn) -> String {
    let name = subscription(&which.reader, &which.provider);
    match method {
        Method::Native => {
            let (name, commit) = (identifier(&name), literal(&which.failing.commit.to_string()));
            // Off and on again, it tries at once.
            format!(
                "ALTER SUBSCRIPTION {name} SKIP (lsn = {commit});\nALTER SUBSCRIPTION {name} DISABLE;\nALTER SUBSCRIPTION {name} ENABLE;\n"
            )
        }
        Method::Pglogical | Method::Spock | Method::Bdr => {
            let (name, origin, end) = (literal(&name), literal(&which.slot), literal(&end.to_string()));
            format!(
                "SELECT pglogical.alter_subscription_disable({name}, true);
{}SELECT pglogical.alter_subscription_enable({name}, true);\n",
                advance(&origin, &end)
            )
        }
    }
}

/// Sets how far the provider was applied, once the worker has let go of it. It never goes back.
fn advance(origin: &str, end: &str) -> String {
    format!(
        "DO $galactl$
BEGIN
    FOR attempt IN 1..50 LOOP
        BEGIN
            IF coalesce(pg_replication_origin_progress({origin}, false), '0/0') < {end}::pg_lsn THEN
                PERFORM pg_replication_origin_advance({origin}, {end});
            END IF;
            EXIT;
        EXCEPTION WHEN object_in_use THEN
            IF attempt = 50 THEN RAISE; END IF;
            PERFORM pg_sleep(0.2);
        END;
    END LOOP;
END
$galactl$;\n"
    )
}

/// How far the reader has applied the provider's changes; nothing where none was yet.
pub fn applied(method: Method, which: &Which) -> String {
    let origin = match method {
        Method::Native => format!(
            "(SELECT 'pg_' || oid FROM pg_subscription WHERE subname = {} AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            literal(&subscription(&which.reader, &which.provider))
        ),
        Method::Pglogical | Method::Spock | Method::Bdr => literal(&which.slot),
    };
    format!(
        "SELECT pg_replication_origin_progress(roname, false) FROM pg_replication_origin WHERE roname = {origin};\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::facts::Failing;

    #[test]
    fn what_comes_before_is_asked_where_a_skip_would_go_over_it() {
        let [reader, provider] = ["pg2", "pg1"].map(|it| it.parse().unwrap());
        let failing = Failing { xid: 772, commit: "0/704EF30".parse().unwrap() };
        let which = Which { reader, provider, database: "app".parse().unwrap(), slot: "s".into(), failing };
        let asked = show(Method::Pglogical, &which);
        assert!(
            asked.contains("'before', (SELECT max(lsn)") && asked.contains("replication_set_table"),
            "{asked}"
        );
        let native = show(Method::Native, &which);
        assert!(native.contains("'before', NULL") && !native.contains("pglogical."), "{native}");
        // The first sign decides how much PostgreSQL takes, so the word needs an end.
        assert!(asked.contains("[A-Z]+):'"), "{asked}");
    }
}
