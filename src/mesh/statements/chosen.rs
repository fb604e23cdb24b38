//! Which tables are meant, as a condition of SQL: for statements that are made before anybody has looked at a server.

use crate::mesh::inventory::Database;
use crate::mesh::model::Pattern;
use crate::postgresql::sql::literal;

/// A condition on `pg_tables` that holds of the tables which the inventory wants on all nodes.
pub fn condition(database: &Database) -> String {
    let any = |patterns: &[Pattern]| patterns.iter().map(like).collect::<Vec<_>>().join(" OR ");
    let mut all = vec![
        "schemaname !~ '^pg_'".to_owned(),
        "schemaname NOT IN ('information_schema', 'galactl', 'spock', 'bdr')".to_owned(),
    ];
    if !database.tables.is_empty() {
        all.push(format!("({})", any(&database.tables)));
    }
    if !database.except.is_empty() {
        all.push(format!("NOT ({})", any(&database.except)));
    }
    all.join("\n    AND ")
}

/// `*` stands for any letters, and everything else for itself.
fn like(pattern: &Pattern) -> String {
    let escaped = |part: &str| {
        literal(&part.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_").replace('*', "%"))
    };
    let (schema, table) = pattern.parts();
    format!("(schemaname LIKE {} AND tablename LIKE {})", escaped(schema), escaped(table))
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn only_a_star_stands_for_others() {
        for (pattern, wanted) in [
            ("public.*", r"(schemaname LIKE E'public' AND tablename LIKE E'%')"),
            ("a_b.50%*", r"(schemaname LIKE E'a\\_b' AND tablename LIKE E'50\\%%')"),
            ("public.it's", r"(schemaname LIKE E'public' AND tablename LIKE E'it''s')"),
        ] {
            assert_eq!(like(&pattern.parse().unwrap()), wanted);
        }
    }
}
