//! Signs of life to a command on a host.

use std::time::Duration;

use openssh::ChildStdin;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;
use tokio::time::sleep;

const BEAT: Duration = Duration::from_secs(5);

/// Writes a line into a command's input every five seconds, and returns when that fails. A connection whose other end
/// has vanished without a word stays open for hours on the host, so an open input alone proves nothing there.
pub(super) async fn beat(mut input: ChildStdin) {
    while input.write_all(b"\n").await.is_ok() {
        sleep(BEAT).await;
    }
}

/// Signs of life for as long as this exists. Then the input ends.
pub(super) struct Beats(JoinHandle<()>);

impl Beats {
    pub fn into(input: ChildStdin) -> Self {
        Self(tokio::spawn(beat(input)))
    }
}

impl Drop for Beats {
    fn drop(&mut self) {
        self.0.abort();
    }
}
