//! The script that silences alerts, beside the Alertmanager of a host.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};

use galactl::galera::monitoring::silence::{Matcher, SCRIPT, Silencing};
use serde_json::Value;

use crate::lab::{LONGEST, Lab, until};

/// The script at work, with a second in place of the minute between two renewals.
struct Script {
    process: Child,
    input: ChildStdin,
}

impl Script {
    /// Starts it, and waits until it is ready.
    fn start(lab: &Lab) -> Self {
        let is = |name, value: &str| Matcher { name, value: value.into(), is_regex: false };
        let silencing = Silencing {
            created_by: "galactl, \"somebody\" $HOME".into(),
            comment: "größer".into(),
            matchers: vec![is("cluster", "shop's \\"), Matcher { is_regex: true, ..is("node", "db1|") }],
        };
        let (members, quick) = (silencing.members(), SCRIPT.replace("-lt 60", "-lt 1"));
        assert_ne!(quick, SCRIPT);
        let members = shlex::try_quote(&members).expect("no zero byte");
        let script = format!("set -- 127.0.0.1 9093 {members}\n{quick}");
        let mut command = lab.enter("mon1", &script, LONGEST);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
        let mut line = String::new();
        let output = process.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        let input = process.stdin.take().expect("a pipe");
        Self { process, input }
    }
}

/// Those that have not ended.
fn silences(lab: &Lab) -> Vec<Value> {
    let told = lab.on("mon1", "amtool --alertmanager.url=http://127.0.0.1:9093 silence query --output=json");
    serde_json::from_str(&told).expect("JSON")
}

/// It is renewed while signs of life come in, and made again where Alertmanager has forgotten it.
pub fn lasts_as_long_as_galactl_lives(lab: &Lab) {
    assert_eq!(silences(lab), Vec::<Value>::new());
    let Script { mut process, input } = Script::start(lab);
    let input = RefCell::new(input);
    let lives_until = |what: &str, is: &dyn Fn() -> bool| {
        until(what, || {
            input.borrow_mut().write_all(b"\n").expect("the script lives");
            is()
        });
    };
    let made = silences(lab);
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(made[0]["createdBy"], "galactl, \"somebody\" $HOME");
    assert_eq!(made[0]["comment"], "größer");
    assert_eq!(made[0]["matchers"][0]["value"], "shop's \\");
    assert_eq!(made[0]["status"]["state"], "active");

    lives_until("it is renewed", &|| silences(lab)[0]["endsAt"] != made[0]["endsAt"]);
    let renewed = silences(lab);
    assert_eq!((renewed.len(), &renewed[0]["id"]), (1, &made[0]["id"]), "another silence");

    lab.on(
        "mon1",
        "systemctl stop prometheus-alertmanager; rm -rf /var/lib/prometheus/alertmanager/*; systemctl start prometheus-alertmanager",
    );
    let answers = "amtool --alertmanager.url=http://127.0.0.1:9093 silence query --quiet";
    until("Alertmanager answers", || lab.try_on("mon1", answers).0);
    lives_until("it is made again", &|| silences(lab).len() == 1);
    let again = silences(lab);
    lives_until("that is renewed", &|| silences(lab)[0]["endsAt"] != again[0]["endsAt"]);
    assert_eq!(silences(lab)[0]["id"], again[0]["id"], "another silence");

    drop(input);
    process.wait().expect("it ends");
    assert_eq!(silences(lab), Vec::<Value>::new());
}
