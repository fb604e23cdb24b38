//! A tab where YAML wants spaces is called so: what parsers say of it depends on what stands around it.

use super::note::{Note, Span};

/// The note about a text that is not YAML; one about the tab that is the reason, where it is one. A parser stops at
/// the tab, at the value above it or behind it.
pub fn or_a_tab(text: &str, note: Note) -> Note {
    let Some(Span { line: stopped, .. }) = note.span else { return note };
    let near = (1..).zip(text.lines()).take(stopped + 1).skip(stopped.saturating_sub(1));
    let mut tabs = near.filter_map(|(number, line)| Some((number, misplaced(line)?)));
    let Some((number, column)) = tabs.next() else { return note };
    let length = text.lines().nth(number - 1).map_or(1, |line| run_of_tabs(line, column));
    Note::error("tab", "", "a tab stands here, and YAML is indented with spaces")
        .at(Span { line: number, column: column + 1, length })
        .hint("put spaces in its place; `expand -i` does it for a whole file")
}

/// The place of a tab in front of a line's text, or between a mark (`-` or `:`) and what follows it.
fn misplaced(line: &str) -> Option<usize> {
    let before_text = |c: char| matches!(c, ' ' | '\t' | '-' | '?');
    let indentation = line.chars().take_while(|c| before_text(*c)).position(|c| c == '\t');
    let chars: Vec<char> = line.chars().collect();
    indentation.or_else(|| {
        let behind = chars.windows(2).position(|pair| pair == [':', '\t'])?;
        Some(behind + 1)
    })
}

fn run_of_tabs(line: &str, from: usize) -> usize {
    line.chars().skip(from).take_while(|c| *c == '\t').count().max(1)
}
