//! Who is told of alerts: a receiver on the host of Prometheus, which writes down what Alertmanager sends.

use crate::lab::Lab;
use crate::run::Inventory;

/// Where alerts are sent to. Whoever knows it can send alerts.
const WEBHOOK: &str = "http://127.0.0.1:9999/s3cr3t-of-the-scene";

/// Writes down what is sent to it.
const RECEIVER: &str = r"
cat > /root/receiver <<'END'
use IO::Socket::INET;
my $door = IO::Socket::INET->new(LocalAddr => '127.0.0.1:9999', Listen => 5, ReuseAddr => 1) or die;
while (my $client = $door->accept) {
    my $length = 0;
    while (<$client>) { $length = $1 if /^content-length: (\d+)/i; last if /^\r?\n$/ }
    read $client, my $body, $length;
    open my $out, '>>', '/root/alerts'; print $out $body, qq{\n}; close $out;
    print $client qq{HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n};
    close $client;
}
END
touch /root/alerts
systemd-run --quiet --unit=receiver perl /root/receiver
";

/// Starts the receiver on mon1, and gives an inventory of these nodes and of the proxy lb1, with alerts that go there.
pub fn inventory<'a>(lab: &'a Lab, nodes: &[&str]) -> Inventory<'a> {
    lab.on("mon1", RECEIVER);
    std::fs::write(lab.directory().join("webhook"), WEBHOOK).expect("the lab's directory");
    let address = lab.address("mon1");
    let mut inventory = Inventory::of(lab, nodes);
    inventory.cluster += "\n  install: true";
    inventory.proxies = vec![("lb1".into(), String::new())];
    inventory.rest = format!(
        "monitoring:\n  prometheus: {{name: mon1, address: {address}}}\n  alerts: {{webhook: {{file: webhook}}}}"
    );
    inventory
}

/// An alert that was sent: its name, its node, and whether it fires.
pub type Sent = (String, String, bool);

/// What the receiver got so far, in order.
pub fn sent(lab: &Lab) -> Vec<Sent> {
    let messages = lab.on("mon1", "cat /root/alerts");
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let alerts = messages.flat_map(|message| message["alerts"].as_array().cloned().unwrap_or_default());
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let alert = |alert: serde_json::Value| {
        (word(&alert["labels"]["alertname"]), word(&alert["labels"]["node"]), alert["status"] == "firing")
    };
    alerts.map(alert).collect()
}

/// What Alertmanager sends to nobody, because another alert is its cause.
pub fn held_back(lab: &Lab) -> String {
    lab.on("mon1", "amtool --alertmanager.url=http://127.0.0.1:9093 alert query --inhibited")
}
