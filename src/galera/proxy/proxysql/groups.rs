//! Groups of servers. A node that serves is in the first: `ONLINE` if it takes writes, else `SHUNNED`, and then it is
//! in the second as well.

pub const WRITERS: u8 = 10;
pub const BACKUPS: u8 = 20;
pub const READERS: u8 = 30;
pub const OFFLINE: u8 = 40;
