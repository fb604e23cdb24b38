//! The gate through which everything printed goes.

use std::io::{IsTerminal, Write};

use console::style;

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
        std::io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
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
