//! Where members sort what a new index holds, and the room there.

use crate::galera::alter::{Asked, Study, Tmpdir};
use crate::galera::observation::Observation;
use crate::kernel::transport::{Fleet, RemoteCommand};

/// $1 the directory, $2 the data directory: the file system of both, and the free bytes of the first one.
const LOOK: &str = r#"stat -c %d "$1" "$2" && df --output=avail --block-size=1 "$1" | tail -n 1"#;

/// Adds to each member's answer what its host tells. A host that does not tell stands against nothing.
pub async fn add(fleet: &Fleet, observation: &Observation, study: &mut Study) {
    for (node, asked) in &mut study.nodes {
        let (Asked::Told(seen), Some(host)) = (&mut *asked, fleet.host_of(node)) else { continue };
        let Some(facts) = observation.facts(node) else { continue };
        let Tmpdir { path, .. } = &seen.tmpdir;
        if !path.starts_with('/') {
            continue;
        }
        let command = RemoteCommand::new(LOOK, [path.as_str(), facts.datadir.path.as_str()]);
        if let Ok(said) = host.succeed(command).await {
            tell(&mut seen.tmpdir, &said);
        }
    }
}

fn tell(tmpdir: &mut Tmpdir, said: &str) {
    if let [one, other, free] = said.lines().map(str::trim).collect::<Vec<_>>().as_slice() {
        (tmpdir.beside_data, tmpdir.free) = (one == other, free.parse().ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_says_is_read() {
        let mut tmpdir = Tmpdir::default();
        tell(&mut tmpdir, "40\n41\n 2147483648\n");
        assert_eq!((tmpdir.beside_data, tmpdir.free), (false, Some(2 << 30)));
        tell(&mut tmpdir, "40\n40\n 5\n");
        assert_eq!((tmpdir.beside_data, tmpdir.free), (true, Some(5)));
    }
}
