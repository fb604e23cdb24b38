//! The statements that make rows of one node those of another one, so that no other node gets the change.

use super::rows::{ALIKE, row_hash_of, typed};
use crate::postgresql::sql::{identifier, literal};

/// The replication origin of such changes. What has an origin is not sent on.
const ORIGIN: &str = "galactl_repair";

/// A table, and what it takes to write its rows.
pub struct Target<'a> {
    pub schema: &'a str,
    pub table: &'a str,
    pub key: &'a [String],
    /// Names and types.
    pub columns: Vec<(&'a str, &'a str)>,
}

/// One row; `was`: its hash, `becomes`: its values, and which columns of it are other ones now.
pub struct Change<'a> {
    pub key: &'a [String],
    pub was: Option<&'a str>,
    pub becomes: Option<&'a [Option<String>]>,
    pub changed: Vec<usize>,
}

impl Target<'_> {
    /// Changes these rows, or none of them: where a row is not what it was, the answer is `changed N`, its place.
    ///
    /// As where changes of other nodes are applied, only triggers fire that are for replicas. The commit has the time at which
    /// the rows were read, so that what is on its way to this node, and newer, still wins.
    pub fn statements(&self, changes: &[Change<'_>], as_of: &str) -> String {
        let (origin, as_of) = (literal(ORIGIN), literal(as_of));
        let mut out = format!(
            "{ALIKE}
SELECT count(pg_replication_origin_create(name)) FROM (SELECT {origin} AS name) AS own WHERE NOT EXISTS (SELECT FROM pg_replication_origin WHERE roname = name) \\gset
BEGIN;
SET LOCAL lock_timeout = '5s'; SET LOCAL session_replication_role = replica;
SELECT pg_replication_origin_session_setup({origin}) \\gset
SELECT pg_replication_origin_xact_setup('0/1', {as_of}) \\gset\n"
        );
        for (place, change) in changes.iter().enumerate() {
            out += &format!(
                "WITH done AS ({} RETURNING 1) SELECT count(*) = 1 AS galactl_done FROM done \\gset
\\if :galactl_done
\\else
ROLLBACK;
\\echo changed {place}
\\quit
\\endif\n",
                self.statement(change)
            );
        }
        out + "COMMIT;\n"
    }

    fn statement(&self, change: &Change<'_>) -> String {
        let relation = format!("{}.{}", identifier(self.schema), identifier(self.table));
        match (change.was, change.becomes) {
            (Some(was), Some(values)) => {
                let set: Vec<_> = change
                    .changed
                    .iter()
                    .filter_map(|at| {
                        let (name, kind) = self.columns.get(*at)?;
                        Some(format!("{} = {}", identifier(name), typed(kind, values.get(*at)?.as_deref())))
                    })
                    .collect();
                format!("UPDATE {relation} SET {} WHERE {}", set.join(", "), self.still(change.key, was))
            }
            (Some(was), None) => format!("DELETE FROM {relation} WHERE {}", self.still(change.key, was)),
            (None, values) => {
                let names: Vec<_> = self.columns.iter().map(|(name, _)| identifier(name)).collect();
                let values: Vec<_> = self
                    .columns
                    .iter()
                    .zip(values.unwrap_or_default())
                    .map(|((_, kind), value)| typed(kind, value.as_deref()))
                    .collect();
                format!(
                    "INSERT INTO {relation} ({}) OVERRIDING SYSTEM VALUE VALUES ({}) ON CONFLICT DO NOTHING",
                    names.join(", "),
                    values.join(", ")
                )
            }
        }
    }

    /// The row with this key, while it is what was seen.
    fn still(&self, key: &[String], hash: &str) -> String {
        let kind =
            |name: &String| self.columns.iter().find(|(column, _)| column == name).map_or("text", |it| it.1);
        let names: Vec<_> = self.key.iter().map(|name| identifier(name)).collect();
        let values: Vec<_> =
            self.key.iter().zip(key).map(|(name, text)| typed(kind(name), Some(text))).collect();
        let own = row_hash_of(self.columns.iter().map(|(name, _)| *name));
        format!("({}) = ({}) AND {own} = {}", names.join(", "), values.join(", "), literal(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_another_one_by_now_ends_it_all() {
        let key = ["id".to_owned()];
        let target = Target {
            schema: "public",
            table: "t",
            key: &key,
            columns: vec![("id", "integer"), ("v", "text")],
        };
        let (own, values) = (["7".to_owned()], [Some("7".to_owned()), Some("a'b".to_owned())]);
        let update = Change { key: &own, was: Some("ab:cd"), becomes: Some(&values), changed: vec![1] };
        let text = target.statements(&[update], "2026-11-30 00:00:00+00");
        assert!(
            text.contains(
                r#"UPDATE "public"."t" SET "v" = E'a''b'::text WHERE ("id") = (E'7'::integer) AND to_hex"#
            ),
            "{text}"
        );
        assert!(
            text.contains("= E'ab:cd' RETURNING 1)") && text.contains("\\echo changed 0\n\\quit"),
            "{text}"
        );
        let delete = Change { key: &own, was: Some("ab:cd"), becomes: None, changed: Vec::new() };
        assert!(target.statement(&delete).starts_with(r#"DELETE FROM "public"."t" WHERE ("id")"#));
        let insert = Change { key: &own, was: None, becomes: Some(&values), changed: Vec::new() };
        assert!(target.statement(&insert).ends_with("ON CONFLICT DO NOTHING"));
    }
}
