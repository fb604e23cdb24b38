//! Looking at hosts: the scripts, and what they are called with.

pub mod look;
