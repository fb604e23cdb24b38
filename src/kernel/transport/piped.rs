//! A command whose input stays open, and whose output is read line by line.

use std::sync::Arc;

use openssh::{Child, ChildStdin, ChildStdout, OwningCommand, Session, Stdio};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};

use super::command::TransportError;

/// Starts it. Errors: the connection is lost.
pub(super) async fn start(
    mut command: OwningCommand<Arc<Session>>,
) -> Result<(Child<Arc<Session>>, ChildStdin, Lines<BufReader<ChildStdout>>), TransportError> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .await
        .map_err(|error| TransportError::Lost(error.to_string()))?;
    match (child.stdin().take(), child.stdout().take()) {
        (Some(input), Some(output)) => Ok((child, input, BufReader::new(output).lines())),
        _ => Err(TransportError::Lost("no pipes".into())),
    }
}
