//! A statement without its values and comments.

/// The text with every literal between quotes made empty, and without comments. What a log has cut off ends where it ends.
pub fn bare(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len().min(1 << 12)), text);
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' | '"' => {
                out.push_str("''");
                literal(rest, c)
            }
            '`' => {
                let length = name(rest);
                out.push_str(&rest[..length]);
                length
            }
            '/' if rest.starts_with("/*") => {
                out.push(' ');
                rest.find("*/").map_or(rest.len(), |at| at + 2)
            }
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '-' if rest.starts_with("-- ") => rest.find('\n').unwrap_or(rest.len()),
            _ => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out
}

/// Bytes of a literal, both quotes included. A quote that is doubled begins the next literal.
fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn name(text: &str) -> usize {
    text[1..].find('`').map_or(text.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_left() {
        let cases = [
            ("UPDATE t SET v='it''s; \\' x'", "UPDATE t SET v=''''"),
            ("/* it's */ DELETE FROM `a'b` # x'\n WHERE c = \"d\"", "  DELETE FROM `a'b` \n WHERE c = ''"),
            ("INSERT INTO t VALUES ('cut o", "INSERT INTO t VALUES (''"),
            ("SELECT 1 -- it's\n+ 1", "SELECT 1 \n+ 1"),
            ("SELECT `open", "SELECT `open"),
            ("a 'ä' ö", "a '' ö"),
        ];
        for (text, wanted) in cases {
            assert_eq!(bare(text), wanted, "{text}");
        }
    }
}
