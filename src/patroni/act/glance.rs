//! A short look at one data node, for those who wait: whether Patroni runs, and what its server says of itself.

use std::time::Duration;

use serde::Deserialize;

use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

/// $1 the server's port, $2 the data directory. Prints the unit's state and restarts, the bytes of the data directory
/// and the server's own word as JSON.
const GLANCE: &str = r#"
systemctl show patroni.service --property=ActiveState --property=NRestarts
cd /
# Debian's own psql is a script that looks for this program, for most of the time that the question takes.
for psql in /usr/lib/postgresql/*/bin/psql; do :; done
if word=$(timeout 10 runuser -u postgres -- "$psql" -XAtq -p "$1" -d postgres -c "
    SELECT json_build_object(
        'in_recovery', pg_is_in_recovery(),
        'system_id', (SELECT system_identifier::text FROM pg_control_system()),
        'receiver', (SELECT status FROM pg_stat_wal_receiver),
        'behind', (SELECT latest_end_lsn - pg_last_wal_receive_lsn() FROM pg_stat_wal_receiver))" 2>&1); then
    printf 'server=%s\n' "$word"
else
    printf 'bytes=%s\n' "$(timeout 5 du -sb "$2" 2>/dev/null | cut -f 1)"
    printf 'silent=%s\n' "$(printf '%s' "$word" | tail -n 1)"
fi
"#;
const DEADLINE: Duration = Duration::from_secs(40);

#[derive(Debug, Default)]
pub struct Glance {
    /// `active`, `failed` …
    pub unit: String,
    /// How often systemd has started Patroni again.
    pub restarts: u32,
    /// Of the data directory, while its server does not answer.
    pub bytes: u64,
    pub server: Option<Server>,
    /// Why there is no answer.
    pub silent: String,
}

/// What the server says of itself.
#[derive(Debug, Deserialize)]
pub struct Server {
    pub in_recovery: bool,
    pub system_id: String,
    /// The state of a standby's receiver: `streaming`.
    pub receiver: Option<String>,
}

impl Server {
    pub fn streams(&self) -> bool {
        self.in_recovery && self.receiver.as_deref() == Some("streaming")
    }
}

pub async fn glance(host: &Host, port: u16, datadir: &str) -> Result<Glance, StepError> {
    let command = RemoteCommand::new(GLANCE, [port.to_string(), datadir.to_owned()]).deadline(DEADLINE);
    Ok(read(&host.succeed(command).await?))
}

fn read(text: &str) -> Glance {
    let mut seen = Glance::default();
    for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
        match key {
            "ActiveState" => value.clone_into(&mut seen.unit),
            "NRestarts" => seen.restarts = value.parse().unwrap_or_default(),
            "bytes" => seen.bytes = value.parse().unwrap_or_default(),
            "silent" => value.clone_into(&mut seen.silent),
            "server" => seen.server = serde_json::from_str(value).ok(),
            _ => {}
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_server_tells_its_role_and_a_silent_one_how_much_data_is_there() {
        let standby =
            r#"{"in_recovery" : true, "system_id" : "7300000000000000001", "receiver" : "streaming"}"#;
        let seen = read(&format!("ActiveState=active\nNRestarts=2\nserver={standby}\n"));
        assert_eq!((seen.unit.as_str(), seen.restarts), ("active", 2));
        assert!(seen.server.is_some_and(|it| it.streams() && it.system_id == "7300000000000000001"));
        let seen = read("ActiveState=active\nNRestarts=0\nbytes=4096\nsilent=psql: error: a=b\n");
        assert_eq!(
            (seen.bytes, seen.silent.as_str(), seen.server.is_none()),
            (4096, "psql: error: a=b", true)
        );
    }
}
