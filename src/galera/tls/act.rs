//! Putting certificates in place, and having them loaded. All of it may be repeated.

use std::sync::Arc;
use std::time::Duration;

use super::LOADED;
use super::action::TlsAction;
use super::settings::NODE;
use crate::galera::act::Context;
use crate::galera::facts::Spoken;
use crate::galera::garbd;
use crate::galera::garbd::action::GarbdAction;
use crate::galera::inventory::Node;
use crate::galera::model::Service;
use crate::kernel::model::{NodeName, SecretName, Secrets};
use crate::kernel::plan::HostAction;
use crate::kernel::run::step_error::StepError;
use crate::kernel::run::{Outcome, host_act};
use crate::kernel::transport::RemoteCommand;

const DEADLINE: Duration = Duration::from_secs(30);

/// $1 the record. What is loaded after this is newer than the files that lie there now.
const BEGIN: &str = r#"
set -eu
install -d -m 755 -- "$(dirname -- "$1")"
touch -- "$1.begun"
"#;

/// $1 the record  $2 the file of certificate and key  $3.. where it is served: `ADDRESS:PORT`, or `socket UNIT`
const PROVE: &str = concat!(
    include_str!("socket.sh"),
    r#"
set -eu
record=$1 pair=$2
shift 2
served() {
    case $1 in
    'socket '*)
        pid=$(systemctl show "${1#* }.service" --property=MainPID --value)
        set -- -unix "$(server_socket "$pid")" -starttls mysql
        ;;
    *) set -- -connect "$1" ;;
    esac
    timeout 5 openssl s_client "$@" -cert "$pair" -key "$pair" </dev/null 2>/dev/null |
        openssl x509 -noout -fingerprint -sha256 2>/dev/null
}
wanted=$(openssl x509 -in "$pair" -noout -fingerprint -sha256)
for place in "$@"; do
    found=
    for try in 1 2 3 4 5 6 7 8 9 10; do
        found=$(served "$place") || found=
        [ "$found" != "$wanted" ] || break
        sleep 0.3
    done
    if [ "$found" != "$wanted" ]; then
        echo "$place serves ${found:-nothing that speaks TLS}, and $pair is $wanted" >&2
        exit 1
    fi
done
mv -- "$record.begun" "$record"
"#
);

/// A node whose certificate has expired is in no Primary component, and takes no statement otherwise.
const ASIDE: &str = "SET SESSION wsrep_on = OFF";
const RELOAD_OPTION: &str = "wsrep_provider_socket_ssl_reload";

/// Carries out one action.
pub async fn apply(context: &Arc<Context>, node: &NodeName, action: &TlsAction) -> Outcome {
    match action {
        TlsAction::Put { file } => {
            let fill_in = |text: &str| fill_in(text, &context.secrets);
            host_act::apply(&*context.host(node)?, &HostAction::PutFile(file.as_ref().clone()), fill_in).await
        }
        TlsAction::Load { .. } => load(context, node).await,
        TlsAction::Reload => {
            let uses = uses(context, node).await?;
            reload(context, node, &uses).await.map(|()| None)
        }
        TlsAction::Restart { nodes, most_members, .. } => {
            let start = GarbdAction::Start { nodes: nodes.clone(), most_members: *most_members, again: true };
            garbd::act::apply(context, node, &start).await
        }
    }
}

/// A certificate has many lines, and stands in no option file.
fn fill_in(text: &str, secrets: &Secrets) -> Result<String, String> {
    SecretName::all_in(text).into_iter().try_fold(text.to_owned(), |filled, name| {
        let value = secrets.get(&name).ok_or_else(|| format!("no value for {name}"))?;
        Ok(filled.replace(&name.placeholder(), value.trim_end()))
    })
}

/// A server that cannot use the files keeps those that it has (seen with 10.5, 10.11 and 11.8), and says why.
async fn load(context: &Arc<Context>, name: &NodeName) -> Outcome {
    let host = context.host(name)?;
    let as_before = |error: StepError| error.left(format!("{name} goes on with what it has loaded"));
    let Some(node) = context.inventory.node(name) else { return Ok(None) };
    host.succeed(RemoteCommand::act(BEGIN, [LOADED]).deadline(DEADLINE)).await?;
    let uses = uses(context, name).await.map_err(as_before)?;
    reload(context, name, &uses).await.map_err(as_before)?;
    let places = uses.iter().map(|it| it.served_at(context, node));
    let words = [LOADED, NODE.pair].map(str::to_owned).into_iter().chain(places);
    host.succeed(RemoteCommand::act(PROVE, words).deadline(DEADLINE))
        .await
        .map_err(|error| as_before(error.into()))?;
    Ok(None)
}

async fn reload(context: &Arc<Context>, name: &NodeName, uses: &[Use]) -> Result<(), StepError> {
    for used in uses {
        context.database(name)?.run(&[ASIDE, used.reload()]).await?;
    }
    Ok(())
}

/// What a running server does with its certificate.
enum Use {
    Clients,
    /// Group communication, and whether it is reloaded by a variable of its own.
    Group {
        by_variable: bool,
    },
}

impl Use {
    /// `LOCAL`: a `FLUSH` goes to all nodes otherwise. The provider's switch is a variable of its own in 11.8, where the
    /// options as a whole cannot be set while it runs.
    fn reload(&self) -> &'static str {
        match self {
            Self::Clients => "FLUSH LOCAL SSL",
            Self::Group { by_variable: true } => "SET GLOBAL wsrep_provider_socket_ssl_reload = ON",
            Self::Group { by_variable: false } => "SET GLOBAL wsrep_provider_options = 'socket.ssl_reload=1'",
        }
    }

    /// Where the certificate is seen, as `PROVE` wants it.
    fn served_at(&self, context: &Context, node: &Node) -> String {
        match self {
            Self::Clients => format!("socket {}", context.inventory.host.unit),
            Self::Group { .. } => {
                format!("{}:{}", node.address.in_url(), node.port(Service::GroupCommunication))
            }
        }
    }
}

/// The inventory may want more than what the server was started with; that comes with its restart.
async fn uses(context: &Arc<Context>, name: &NodeName) -> Result<Vec<Use>, StepError> {
    let database = context.database(name)?;
    let ask = format!("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('ssl_cert', '{RELOAD_OPTION}')");
    let rows = database.run(&[ASIDE, ask.as_str()]).await?;
    let value = |name: &str| rows.iter().find(|row| row.first().is_some_and(|it| it == name));
    let clients = value("ssl_cert").is_some_and(|row| row.get(1).is_some_and(|it| it == NODE.pair));
    let group = database.live().await?.spoken.is_some_and(|spoken| spoken != Spoken::Clear);
    let by_variable = value(RELOAD_OPTION).is_some();
    Ok(clients
        .then_some(Use::Clients)
        .into_iter()
        .chain(group.then_some(Use::Group { by_variable }))
        .collect())
}
