//! A command that runs on a host for as long as galactl holds it.

use std::sync::Arc;
use std::time::Duration;

use openssh::{Child, Session};
use tokio::time::timeout;

use super::beats::Beats;
use super::command::{RemoteCommand, TransportError};
use super::host::Host;
use super::piped::start;
use crate::kernel::inventory::text::harmless;

const READY_WITHIN: Duration = Duration::from_secs(20);
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// A running command whose input is open, and gets a line every five seconds. Its input ends when this is dropped, and
/// also with galactl or the connection; the script must end then, too. When the machine of galactl loses its power or
/// its network, the lines stay away, and the input is open for hours.
pub struct Held {
    /// What it printed before it was ready, whatever a login shell's start files print included.
    pub said: Vec<String>,
    beats: Beats,
    child: Child<Arc<Session>>,
}

impl Host {
    /// Starts a script as [`Host::run`] does, and reads its output up to the line `ready`. Its
    /// deadline counts from here on, whether it is held or not.
    ///
    /// Errors: the script ended, or was not ready within 20 s.
    pub async fn hold(&self, command: RemoteCommand, ready: &str) -> Result<Held, TransportError> {
        let seconds = command.deadline.as_secs().to_string();
        let mut words =
            self.as_root(&["timeout", "--kill-after=5", &seconds, "sh", "-c", &command.script, "galactl"]);
        words.args(&command.arguments);
        let (child, input, mut lines) = start(words).await?;
        let mut said = Vec::new();
        let read = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if line == ready {
                    return true;
                }
                said.push(harmless(&line).into_owned());
            }
            false
        };
        match timeout(READY_WITHIN, read).await {
            Ok(true) => Ok(Held { said, beats: Beats::into(input), child }),
            Ok(false) => {
                let code = child.wait().await.ok().and_then(|status| status.code()).unwrap_or(-1);
                // What it said instead of being ready is why.
                Err(TransportError::Failed { code, stdout: String::new(), stderr: said.join("; ") })
            }
            Err(_) => Err(TransportError::Deadline(READY_WITHIN)),
        }
    }
}

impl Held {
    /// Ends the command's input and waits until the command has ended; not for ever, because its
    /// own deadline ends it in any case.
    pub async fn end(self) {
        drop(self.beats);
        let _ = timeout(ENDS_WITHIN, self.child.wait()).await;
    }
}
