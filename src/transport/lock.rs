//! One changing run at a time: a lock on the host that the SSH connection itself holds.

use std::sync::Arc;
use std::time::Duration;

use openssh::{Child, ChildStdin, OwningCommand, Session, Stdio};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};
use tokio::time::timeout;

use super::command::TransportError;

const DEADLINE: Duration = Duration::from_secs(15);

/// $1 who asks. `cat` keeps the lock's descriptor open until its input ends: with galactl, with
/// its machine, or with the connection. Nobody has to clean up after a crash.
pub(super) const SCRIPT: &str = r#"
exec 9>>/run/galactl.lock || exit
if ! flock -n 9; then
    echo "held by $(cat /run/galactl.lock)"
    exit
fi
echo "$1" > /run/galactl.lock
echo locked
exec cat > /dev/null
"#;

/// Held until it is dropped.
pub struct Lock {
    _input: ChildStdin,
    _child: Child<Arc<Session>>,
}

/// Starts the command that takes and holds the lock, and reads its answer.
///
/// `Ok(Err(holder))`: somebody else has it.
pub(super) async fn take(
    mut command: OwningCommand<Arc<Session>>,
) -> Result<Result<Lock, String>, TransportError> {
    let lost = |error: openssh::Error| TransportError::Lost(error.to_string());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .await
        .map_err(lost)?;
    let (Some(input), Some(output)) = (child.stdin().take(), child.stdout().take()) else {
        return Err(TransportError::Lost("no pipes".into()));
    };
    let answer = timeout(DEADLINE, answer(BufReader::new(output))).await;
    match answer.map_err(|_| TransportError::Deadline(DEADLINE))? {
        Some(answer) if answer == "locked" => Ok(Ok(Lock { _input: input, _child: child })),
        Some(holder) => Ok(Err(holder)),
        None => Err(TransportError::Lost("no answer to the request for the lock".into())),
    }
}

/// The script's answer, behind whatever a login shell's start files print.
async fn answer(output: impl AsyncBufRead + Unpin) -> Option<String> {
    let mut lines = output.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line == "locked" || line.starts_with("held by") {
            return Some(line);
        }
    }
    None
}
