//! The gate through which everything printed goes.

use std::io::{IsTerminal, Stdin, Write};
use std::sync::atomic::{AtomicU8, Ordering};

use console::{Term, style};

use super::fold::fold;
use super::line_mode::{LineMode, forget_typed};

/// How much narration is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volume {
    Quiet,
    Usual,
    Verbose,
}

static VOLUME: AtomicU8 = AtomicU8::new(Volume::Usual as u8);

/// Writes to the two streams. A reader that went away (`galactl … | head`) is no error.
pub struct Printer;

impl Printer {
    /// Prints data as it is.
    pub fn data(text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = out.write_all(b"\n");
        }
        let _ = out.flush();
    }

    /// Prints data as it is, and reports a failure.
    ///
    /// Errors: the terminal or reader is gone.
    pub fn draw(text: &str) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Columns and lines of the terminal that data goes to.
    pub fn size() -> (usize, usize) {
        let (lines, columns) = Term::stdout().size();
        (usize::from(columns), usize::from(lines))
    }

    /// Columns of the terminal that data goes to; `None`: it goes elsewhere, and is not folded.
    pub fn width_of_data() -> Option<usize> {
        columns(&Term::stdout())
    }

    /// The same for narration.
    pub fn width_of_narration() -> Option<usize> {
        columns(&Term::stderr())
    }

    /// Data goes to a terminal on which a cursor can be moved.
    pub fn shows_on_terminal() -> bool {
        std::io::stdout().is_terminal() && has_cursor()
    }

    /// The locale is one of UTF-8.
    pub fn shows_utf8() -> bool {
        let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find(set).and_then(std::env::var_os);
        let locale = locale.map(|locale| locale.to_string_lossy().to_ascii_lowercase());
        locale.is_some_and(|locale| locale.contains("utf-8") || locale.contains("utf8"))
    }

    /// One line or more about what is going on.
    pub fn narrate(text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "{}", text.trim_end_matches('\n'));
    }

    /// How much is told from now on.
    pub fn set_volume(volume: Volume) {
        VOLUME.store(volume as u8, Ordering::Relaxed);
    }

    /// Only what was asked for, and what is wrong.
    pub fn is_quiet() -> bool {
        VOLUME.load(Ordering::Relaxed) == Volume::Quiet as u8
    }

    /// A sentence that is left out where the user wants quiet.
    pub fn remark(text: &str) {
        if !Self::is_quiet() {
            Self::tell(text);
        }
    }

    /// A sentence for those who want to know more.
    pub fn detail(text: &str) {
        if VOLUME.load(Ordering::Relaxed) == Volume::Verbose as u8 {
            Self::tell(text);
        }
    }

    /// Narration in sentences, which are folded where the terminal is narrow.
    pub fn tell(text: &str) {
        Self::narrate(&fold(text, Self::width_of_narration()));
    }

    /// The end of a command that failed.
    pub fn error(message: &str, hint: Option<&str>) {
        let label = style("error:").red().bold().for_stderr();
        Self::tell(&format!("{label} {}", message.trim_end()));
        if let Some(hint) = hint {
            Self::tell(&format!("{} {hint}", style("hint:").cyan().for_stderr()));
        }
    }

    pub fn narrates_to_terminal() -> bool {
        std::io::stderr().is_terminal() && has_cursor()
    }

    /// True when a person can be asked.
    pub fn can_ask() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// True where no other program of a pipe uses the terminal: a pager sets it up for itself.
    pub fn has_the_terminal() -> bool {
        Self::can_ask() && std::io::stdout().is_terminal()
    }

    /// Puts the terminal right, so that a person can read what is shown and see the answer; until the guard is
    /// dropped. A terminal without a cursor belongs to a program that knows better.
    pub fn for_a_person() -> Option<LineMode<Stdin>> {
        if has_cursor() { LineMode::of(std::io::stdin()) } else { None }
    }

    /// Asks for one line of input; `None` at its end.
    pub fn ask(question: &str) -> Option<String> {
        let _lines = Self::for_a_person();
        forget_typed(std::io::stdin());
        let question = fold(question, Self::width_of_narration());
        let mut err = std::io::stderr().lock();
        // In one piece: what is typed at once would stand in the middle of it.
        let _ = err.write_all(format!("{question} ").as_bytes());
        let _ = err.flush();
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim().to_owned()),
        }
    }
}

/// A terminal may say that it has no columns.
fn columns(term: &Term) -> Option<usize> {
    let (_, columns) = term.size_checked()?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

fn has_cursor() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}
