//! Options of a running server that it takes without a restart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A system variable that can be set while the server runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// As `information_schema.SYSTEM_VARIABLES` names it: `BIGINT UNSIGNED`, `ENUM` …
    pub kind: String,
    /// Each connection has a value of its own, taken from the global one when it begins.
    pub per_session: bool,
}

impl Variable {
    /// Reads `NAME<TAB>TYPE<TAB>SCOPE` lines; names become lower case.
    pub fn parse_all<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, Self> {
        let variable = |line: &str| {
            let mut fields = line.split('\t');
            let (name, kind, scope) = (fields.next()?, fields.next()?, fields.next()?);
            let variable = Self { kind: kind.to_owned(), per_session: scope.starts_with("SESSION") };
            Some((name.to_ascii_lowercase(), variable))
        };
        lines.filter_map(variable).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_server_are_read() {
        let rows =
            "MAX_CONNECTIONS\tBIGINT UNSIGNED\tGLOBAL\nSORT_BUFFER_SIZE\tBIGINT UNSIGNED\tSESSION\nhalf\trow";
        let variables = Variable::parse_all(rows.lines());
        let told: Vec<_> = variables.iter().map(|(name, it)| (name.as_str(), it.per_session)).collect();
        assert_eq!(told, [("max_connections", false), ("sort_buffer_size", true)]);
    }
}
