//! Sections of an option file, as text.

/// A text with one section of another one in place of its own: `[sst]` and all lines up to the next section.
pub fn with_section_of(text: &str, other: &str, section: &str) -> String {
    let (before, _, after) = apart(text, section);
    let (_, wanted, _) = apart(other, section);
    let mut whole = before.trim_end().to_owned() + "\n";
    if !wanted.trim().is_empty() {
        whole += &format!("\n{}\n", wanted.trim_end());
    }
    if !after.trim().is_empty() {
        whole += &format!("\n{}\n", after.trim());
    }
    whole
}

/// The lines in force of a section.
pub fn lines_of<'t>(text: &'t str, section: &str) -> Vec<&'t str> {
    let (_, own, _) = apart(text, section);
    super::lines_in_force(own)
}

/// What stands before a section, the section itself, and what stands behind it. Without it, all of it stands before.
fn apart<'t>(text: &'t str, section: &str) -> (&'t str, &'t str, &'t str) {
    let mut places = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begins = line.trim_start().starts_with('[');
        match places.len() {
            0 if line.trim() == section => places.push(at),
            1 if begins => places.push(at),
            _ => {}
        }
        at += line.len();
    }
    let begin = places.first().copied().unwrap_or(text.len());
    let end = places.get(1).copied().unwrap_or(text.len());
    (&text[..begin], &text[begin..end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_section_is_replaced_and_the_rest_stays() {
        let there = "# x\n[mysqld]\na = 1\n\n[sst]\nold = 1\n\n[client]\nb = 2\n";
        let wanted = "[mysqld]\na = 2\n\n[sst]\nnew = 1\n";
        let both = "# x\n[mysqld]\na = 1\n\n[sst]\nnew = 1\n\n[client]\nb = 2\n";
        assert_eq!(with_section_of(there, wanted, "[sst]"), both);
        let without = "# x\n[mysqld]\na = 1\n\n[client]\nb = 2\n";
        assert_eq!(with_section_of(there, "[mysqld]\n", "[sst]"), without);
        let added = "[mysqld]\na = 1\n\n[sst]\nnew = 1\n";
        assert_eq!(with_section_of("[mysqld]\na = 1\n", wanted, "[sst]"), added);
        assert_eq!(lines_of(there, "[sst]"), ["[sst]", "old = 1"]);
        assert!(lines_of("[mysqld]\n", "[sst]").is_empty());
    }
}
