//! galactl on booted hosts with a real mariadbd. Needs root and the lab (see lab/README.md), so
//! these tests are ignored unless asked for: `make test-lab`.

#![allow(clippy::print_stdout, reason = "the harness shows it where a test fails")]

mod add_node;
mod adopt;
mod alert_log;
mod alerts_fired;
mod alerts_silent;
mod alter;
mod alter_ways;
mod arbitrator;
mod asking;
mod bootstrap;
mod check;
mod ci_examples;
mod clients;
mod compare;
mod continuing;
mod contract;
mod cut_off;
mod day_two;
mod doctor;
mod endpoint;
mod endpoint_faults;
mod endpoint_nginx;
mod explaining;
mod faults;
mod guards;
mod hidden;
mod ipv6;
mod lab;
mod links;
mod lint;
mod load;
mod load_test;
mod mesh;
mod option_file;
mod outage;
mod outside;
mod package;
mod pages;
mod patroni;
mod receiver;
mod recover;
mod recover_cut_off;
mod recover_refuses;
mod remove_node;
mod rolling;
mod run;
mod silence;
mod tls;
mod tour;
mod unanswered;
mod watched;
mod waves;
