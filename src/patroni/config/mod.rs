//! The files that galactl owns on each host: their values, their texts, their secrets.
//!
//! Everything here is pure. What the software of the hosts cannot do is told before, by
//! [`unfit`](super::inventory::unfit).

mod access;
mod beyond;
mod cluster_defaults;
mod dynamic;
mod etcd;
mod file;
mod files;
mod foreign;
mod found;
mod local_rewind;
mod patroni;
mod secrets;
mod settings_of;
mod yaml;

pub use access::{as_listed, lines};
pub use beyond::{another_server, in_the_way, is_everywhere, missed, no_usual_socket, obstacles};
pub use cluster_defaults::{CREATECLUSTER, cluster_defaults};
pub use dynamic::{Difference, DynamicConfig, same};
pub use etcd::{ETCD_DEFAULTS, EtcdStart, etcd_data_dir, etcd_file, peer_url, works_with};
pub use file::{File, HEADER, is_galactls};
pub use files::files;
pub use foreign::{FOREIGN_SECRET, may_hold_secret};
pub use found::{FoundFile, Login, Password, is_on};
pub use local_rewind::removing_by_itself;
pub use patroni::{PATRONI_CONFIG, bin_dir, data_dir, folder, patroni_file};
pub use secrets::{fill_in, fits, passwords_in, redact, redact_words};
pub use settings_of::{in_effect, port_in, settings_in, texts};
