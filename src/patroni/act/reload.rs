//! Letting a running node take its new file.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};
use crate::patroni::config::lines;
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(60);

const RELOAD: &str = "systemctl reload patroni.service";

/// $1 the server's port  $2 the data directory  $3 the lines that pg_hba.conf is to have. Prints `taken` once the server
/// has read them, and what it waits for before that.
const TAKEN: &str = r#"
cd /
there=$(grep -vE '^[[:space:]]*(#|$)' "$2/pg_hba.conf") || there=
[ "$there" = "$3" ] || { echo 'Patroni has not written pg_hba.conf'; exit 0; }
read_at=$(timeout 10 runuser -u postgres -- psql -XAtq -p "$1" -d postgres \
    -c 'SELECT ceil(extract(epoch FROM pg_conf_load_time()))') || exit
[ "$read_at" -ge "$(stat -c %Y "$2/pg_hba.conf")" ] && echo taken || echo 'the server has not read pg_hba.conf'
"#;

/// Reloads Patroni, and waits until the server lets in who stands in the file. `nodes`: those that the file lists.
pub async fn apply(context: &Arc<Context>, step: &Step, nodes: &[NodeName]) -> Outcome {
    let host = context.host(&step.node)?;
    host.succeed(RemoteCommand::act(RELOAD, [""; 0])).await?;
    let inventory = context.inventory.only(nodes);
    let arguments = [
        inventory.postgresql.port.to_string(),
        context.datadir(&step.node)?.to_owned(),
        lines(&inventory).join("\n"),
    ];
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(Taken { host, arguments }).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(why) => {
            let message = format!("{why}, {} s after the reload", PATIENCE.as_secs());
            Err(StepError::new(message).left("the new file is in place, and the server goes on as before"))
        }
    }
}

struct Taken {
    host: Arc<Host>,
    arguments: [String; 3],
}

impl Awaited for Taken {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let told = self.host.succeed(RemoteCommand::new(TAKEN, self.arguments.clone())).await?;
        Ok(match told.trim() {
            "taken" => Look::Found(()),
            why => Look::NotYet(Sign::word(why.to_owned())),
        })
    }
}
