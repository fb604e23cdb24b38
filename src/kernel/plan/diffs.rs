//! The diffs of a plan's files: one that several hosts have alike is shown once.

use super::PutFile;
use super::line::{Line, Tone};
use crate::kernel::model::NodeName;

/// Of two diffs that are shown as one, at most every so manieth line differs.
const MOSTLY: usize = 2;

/// A file's diff, and those that differ from it only in some lines.
struct Group<'a> {
    first: (&'a NodeName, &'a PutFile),
    others: Vec<(&'a NodeName, Vec<&'a str>)>,
}

/// Every file's diff, in order. Files of one path whose diffs have the same shape are shown as the first of them,
/// with the lines in which the others differ by node.
pub(super) fn diffs(files: &[(&NodeName, &PutFile)]) -> Vec<Line> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for &(node, file) in files {
        let group = groups.iter_mut().find_map(|group| {
            let differ = differences(group.first.1, file)?;
            Some((group, differ))
        });
        match group {
            Some((group, differ)) => group.others.push((node, differ)),
            None => groups.push(Group { first: (node, file), others: Vec::new() }),
        }
    }
    groups.iter().flat_map(group_lines).collect()
}

/// The lines of `file`'s diff that are others than in `first`'s; `None`: these are two changes.
fn differences<'a>(first: &PutFile, file: &'a PutFile) -> Option<Vec<&'a str>> {
    let (ours, theirs) = (body(&first.diff), body(&file.diff));
    let marks = |lines: &[&str]| lines.iter().map(|line| line.chars().next()).collect::<Vec<_>>();
    let alike = first.path == file.path
        && (&first.owner, &first.group, &first.mode) == (&file.owner, &file.group, &file.mode)
        && first.replaces == file.replaces
        && marks(&ours) == marks(&theirs);
    // Lines that stay as they are say only where a change stands.
    let changes = |(theirs, ours): &(&&str, &&str)| theirs != ours && !theirs.starts_with(' ');
    let differ: Vec<_> = theirs.iter().zip(&ours).filter(changes).map(|(line, _)| *line).collect();
    (alike && differ.len() * MOSTLY <= theirs.len()).then_some(differ)
}

/// Without the two lines that name the file.
fn body(diff: &str) -> Vec<&str> {
    diff.lines().skip(2).collect()
}

fn group_lines(group: &Group<'_>) -> Vec<Line> {
    let mut lines = vec![Line::new(Tone::Plain, "")];
    lines.extend(group.first.1.diff.lines().map(|line| Line::new(tone(line), line).hang(1)));
    let alike = group.others.iter().filter(|(_, differ)| differ.is_empty()).map(|(node, _)| node.as_str());
    let alike: Vec<_> = alike.collect();
    if !alike.is_empty() {
        lines.push(Line::new(Tone::Heading, format!("The same on {}.", alike.join(", "))));
    }
    for (node, differ) in group.others.iter().filter(|(_, differ)| !differ.is_empty()) {
        lines.push(Line::new(Tone::Heading, format!("The same on {node}, but:")));
        lines.extend(differ.iter().map(|line| Line::new(tone(line), *line).hang(1)));
    }
    lines
}

fn tone(line: &str) -> Tone {
    match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Tone::Heading,
        [b'@', ..] => Tone::Faint,
        [b'+', ..] => Tone::Added,
        [b'-', ..] => Tone::Removed,
        _ => Tone::Plain,
    }
}
