//! One changing run at a time: a lock on the host that the SSH connection itself holds.
//!
//! Two locks work together. The *run lock* says whose turn it is; a command holds it for as long
//! as galactl's heartbeats arrive. The *step lock* is held by every command that changes the host,
//! from its first line to its end, also when its connection is gone. So the next run begins only
//! when nothing of the last one is still at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use openssh::{Child, ChildStdin, OwningCommand, Session};
use tokio::io::{AsyncBufRead, Lines};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::beats::beat;
use super::command::TransportError;
use super::piped::start;
use crate::kernel::inventory::text::harmless;

/// Longer than all that the script waits for.
const DEADLINE: Duration = Duration::from_secs(120);

/// $1 this run's token, $2 who asks, $3 `again` where this run has had the lock before.
///
/// A connection whose other end vanished without a word stays open for hours on this side, so an
/// open input alone proves nothing: 30 s without a heartbeat end the lock. A lock with our own
/// token is that of a connection which this run has lost. Where another token stands by then, a run
/// has come and perhaps gone in the meantime, and what this one was going to do rests on nothing.
/// The token stands there before the step lock is free, so that no step of the earlier run slips in.
pub(super) const SCRIPT: &str = r#"
exec 9>>/run/galactl.lock || exit
own() { [ "$(head -n 1 /run/galactl.lock)" = "$1" ]; }
if ! flock -n 9 && ! { own "$1" && flock -w 45 9; }; then
    echo "held by $(sed -n 2p /run/galactl.lock)"
    exit
fi
if [ "$3" = again ] && ! own "$1"; then
    other=$(sed -n 2p /run/galactl.lock)
    echo "held by ${other:-nobody, because the host was started anew}, since this run has lost it"
    exit
fi
exec 8>>/run/galactl.step || exit
if ! flock -w 60 8; then
    echo "held by a step of an earlier run ($(sed -n 2p /run/galactl.lock)) that is still at work"
    exit
fi
printf '%s\n%s\n' "$1" "$2" > /run/galactl.lock
exec 8>&-
echo locked
while timeout 30 sh -c 'read -r beat'; do :; done
"#;

/// Ends an answer that stays as it is however long it is asked for.
pub(super) const FOR_GOOD: &str = "since this run has lost it";

/// Stands before every script that changes a host; $1 is the token, and is shifted away. What the
/// script prints when nobody listens any more must not end it halfway.
pub(super) const FENCE: &str = r#"
exec 8>>/run/galactl.step || exit
if ! flock -n 8; then
    echo "an earlier step is still at work on this host" >&2
    exit 75
fi
if [ -z "$1" ] || [ "$(head -n 1 /run/galactl.lock 2>/dev/null)" != "$1" ]; then
    echo "this run does not hold the host's lock any more; now it is with: $(sed -n 2p /run/galactl.lock)" >&2
    exit 75
fi
shift
trap '' PIPE
"#;

/// What a run shows when it asks for the locks.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Random; tells this run from every other.
    pub token: String,
    /// Who it is and since when, for the one who finds the locks taken.
    pub who: String,
}

/// Held until it is dropped, or until the connection is lost.
pub struct Lock {
    beats: JoinHandle<()>,
    lost: Arc<AtomicBool>,
}

impl Lock {
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.beats.abort();
    }
}

/// Starts the command that takes and holds the lock, and reads its answer.
///
/// `Ok(Err(holder))`: somebody else has it.
pub(super) async fn take(
    command: OwningCommand<Arc<Session>>,
) -> Result<Result<Lock, String>, TransportError> {
    let (child, input, lines) = start(command).await?;
    let answer = timeout(DEADLINE, answer(lines)).await;
    match answer.map_err(|_| TransportError::Deadline(DEADLINE))? {
        Some(answer) if answer == "locked" => Ok(Ok(hold(input, child))),
        Some(holder) => Ok(Err(harmless(&holder).into_owned())),
        None => Err(TransportError::Lost("no answer to the request for the lock".into())),
    }
}

