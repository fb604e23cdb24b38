//! galactl on booted hosts with a real mariadbd. Needs root and the lab (see lab/README.md), so
//! these tests are ignored unless asked for: `make test-lab`.

mod add_node;
mod asking;
mod bootstrap;
mod check;
mod continuing;
mod explaining;
mod guards;
mod hidden;
mod lab;
mod option_file;
mod run;
