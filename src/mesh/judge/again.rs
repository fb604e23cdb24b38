//! How replication that stands still is made to try again.

use crate::kernel::judge::Remedy;
use crate::mesh::model::{DatabaseName, Method};

/// How a node that cannot go on gets everything again.
pub fn anew(node: &str) -> Remedy {
    Remedy::galactl("remove-node", &[node])
        .and(", then ")
        .and(Remedy::galactl("add-node", &[node]))
        .and(", which gives it everything again")
}

/// How a subscription is made to try again at once.
pub fn again(method: Method, name: &str, database: &DatabaseName) -> String {
    match method {
        Method::Native => {
            format!(
                "sudo -u postgres psql -d {database} -c 'ALTER SUBSCRIPTION \"{name}\" DISABLE' -c 'ALTER SUBSCRIPTION \"{name}\" ENABLE'"
            )
        }
        Method::Pglogical | Method::Spock | Method::Bdr => format!(
            "sudo -u postgres psql -d {database} -c \"SELECT pglogical.alter_subscription_disable('{name}', true)\" -c \"SELECT pglogical.alter_subscription_enable('{name}', true)\""
        ),
    }
}
