//! Values in option files.

use std::io;

/// Longest line that `my_print_defaults` reads whole is 4096 bytes (mysys/my_default.c); the rest
/// of a longer one would be taken for a line of its own.
const LONGEST_VALUE: usize = 3500;

/// Escapes a value for a place between double quotes in an option file, so that
/// `my_print_defaults` gives it back exactly.
///
/// Errors: a control character, which could end the line, or a value too long for one line.
pub fn escape(value: &str) -> Result<String, String> {
    if let Some(bad) = value.chars().find(|c| c.is_control()) {
        return Err(format!("holds the control character {bad:?}"));
    }
    let escaped: String = value
        .chars()
        .flat_map(|c| match c {
            '"' | '\\' => vec!['\\', c],
            other => vec![other],
        })
        .collect();
    if escaped.len() > LONGEST_VALUE {
        return Err(format!("is longer than {LONGEST_VALUE} bytes"));
    }
    Ok(escaped)
}

/// [`escape`] in the shape that Tera calls for every value in a `.cnf` template.
pub fn escape_into(value: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let escaped = escape(value).map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?;
    out.write_all(escaped.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_are_escaped() {
        assert_eq!(escape(r#"a"b\c#d;e'f"#).unwrap(), r#"a\"b\\c#d;e'f"#);
    }

    #[test]
    fn no_value_can_end_its_line() {
        for bad in ["a\nb", "a\rb", "a\0b", "a\u{85}b", "\t"] {
            assert!(escape(bad).is_err(), "{bad:?}");
        }
        assert!(escape(&"x".repeat(4000)).is_err());
    }
}
