//! What members and their hosts tell of pt-online-schema-change.

use std::time::Duration;

use crate::galera::alter::pt_osc::{OscSeen, program, replicated, script};
use crate::galera::alter::{Asked, Study};
use crate::galera::observation::Observation;
use crate::galera::sql::Database;
use crate::kernel::facts::{END, HEAD, Report};
use crate::kernel::transport::{Fleet, RemoteCommand, TransportError};

const DEADLINE: Duration = Duration::from_secs(60);

/// Adds to each member's answer what it tells of such. A member that does not tell is silent in all.
pub async fn add(fleet: &Fleet, observation: &Observation, study: &mut Study) {
    let table = study.table.clone();
    for (node, asked) in &mut study.nodes {
        let (Asked::Told(seen), Some(host)) = (&mut *asked, fleet.host_of(node)) else { continue };
        let Some(facts) = observation.facts(node) else { continue };
        let command = RemoteCommand::of_pieces(&[HEAD, program::LOOK, END], [""; 0]);
        let database = Database::new(host.clone(), &facts.socket);
        let printed = database.apart(&script(&table), DEADLINE).await.map_err(|why| why.to_string());
        let said = host.succeed(command).await.and_then(|said| parse(&said)).map_err(|why| why.to_string());
        let told = printed.map(|printed| OscSeen::read(&printed));
        match (told, said) {
            (Ok(OscSeen { error: Some(why), .. }) | Err(why), _) | (_, Err(why)) => {
                *asked = Asked::Silent(why)
            }
            (Ok(told), Ok(report)) => seen.osc = told.with_host(&report, &table),
        }
    }
}

/// Counts the write-sets of each member's own clients since then. Who does not tell has none to show for it.
pub async fn count_writes(fleet: &Fleet, observation: &Observation, study: &mut Study) {
    for (node, asked) in &mut study.nodes {
        let (Asked::Told(seen), Some(host)) = (asked, fleet.host_of(node)) else { continue };
        let (Some(facts), Some(before)) = (observation.facts(node), seen.osc.replicated) else { continue };
        let rows = Database::new(host, &facts.socket).run(&[&replicated("replicated")]).await;
        let now = rows.ok().and_then(|rows| rows.first()?.last()?.parse::<u64>().ok());
        seen.osc.writes = now.and_then(|now| now.checked_sub(before));
    }
}

fn parse(said: &str) -> Result<Report, TransportError> {
    Report::parse(said).map_err(|error| TransportError::Lost(error.to_string()))
}
