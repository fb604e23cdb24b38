//! What every engine needs: hosts, plans and runs. Nothing here knows a database.

pub mod certificates;
pub mod compare;
pub mod explain;
pub mod facts;
pub mod haproxy;
pub mod inventory;
pub mod judge;
pub mod keepalived;
pub mod lint;
pub mod model;
pub mod plan;
pub mod random;
pub mod run;
pub mod secrets;
pub mod templates;
pub mod transport;
pub mod watch;
