//! The dashboards beside a real Prometheus: every query has values there, and a browser draws the pages.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::lab::{Lab, until};
use crate::run::Inventory;

/// Where the picture in the book is, which a run with this in its environment takes anew.
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/images/console.png");
const BLESS: &str = "GALACTL_BLESS";

/// For a browser that looks at one page and ends. What it would look for in the world, it is told not to.
const BROWSER: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,1500",
    // Ends when the page has been still for so many of its own milliseconds.
    "--virtual-time-budget=20000",
];

/// Every query of every panel has values. To be called while an alert fires: one panel shows those.
pub fn every_query_has_values(lab: &Lab, inventory: &Inventory<'_>) {
    let folder = lab.directory().join("rendered");
    let out = folder.to_str().expect("a path");
    let written = inventory.write();
    let written = written.to_str().expect("a path");
    inventory.galactl_alone(&["monitoring", "render", written, "--out", out]).expect_code(0);
    let text = std::fs::read_to_string(folder.join("galactl-shop.dashboard.json")).expect("the dashboard");
    let dashboard: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().cloned().unwrap_or_default());
    let queries: Vec<_> = targets
        .map(|target| {
            target["expr"]
                .as_str()
                .expect("a query")
                .replace("\"$node\"", "\".+\"")
                .replace("$__rate_interval", "2m")
        })
        .collect();
    assert!(queries.len() > 30, "{queries:?}");
    let ask = |query: &String| {
        let query = shlex::try_quote(query).expect("no zero byte");
        format!("promtool query instant http://127.0.0.1:9090 {query} | grep -q . || echo {query}")
    };
    let script = queries.iter().map(ask).collect::<Vec<_>>().join("\n");
    until("every query has values", || {
        let without = lab.on("mon1", &script);
        if !without.is_empty() {
            println!("without values: {without}");
        }
        without.is_empty()
    });
}

/// A browser comes to the pages as the book says, through SSH, and finds all graphs drawn.
pub fn a_browser_draws_them(lab: &Lab) {
    let tunnel = Tunnel::to(lab, "mon1");
    for (page, graphs, words) in [
        ("cluster", 10, ["GaleraNodeDown", ">db3<"]),
        ("node", 10, ["Server has run for", "db3 /"]),
        ("proxy", 6, ["Nodes that take clients", "lb1: db1 1"]),
    ] {
        let picture = lab.directory().join(format!("{page}.png"));
        // The page itself tries again what has failed. The browser looks at it once, so it is sent again.
        until(&format!("the page {page} is drawn"), || {
            let shown = tunnel.shown(&format!("page={page}&span=900"), &picture);
            let drawn = shown.contains("data-drawn=\"yes\"")
                && words.iter().all(|word| shown.contains(word))
                && shown.matches("<svg").count() == graphs
                && shown.matches("class=\"series\" d=\"M").count() >= graphs;
            if !drawn {
                println!("{page}: {}", shown.split("<body").last().unwrap_or_default());
            }
            drawn
        });
        assert!(std::fs::metadata(&picture).is_ok_and(|file| file.len() > 10_000), "{page}: no picture");
        if page == "cluster" && std::env::var_os(BLESS).is_some() {
            std::fs::copy(&picture, PICTURE).expect("docs/images");
        }
    }
}

/// Port 9090 of a host on this machine, for as long as it lives.
struct Tunnel {
    ssh: Child,
    port: u16,
    profile: tempfile::TempDir,
}

impl Tunnel {
    fn to(lab: &Lab, host: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let forward = format!("127.0.0.1:{}:localhost:9090", free.port());
        let ssh = Command::new("ssh")
            .arg("-F")
            .arg(lab.directory().join("ssh_config"))
            .args(["-N", "-o", "ExitOnForwardFailure=yes", "-L", &forward, host])
            .stdin(Stdio::null())
            .spawn()
            .expect("ssh");
        let profile = tempfile::tempdir().expect("a folder");
        let tunnel = Self { ssh, port: free.port(), profile };
        until("the tunnel is there", || std::net::TcpStream::connect(("127.0.0.1", tunnel.port)).is_ok());
        tunnel
    }

    /// What a browser makes of the page; `picture`: as it looks.
    fn shown(&self, choice: &str, picture: &Path) -> String {
        let address = format!("http://127.0.0.1:{}/consoles/galactl.html?{choice}", self.port);
        let output = Command::new("timeout")
            .args(["300", "chromium"])
            .args(BROWSER)
            .arg(format!("--user-data-dir={}", self.profile.path().display()))
            .arg(format!("--screenshot={}", picture.display()))
            .args(["--dump-dom", &address])
            .output()
            .expect("chromium, which `make tools` installs");
        // Without the script, which has all words that may be shown.
        let shown = String::from_utf8_lossy(&output.stdout);
        shown.split("<script").next().unwrap_or_default().to_owned()
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        let _ = self.ssh.kill();
        let _ = self.ssh.wait();
    }
}
