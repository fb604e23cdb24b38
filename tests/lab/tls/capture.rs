//! What anybody can read on a lab's network.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::lab::{Lab, until};

/// Group communication, IST, SST, and clients.
const PORTS: &str = "tcp port 4567 or tcp port 4568 or tcp port 4444 or tcp port 3306";

/// A capture of a lab's bridge.
pub struct Capture {
    child: Child,
    file: PathBuf,
}

impl Capture {
    /// Begins it; whatever is sent from now on is in it.
    pub fn begin(lab: &Lab) -> Self {
        let network = lab.address("db1");
        let number = network.split('.').nth(2).expect("an address of four parts");
        let file = lab.directory().join("capture");
        let _ = fs::remove_file(&file);
        let child = Command::new("tcpdump")
            .args(["-i", &format!("glab{number}"), "--immediate-mode", "-U", "-s", "0", "-w"])
            .arg(&file)
            .arg(PORTS)
            .stderr(Stdio::null())
            .spawn()
            .expect("tcpdump");
        // It writes the head of the file once it listens.
        until("tcpdump listens", || fs::metadata(&file).is_ok_and(|it| it.len() > 0));
        Self { child, file }
    }

    /// Ends it: everything that was sent, as text.
    pub fn end(mut self) -> String {
        // It writes what it has, and ends.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        String::from_utf8_lossy(&fs::read(&self.file).expect("the capture")).into_owned()
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
