//! Rows as MariaDB's client prints them for programs.

/// The client writes a line break as `\n` where it prints rows for programs.
pub fn unescaped(field: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(field.len()), field.chars());
    while let Some(c) = rest.next() {
        match (c, c == '\\') {
            (_, false) => text.push(c),
            (_, true) => match rest.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                // So spells `visible` the \r of statements that were written on Windows.
                Some('r') => text.push('\r'),
                Some('0') => text.push('\0'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_as_the_server_has_it() {
        assert_eq!(unescaped("CREATE TABLE `t` (\\n  `a` int\\t\\\\"), "CREATE TABLE `t` (\n  `a` int\t\\");
    }
}
