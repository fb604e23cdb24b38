//! A plan as a person reads it on a terminal.

use console::Style;

use super::fold::fold_line;
use crate::kernel::plan::{Line, Tone};

/// The lines in colours that carry meaning, no wider than the terminal. `width` is unknown for a pipe.
pub fn plan_text(lines: &[Line], width: Option<usize>, colours: bool) -> String {
    let mut out = String::new();
    for line in lines {
        let text = width.map_or_else(|| line.text.clone(), |width| fold_line(&line.text, line.hang, width));
        // A line at a time: a pager forgets a colour at the end of a line.
        let style = style(line.tone).force_styling(colours);
        for text in text.split('\n') {
            out += &style.apply_to(text).to_string();
            out.push('\n');
        }
    }
    out
}

fn style(tone: Tone) -> Style {
    let style = Style::new();
    match tone {
        Tone::Plain => style,
        Tone::Heading => style.bold(),
        Tone::Faint => style.dim(),
        Tone::Added => style.green(),
        Tone::Removed => style.red(),
        Tone::Warning => style.yellow(),
        Tone::Loss => style.red().bold(),
    }
}
