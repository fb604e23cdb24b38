//! What a joiner has received, as far as its data directory tells.

use std::time::{Duration, Instant};

use crate::kernel::model::UnitName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand, TransportError};

/// It costs the host a walk over its data directory.
const MEASURE: Duration = Duration::from_secs(2);

/// Prints the bytes received so far, where they can be told (mariabackup receives into .sst and
/// moves the files at the end; rsync writes over what is there), and `active` while the data
/// directory is written to: a transfer, recovery or IST that goes on is never given up. `waiting`: no member could
/// give when the joiner asked last (EAGAIN in Galera's `request_state_transfer`); Galera asks again every second.
const SIZE: &str = r#"
if [ -d "$1/.sst" ]; then du -sb "$1/.sst" 2>/dev/null | cut -f 1; else echo unknown; fi
[ -z "$(find "$1/." -newermt '-30 seconds' -print -quit 2>/dev/null)" ] || echo active
start=$(systemctl show "$2.service" --property=InvocationID --value 2>/dev/null)
[ -z "$start" ] || journalctl --quiet --no-pager -o cat -n 500 "_SYSTEMD_INVOCATION_ID=$start" 2>/dev/null |
    grep -E 'Requesting state transfer(: success| failed: .*keep retrying)' | tail -n 1 | grep -q retrying && echo waiting
true
"#;

/// A measure of the transfer.
pub struct Received<'a> {
    host: &'a Host,
    datadir: &'a str,
    unit: &'a UnitName,
    /// About how much a full state transfer brings.
    expected_bytes: u64,
    bytes: u64,
    waits: bool,
    measured: Instant,
}

impl<'a> Received<'a> {
    pub fn nothing(host: &'a Host, datadir: &'a str, unit: &'a UnitName, expected_bytes: u64) -> Self {
        Self { host, datadir, unit, expected_bytes, bytes: 0, waits: false, measured: Instant::now() }
    }

    /// It has no donor yet, because all are busy.
    pub fn waits_for_donor(&self) -> bool {
        self.waits
    }

    /// It is time to measure again.
    pub fn is_due(&self) -> bool {
        self.measured.elapsed() >= MEASURE
    }

    /// Measures, and tells whether the data directory is written to.
    ///
    /// Errors: the connection is lost.
    pub async fn measure(&mut self) -> Result<bool, StepError> {
        self.measured = Instant::now();
        // A busy disk makes the walk slow, and is no reason to end the transfer that keeps it busy.
        let said = match self.host.succeed(RemoteCommand::new(SIZE, [self.datadir, self.unit.as_str()])).await
        {
            Ok(said) => said,
            Err(error @ TransportError::Lost(_)) => return Err(error.into()),
            Err(_) => return Ok(false),
        };
        let size = said.lines().next().and_then(|line| line.parse().ok());
        self.bytes = size.unwrap_or(self.bytes);
        self.waits = said.lines().any(|line| line == "waiting");
        Ok(said.lines().any(|line| line == "active"))
    }

    /// The share of the whole, between 0 and 1.
    pub fn fraction(&self) -> Option<f64> {
        #[allow(clippy::cast_precision_loss, reason = "a fraction for a progress bar")]
        let share = || (self.bytes as f64 / self.expected_bytes as f64).min(0.99);
        (self.expected_bytes > 0 && self.bytes > 0).then(share)
    }

    /// A joiner's state together with what it has received.
    pub fn beside(&self, state: &str) -> String {
        match self.bytes {
            0 => state.to_owned(),
            bytes => format!("{state}, {} MiB received", bytes >> 20),
        }
    }
}
