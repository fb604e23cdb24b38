//! Texts as PromQL writes them. What comes from an inventory gets into an expression only by these functions.

use std::fmt::Write;

/// A label matcher for exactly this value: `cluster="shop"`. Alertmanager's matchers have the same form.
pub fn equals(label: &str, value: &str) -> String {
    format!("{label}={}", quoted(value))
}

/// A label matcher for any of these values: `mountpoint=~"/|/var"`.
pub fn any_of(label: &str, values: &[String]) -> String {
    format!("{label}=~{}", quoted(&alternatives(values)))
}

/// A regular expression (RE2) that these texts alone match.
pub fn alternatives(values: &[String]) -> String {
    let literal: Vec<_> = values.iter().map(|value| regex(value)).collect();
    literal.join("|")
}

/// A label matcher for every value that ends with this text.
pub fn ends_with(label: &str, end: &str) -> String {
    format!("{label}=~{}", quoted(&format!(".*{}", regex(end))))
}

/// A text between double quotes. Escapes are those of a Go string (prometheus.io, "Expression language basics").
pub fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => _ = write!(out, "\\U{:08x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A regular expression (RE2) that this text alone matches.
fn regex(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{any_of, ends_with, equals, quoted};

    #[test]
    fn a_value_ends_where_its_quote_ends() {
        assert_eq!(equals("cluster", "shop"), "cluster=\"shop\"");
        assert_eq!(quoted("a\"} or up{x=\"\\"), "\"a\\\"} or up{x=\\\"\\\\\"");
        assert_eq!(quoted("größe\u{7f}"), "\"größe\\U0000007f\"");
    }

    #[test]
    fn a_value_is_no_pattern() {
        assert_eq!(ends_with("file", "a.prom"), "file=~\".*a\\\\.prom\"");
        assert_eq!(any_of("mountpoint", &["/".into(), "/a.b|c".into()]), "mountpoint=~\"/|/a\\\\.b\\\\|c\"");
    }
}
