//! `galactl compare` for a mesh: how a node is asked. What is made of the answers is in the kernel.

pub mod asked;
pub mod for_repair;
mod tables;
