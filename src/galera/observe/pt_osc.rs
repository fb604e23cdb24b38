//! What members and their hosts tell of pt-online-schema-change.

use std::time::Duration;

use crate::galera::alter::pt_osc::{OscSeen, PROCESSES, script};
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
        let command = RemoteCommand::of_pieces(&[HEAD, PROCESSES, END], [""; 0]);
        let database = Database::new(host.clone(), &facts.socket);
        let printed = database.apart(&script(&table), DEADLINE).await.map_err(|why| why.to_string());
        let said = host.succeed(command).await.and_then(|said| parse(&said)).map_err(|why| why.to_string());
        let told = printed.map(|printed| OscSeen::read(&printed));
        match (told, said) {
            (Ok(OscSeen { error: Some(why), .. }) | Err(why), _) | (_, Err(why)) => {
                *asked = Asked::Silent(why);
            }
            (Ok(told), Ok(report)) => seen.osc = told.with_host(&report, &table),
        }
    }
}

fn parse(said: &str) -> Result<Report, TransportError> {
    Report::parse(said).map_err(|error| TransportError::Lost(error.to_string()))
}
