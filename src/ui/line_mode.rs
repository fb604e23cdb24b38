//! A terminal for questions: whole lines, shown as they are typed, and lines that begin at its left edge.
//!
//! Neither galactl nor its ssh changes how a terminal works. But a program that was there before may have left
//! it raw: then text runs down like stairs, and an answer is not seen while it is typed.

use std::os::fd::AsFd;

use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, Termios, tcflush, tcgetattr,
    tcgetpgrp, tcsetattr,
};

/// The terminal was put right; dropping this makes it again what it was.
pub struct LineMode<F: AsFd> {
    terminal: F,
    before: Termios,
}

impl<F: AsFd> LineMode<F> {
    /// `None`: nothing is to be put right, or it is no terminal, or this process runs in its background.
    pub fn of(terminal: F) -> Option<Self> {
        let before = tcgetattr(&terminal).ok()?;
        let ours = tcgetpgrp(&terminal).ok()? == rustix::process::getpgrp();
        let wanted = in_lines(before.clone());
        if !ours || same(&before, &wanted) {
            return None;
        }
        tcsetattr(&terminal, OptionalActions::Drain, &wanted).ok()?;
        Some(Self { terminal, before })
    }
}

impl<F: AsFd> Drop for LineMode<F> {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(&self.terminal, OptionalActions::Drain, &self.before);
    }
}

/// What was typed before a question was asked is no answer to it.
pub fn forget_typed(terminal: impl AsFd) {
    // Where that is no terminal, nothing was typed.
    let _ = tcflush(terminal, QueueSelector::IFlush);
}

fn in_lines(mut terminal: Termios) -> Termios {
    terminal.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    terminal.input_modes |= InputModes::ICRNL;
    terminal.local_modes |= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
    terminal
}

fn same(one: &Termios, other: &Termios) -> bool {
    let modes = |it: &Termios| (it.output_modes, it.input_modes, it.local_modes);
    modes(one) == modes(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_terminal_gets_lines() {
        let pair = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR).expect("a terminal");
        let mut raw = tcgetattr(&pair).expect("its modes");
        assert!(same(&raw, &in_lines(raw.clone())), "a new one is as it should be");
        raw.make_raw();
        let put_right = in_lines(raw.clone());
        assert!(!same(&raw, &put_right));
        assert!(put_right.local_modes.contains(LocalModes::ECHO | LocalModes::ICANON));
        assert!(put_right.output_modes.contains(OutputModes::OPOST | OutputModes::ONLCR));
        assert!(LineMode::of(&pair).is_none(), "it is not the terminal of this process");
    }
}
