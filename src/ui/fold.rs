//! Prose for a terminal: lines end between words, and a command stays whole, so that it can be pasted.

use console::measure_text_width;

/// A command begins with one of these, and ends where the sentence goes on.
const PROGRAMS: [&str; 5] = ["galactl", "sudo", "ssh", "systemctl", "journalctl"];
const ENDS: [char; 5] = [',', ';', ':', ')', '`'];
/// Columns by which the continuation of a line is indented further than its beginning.
const HANG: usize = 2;
/// The least columns beside an indent: with fewer, the indent is dropped.
const NARROWEST: usize = 20;

/// Folds lines to `width`, as far as their words allow. `None`: the text stays as it is, for a pipe.
pub fn fold(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return text.to_owned() };
    let folded = text.split_inclusive('\n').map(|line| {
        let (words, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let indent = words.len() - words.trim_start_matches(' ').len();
        fold_line(words, indent + HANG, width) + end
    });
    folded.collect()
}

/// Notes, whose lines of a file, with what is marked in them, stay as they are.
pub fn fold_notes(text: &str, width: Option<usize>) -> String {
    let of_file = |line: &str| {
        console::strip_ansi_codes(line)
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ')
            .starts_with('|')
    };
    text.split_inclusive('\n')
        .map(|line| if of_file(line) { line.to_owned() } else { fold(line, width) })
        .collect()
}

/// Folds one line; its continuation is indented by `hang` columns.
pub fn fold_line(line: &str, hang: usize, width: usize) -> String {
    if measure_text_width(line) <= width {
        return line.to_owned();
    }
    let hang = if hang + NARROWEST > width { 0 } else { hang };
    let start = line.len() - line.trim_start_matches(' ').len();
    let (mut out, mut at) = (line[..start].to_owned(), start);
    let mut empty = true;
    for chunk in chunks(&line[start..], width - hang) {
        let (blanks, word) = chunk.split_at(chunk.len() - chunk.trim_start_matches(' ').len());
        let length = measure_text_width(word);
        if !empty && at + blanks.len() + length > width {
            out.push('\n');
            out += &" ".repeat(hang);
            at = hang;
        } else {
            out += blanks;
            at += blanks.len();
        }
        out += word;
        at += length;
        empty = false;
    }
    out
}

/// The pieces that must not be broken, each with the blanks before it. A list without blanks that is wider than a
/// line is broken behind its commas.
fn chunks(line: &str, width: usize) -> Vec<&str> {
    let (mut chunks, mut from, mut in_command) = (Vec::new(), 0, false);
    for word in words(line) {
        let end = from_of(line, word) + word.len();
        let bare = word.trim_start().trim_start_matches(['`', '(']);
        in_command |= PROGRAMS.contains(&bare);
        if in_command && !bare.ends_with(ENDS) && end < line.len() {
            continue;
        }
        if !in_command && measure_text_width(word) > width {
            chunks.extend(word.split_inclusive([',', ';']));
        } else {
            chunks.push(&line[from..end]);
        }
        (from, in_command) = (end, false);
    }
    chunks
}

/// Words with the blanks before them.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let end = rest[blanks..].find(' ').map_or(rest.len(), |at| blanks + at);
        let (word, after) = rest.split_at(end);
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

/// Where a part of `line` begins in it.
fn from_of(line: &str, part: &str) -> usize {
    part.as_ptr() as usize - line.as_ptr() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words() {
        let text =
            "degraded: the view has 2 members, and the inventory 3\n  next: bring the missing nodes back\n";
        let folded = "degraded: the view has 2\n  members, and the inventory\n  3\n  next: bring the missing\n    nodes back\n";
        assert_eq!(fold(text, Some(28)), folded);
        assert_eq!(fold(text, None), text);
        assert_eq!(fold("\n\n", Some(28)), "\n\n");
    }

    #[test]
    fn a_command_stays_whole() {
        let text = "  next: galactl stop /srv/clusters/shop.yaml db2; then look again";
        let folded = "  next:\n    galactl stop /srv/clusters/shop.yaml db2;\n    then look again";
        assert_eq!(fold(text, Some(30)), folded, "pasted with a line's end in it, it would stop all nodes");
    }

    #[test]
    fn a_line_of_a_file_stays_as_it_is() {
        let text = "warning: a sentence that is long\n9 | nodes: [{name: db1, address: 10.0.0.1}]\n  | ^^^^^\n  = help: another sentence\n";
        let folded = "warning: a sentence that\n  is long\n9 | nodes: [{name: db1, address: 10.0.0.1}]\n  | ^^^^^\n  = help: another\n    sentence\n";
        assert_eq!(fold_notes(text, Some(24)), folded);
    }

    #[test]
    fn a_long_list_is_broken_behind_its_commas() {
        let text = "+wsrep_cluster_address = gcomm://10.0.0.11,10.0.0.12,10.0.0.13";
        assert_eq!(
            fold_line(text, 1, 40),
            "+wsrep_cluster_address =\n gcomm://10.0.0.11,10.0.0.12,10.0.0.13"
        );
        let list = "gcomm://10.0.0.11,10.0.0.12,10.0.0.13";
        assert_eq!(fold_line(list, 2, 30), "gcomm://10.0.0.11,10.0.0.12,\n  10.0.0.13");
    }
}
