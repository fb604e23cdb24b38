//! Scanning a program of monitoring.

use super::WEBHOOK;
use super::program::Service;
use crate::kernel::facts::{END, Malformed, PROGRAM, ProgramFacts, Report, is_ours};
use crate::kernel::model::Secrets;

/// The pieces of the script.
pub fn script(service: Service) -> Vec<&'static str> {
    let more = match service {
        Service::MysqldExporter => {
            concat!(include_str!("http_get.sh"), include_str!("mysqld_exporter.sh"))
        }
        Service::Prometheus => concat!(include_str!("http_get.sh"), include_str!("prometheus.sh")),
        Service::NodeExporter | Service::Alertmanager => "",
    };
    vec![PROGRAM, more, END]
}

/// Stands where a URL stood that is not the inventory's.
const HIDDEN: &str = "(hidden)";
/// Stands where a file's text stood that galactl did not write.
const ANOTHERS: &str = "(not shown: galactl did not write it)\n";

/// Reads what the script found; secrets are replaced.
///
/// Errors: the report says nothing about the unit.
pub fn read(service: Service, report: &Report, secrets: &Secrets) -> Result<ProgramFacts, Malformed> {
    ProgramFacts::read(&service.program(), report, |text| match service {
        // Passwords and tokens may stand anywhere in what somebody else wrote.
        _ if !is_ours(text) => ANOTHERS.to_owned(),
        Service::Alertmanager => hide(text, secrets),
        _ => text.to_owned(),
    })
}

/// Hides URLs. The inventory's own becomes its placeholder, and so does any URL where this command resolves no secret;
/// every other URL is hidden.
fn hide(text: &str, secrets: &Secrets) -> String {
    let known = secrets.get(WEBHOOK);
    let instead = if known.is_none() { WEBHOOK.placeholder() } else { HIDDEN.to_owned() };
    let ours = known.map(|url| text.replace(url, &WEBHOOK.placeholder()));
    let hidden = |line: &str| {
        let (key, value) = line.split_once(": ")?;
        let tells = key.trim_start_matches([' ', '-']) == "url";
        (tells && value != WEBHOOK.placeholder()).then(|| format!("{key}: {instead}"))
    };
    let text = ours.as_deref().unwrap_or(text);
    text.split_inclusive('\n')
        .map(|line| match hidden(line.trim_end_matches('\n')) {
            Some(shown) => shown + "\n",
            None => line.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_url_of_an_alertmanager_is_shown() {
        let mut secrets = Secrets::default();
        secrets.insert(WEBHOOK, "https://chat.example/s3cr3t".into());
        let text = "# Written by galactl\n- webhook_configs:\n  - url: https://chat.example/s3cr3t\n    send_resolved: true\n";
        let own = format!("  - url: {}\n    send_resolved: true\n", WEBHOOK.placeholder());
        assert!(hide(text, &secrets).contains(&own));
        assert!(hide(text, &Secrets::default()).contains(&own));
        let changed = hide(&text.replace("s3cr3t", "another"), &secrets);
        assert!(changed.contains("url: (hidden)\n") && !changed.contains("chat.example"), "{changed}");
    }
}
