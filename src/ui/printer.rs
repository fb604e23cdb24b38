//! The gate through which everything printed goes.

use std::io::{IsTerminal, Write};

use console::{Term, style};

/// Writes to the two streams. A reader that went away (`galactl … | head`) is no error.
pub struct Printer;

impl Printer {
    /// Data, as it is.
    pub fn data(text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = out.write_all(b"\n");
        }
        let _ = out.flush();
    }

    /// Data for a terminal or reader of its own, as it is.
    ///
    /// Errors: it is gone.
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

    /// The end of a command that failed.
    pub fn error(message: &str, hint: Option<&str>) {
        let label = style("error:").red().bold().for_stderr();
        Self::narrate(&format!("{label} {}", message.trim_end()));
        if let Some(hint) = hint {
            Self::narrate(&format!("{} {hint}", style("hint:").cyan().for_stderr()));
        }
    }

    pub fn narrates_to_terminal() -> bool {
        std::io::stderr().is_terminal() && has_cursor()
    }

    /// True when a person can be asked.
    pub fn can_ask() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks for one line of input; `None` at its end.
    pub fn ask(question: &str) -> Option<String> {
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "{question} ");
        let _ = err.flush();
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim().to_owned()),
        }
    }
}

fn has_cursor() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}