fn hold(input: ChildStdin, child: Child<Arc<Session>>) -> Lock {
    let lost = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&lost);
    let beats = tokio::spawn(async move {
        // Whichever ends first, nobody holds the lock any more.
        tokio::select! { () = beat(input) => {} _ = child.wait() => {} }
        flag.store(true, Ordering::SeqCst);
    });
    Lock { beats, lost }
}

/// The script's answer, behind whatever a login shell's start files print.
async fn answer(mut lines: Lines<impl AsyncBufRead + Unpin>) -> Option<String> {
    while let Ok(Some(line)) = lines.next_line().await {
        if line == "locked" || line.starts_with("held by") {
            return Some(line);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::path::Path;
    use std::process::{Child, Command, Output, Stdio};

    use super::*;

    fn shell(run: &Path, script: &str, arguments: &[&str]) -> Command {
        let script = script.replace("/run/", &format!("{}/", run.display()));
        let mut command = Command::new("sh");
        command.args(["-c", &script, "galactl"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A holder, and what it says first.
    fn holder(run: &Path, script: &str, arguments: &[&str]) -> (Child, String) {
        let mut child = shell(run, script, arguments).spawn().expect("sh runs");
        let mut said = String::new();
        let mut byte = [0];
        let out = child.stdout.as_mut().expect("a pipe");
        while out.read(&mut byte).expect("output") == 1 && byte[0] != b'\n' {
            said.push(char::from(byte[0]));
        }
        (child, said)
    }

    /// Its input ends, as with the connection.
    fn let_go(mut holder: Child) {
        drop(holder.stdin.take());
        holder.wait().expect("an end");
    }

    fn step(run: &Path, token: &str) -> Output {
        shell(run, &format!("{FENCE}echo acted"), &[token]).output().expect("sh runs")
    }

    #[test]
    fn a_lock_is_had_again_only_if_nobody_else_has_had_it_since() {
        let run = tempfile::tempdir().expect("a directory");
        let run = run.path();
        let (asleep, said) = holder(run, SCRIPT, &["a", "ann", ""]);
        assert_eq!(said, "locked");
        let_go(asleep);
        let (back, said) = holder(run, SCRIPT, &["a", "ann", "again"]);
        assert_eq!(said, "locked", "nobody else has had it");
        assert_eq!(step(run, "a").stdout, b"acted\n");
        let_go(back);

        let (other, said) = holder(run, SCRIPT, &["b", "bob", ""]);
        assert_eq!(said, "locked");
        let_go(other);
        let (_, said) = holder(run, SCRIPT, &["a", "ann", "again"]);
        assert_eq!(said, "held by bob, since this run has lost it");
        assert_eq!(step(run, "a").status.code(), Some(75));

        std::fs::remove_file(run.join("galactl.lock")).expect("a file");
        let (_, said) = holder(run, SCRIPT, &["b", "bob", "again"]);
        assert!(said.starts_with("held by nobody, because the host was started anew"), "{said}");
        assert!(said.trim_end().ends_with(FOR_GOOD), "{said}");
    }

    #[test]
    fn no_step_of_the_earlier_run_begins_once_the_next_one_has_its_turn() {
        let run = tempfile::tempdir().expect("a directory");
        let run = run.path();
        let (first, _) = holder(run, SCRIPT, &["a", "ann", ""]);
        let_go(first);
        // The moment in which the step lock is free is stretched.
        let slow = SCRIPT.replace("exec 8>&-\n", "exec 8>&-\ntouch /run/moment\nsleep 1\n");
        let (second, said) = std::thread::scope(|scope| {
            let second = scope.spawn(|| holder(run, &slow, &["b", "bob", ""]));
            while !run.join("moment").exists() {
                std::thread::yield_now();
            }
            assert_eq!(step(run, "a").status.code(), Some(75));
            second.join().expect("no panic")
        });
        assert_eq!(said, "locked");
        let_go(second);
    }
}
