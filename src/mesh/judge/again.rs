//! How replication that stands still is made to try again.

use crate::mesh::model::{DatabaseName, Method};

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
