//! SQL for ProxySQL's admin interface, which is SQLite with commands of its own.

use crate::kernel::model::SecretName;

/// A text as an expression.
///
/// To SQLite, a backslash is a character like any other. To the client that sends the statement it hides the quote
/// behind it, so that the client would not see where the text ends. So none stands between quotes.
pub fn text(value: &str) -> String {
    let parts: Vec<_> = value.split('\\').map(|part| format!("'{}'", part.replace('\'', "''"))).collect();
    parts.join(" || char(92) || ")
}

/// The value of a secret as an expression. Its bytes stand there as hexadecimal digits, so that no value can end the
/// text, and none is found in the file by chance.
pub fn secret(name: &SecretName) -> String {
    format!("CAST(X'{}' AS TEXT)", name.in_hex())
}

/// Sets a variable. ProxySQL's `SET` would write the value into ProxySQL's log, unless the variable's name holds `password`.
pub fn set(variable: &str, expression: &str) -> String {
    format!(
        "UPDATE global_variables SET variable_value = {expression} WHERE variable_name = {}",
        text(variable)
    )
}

/// Makes a part of the configuration take effect.
pub fn load(part: &str) -> String {
    format!("LOAD {part} TO RUNTIME")
}

/// Keeps a part of the configuration for the next start: nothing else is.
pub fn save(part: &str) -> String {
    format!("SAVE {part} TO DISK")
}

/// Statements as a client reads them, one a line.
pub fn lines(statements: &[String]) -> String {
    statements.iter().flat_map(|statement| [statement.as_str(), ";\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_quote_is_doubled_and_no_backslash_stands_between_quotes() {
        assert_eq!(text("shop"), "'shop'");
        assert_eq!(text("it's"), "'it''s'");
        assert_eq!(text(r"^SELECT\s"), "'^SELECT' || char(92) || 's'");
        assert_eq!(text(r"a\"), "'a' || char(92) || ''");
    }
}
