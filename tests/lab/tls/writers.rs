//! Clients that speak TLS, verify whom they talk to, and write to every node, while certificates change.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::lab::{LONGEST, Lab};
use crate::run::Inventory;

/// What the clients trust, on each host.
const TRUSTED: &str = "trusted.pem";
const END: &str = "/root/writers-end";
/// No two clients write one row.
const ROWS: usize = 100_000;
static CLIENTS: AtomicUsize = AtomicUsize::new(1);

/// A connection for each row.
const ANEW: &str = r#"
while [ ! -e "$end" ]; do
    if said=$(mariadb $options -e "INSERT INTO shop.t VALUES ($i, 'by a client')" 2>&1); then
        echo "ok $i"
    else
        echo "failed $i: $said"
    fi
    i=$((i + 1))
    sleep 0.1
done
"#;

/// One connection for all rows. The client ends with its first error.
const KEPT: &str = r#"
while [ ! -e "$end" ]; do
    echo "INSERT INTO shop.t VALUES ($i, 'by a client'); SELECT 'ok $i';"
    i=$((i + 1))
    sleep 0.05
done | mariadb $options --unbuffered 2>&1
"#;

pub struct Writers<'a> {
    lab: &'a Lab,
    hosts: Vec<&'a str>,
    children: Vec<(Child, PathBuf)>,
}

impl<'a> Writers<'a> {
    /// Two clients for each node, on the host before it. They trust all authorities that lie beside the inventory, and
    /// there is an account `app`.
    pub fn start(lab: &'a Lab, inventory: &Inventory<'_>, hosts: &[&'a str]) -> Self {
        let trusted = inventory.file(TRUSTED);
        fs::write(&trusted, authorities(inventory)).expect("a file");
        for host in hosts {
            lab.give(host, trusted.as_ref());
            lab.on(host, &format!("rm -f {END}"));
        }
        let mut children = Vec::new();
        for (place, host) in hosts.iter().enumerate() {
            let to = hosts[(place + 1) % hosts.len()];
            for way in [ANEW, KEPT] {
                let number = CLIENTS.fetch_add(1, Ordering::Relaxed);
                let script = format!(
                    "end={END} i={} options='--no-defaults -h {to} -u app -px -BN --ssl-ca=/root/{TRUSTED} --ssl-verify-server-cert'\n{way}",
                    number * ROWS
                );
                let said = lab.directory().join(format!("writer-{number}"));
                let mut client = lab.enter(host, &script, 6 * LONGEST);
                client.stdout(File::create(&said).expect("a file")).stderr(Stdio::inherit());
                children.push((client.spawn().expect("a client can be started"), said));
            }
        }
        Self { lab, hosts: hosts.to_vec(), children }
    }

    /// Ends them. Every row was acknowledged, and is on all nodes; how many there were.
    #[track_caller]
    pub fn assert_no_error(self) -> usize {
        for host in &self.hosts {
            self.lab.on(host, &format!("touch {END}"));
        }
        let mut rows = BTreeSet::new();
        for (mut child, said) in self.children {
            child.wait().expect("the client ends");
            let said = fs::read_to_string(said).expect("what the client said");
            let failed: Vec<_> = said.lines().filter(|line| !line.starts_with("ok ")).collect();
            assert!(failed.is_empty(), "{} errors: {:?}", failed.len(), &failed[..failed.len().min(5)]);
            assert!(!said.is_empty(), "a client wrote nothing");
            rows.extend(said.lines().filter_map(|line| Some(line.strip_prefix("ok ")?.to_owned())));
        }
        for host in self.hosts {
            let there = self.lab.sql(host, "SET SESSION wsrep_sync_wait = 1; SELECT id FROM shop.t");
            let there: BTreeSet<_> = there.lines().map(str::to_owned).collect();
            let lost: Vec<_> = rows.difference(&there).collect();
            assert!(lost.is_empty(), "{host} lacks {} of {} rows: {lost:?}", lost.len(), rows.len());
        }
        rows.len()
    }
}

/// The inventory's authority, and those that it had before.
fn authorities(inventory: &Inventory<'_>) -> String {
    let old = (1..).map(|number| inventory.file(&format!("galactl-ca.pem.{number}")));
    let files = std::iter::once(inventory.file("galactl-ca.pem")).chain(old);
    files.map_while(|file| fs::read_to_string(file).ok()).collect()
}
