//! The whole terminal for one picture that changes; afterwards it is as it was.

use std::fs::File;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread::JoinHandle;

use console::{Style, StyledObject};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Printer;
use crate::kernel::watch::{Line, Tone};

/// The alternate screen, no cursor, no wrapping of long lines; and all of it undone.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE: &str = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
/// Tenths of a second after which a reader of keys looks whether it is still wanted.
const KEY_PATIENCE: u8 = 1;
const ESCAPE: u8 = 0x1b;
const CTRL_C: u8 = 0x03;

/// What the terminal was, while it is taken. One process has one terminal, and a panic anywhere
/// must give it back.
static TAKEN: Mutex<Option<(Arc<File>, Termios)>> = Mutex::new(None);

/// The terminal. Dropping it gives it back, and so does a panic.
pub struct Screen {
    keys: Option<JoinHandle<()>>,
}

impl Screen {
    /// Takes the terminal. The messages say that a key was pressed that asks to leave.
    ///
    /// Errors: there is none, or it cannot be set up.
    pub fn take() -> io::Result<(Self, UnboundedReceiver<()>)> {
        static HOOK: Once = Once::new();
        let terminal = Arc::new(File::open("/dev/tty")?);
        let before = tcgetattr(&terminal)?;
        HOOK.call_once(|| {
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                usual(panic);
            }));
        });
        *taken() = Some((Arc::clone(&terminal), before.clone()));
        let (sender, keys) = unbounded_channel();
        // From here on a failure gives back what was taken.
        let mut screen = Self { keys: None };
        tcsetattr(&terminal, OptionalActions::Drain, &without_echo(before))?;
        Printer::draw(ENTER)?;
        screen.keys = Some(std::thread::spawn(move || read_keys(&terminal, &sender)));
        Ok((screen, keys))
    }

    /// Columns and lines.
    pub fn size(&self) -> (usize, usize) {
        Printer::size()
    }

    /// Shows these lines and nothing else.
    ///
    /// Errors: the terminal is gone, or was given back by a panic.
    pub fn draw(&self, lines: &[Line], height: usize) -> io::Result<()> {
        if taken().is_none() {
            return Err(io::Error::other("the terminal was given back"));
        }
        let blank = Line { text: String::new(), tone: Tone::Plain };
        let shown = lines.iter().chain(std::iter::repeat(&blank)).take(height);
        // A line is cleared before it is written: after its last column that would take a character.
        let drawn: Vec<_> = shown.map(|line| format!("\x1b[2K{}", styled(line))).collect();
        Printer::draw(&format!("\x1b[H{}", drawn.join("\r\n")))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // The reader of keys ends first: otherwise it would swallow a line once the terminal gives whole lines again.
        let before = taken().take();
        if let Some(keys) = self.keys.take() {
            let _ = keys.join();
        }
        restore(before);
    }
}

fn taken() -> std::sync::MutexGuard<'static, Option<(Arc<File>, Termios)>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn give_back() {
    let before = taken().take();
    restore(before);
}

/// A terminal that is gone cannot be restored, and nobody sees that.
fn restore(before: Option<(Arc<File>, Termios)>) {
    if let Some((terminal, before)) = before {
        let _ = Printer::draw(LEAVE);
        let _ = tcsetattr(&terminal, OptionalActions::Flush, &before);
    }
}

/// Keys come one by one, are not shown, and send no signals: Ctrl-Z would leave a terminal
/// that is not as it was, and Ctrl-S a picture that is old.
fn without_echo(mut terminal: Termios) -> Termios {
    terminal.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
    terminal.input_modes -= InputModes::IXON;
    terminal.special_codes[SpecialCodeIndex::VMIN] = 0;
    terminal.special_codes[SpecialCodeIndex::VTIME] = KEY_PATIENCE;
    terminal
}

fn read_keys(mut terminal: &File, asked: &UnboundedSender<()>) {
    let mut keys = [0; 64];
    while taken().is_some() {
        let Ok(length) = terminal.read(&mut keys) else { break };
        // The keys with an arrow on them begin with an escape, too.
        let leave = match &keys[..length] {
            [ESCAPE] => true,
            [ESCAPE, ..] => false,
            keys => keys.iter().any(|key| matches!(key, b'q' | b'Q' | &CTRL_C)),
        };
        if leave && asked.send(()).is_err() {
            break;
        }
    }
}

fn styled(line: &Line) -> StyledObject<&str> {
    let style = Style::new();
    let style = match line.tone {
        Tone::Plain => style,
        Tone::Heading => style.bold(),
        Tone::Good => style.green(),
        Tone::Warn => style.yellow(),
        Tone::Bad => style.red(),
        Tone::Faint => style.dim(),
    };
    style.apply_to(&line.text)
}
