//! Why a program cannot be set up on a host, whatever its role is.

use super::{Finding, Remedy, codes};
use crate::kernel::facts::{Machine, UnitFacts};

/// Somebody has masked its unit.
pub fn masked(unit: &UnitFacts, name: &str) -> Option<Finding> {
    unit.is_masked().then(|| {
        let evidence = format!("{name}.service is masked: somebody decided that it must not run here");
        Finding::new(codes::UNIT_MASKED, evidence, Remedy::on_host(format!("sudo systemctl unmask {name}")))
    })
}

/// Somebody else has written its file. `instead`: what may be done where that file is needed.
pub fn foreign_file(path: &str, instead: &str) -> Finding {
    let evidence = format!("{path} is somebody else's work, and galactl would replace it");
    let next = Remedy::from(format!("{instead}; or, if the file is not needed, "))
        .and(Remedy::on_host(format!("sudo mv {path} {path}.before-galactl")));
    Finding::new(codes::FOREIGN_FILE, evidence, next)
}

/// What is wrong, or the obstacle that keeps `command`, of galactl, from putting it right: a fix is no command that would
/// leave the host as it is.
pub fn hindered(ailing: Finding, obstacle: Option<Finding>, command: &'static str) -> Finding {
    let Some(Finding { code, evidence, remedy, .. }) = obstacle else { return ailing };
    let next = remedy.and("; then ").and(Remedy::galactl(command, &[]));
    Finding::new(code, evidence, next).severity(ailing.severity)
}

/// Another program has a port that a member needs. `taken`: the port and the program. `setting`: what in the inventory
/// says the port.
pub fn port_taken(taken: &str, setting: &str) -> Finding {
    let (port, program) = taken.split_once(' ').unwrap_or((taken, "another program"));
    let evidence = format!("port {port} is used by {program}");
    let next = Remedy::from(format!("set `{setting}` in the inventory, or stop that program: "))
        .and(Remedy::on_host(format!("sudo ss -ltnp 'sport = :{port}'")));
    Finding::new(codes::PORTS, evidence, next)
}

/// It is not there, and may not or cannot be installed. `install`: missing packages are to be installed. `role`: what
/// the host is to be, in a word or two.
pub fn not_installed(
    install: bool,
    machine: &Machine,
    (package, installed): (&str, Option<&String>),
    role: &str,
) -> Option<Finding> {
    if installed.is_some() {
        return None;
    }
    if !install {
        let next = Remedy::from("set `cluster.install: true` in the inventory, or ")
            .and(Remedy::on_host(format!("sudo apt-get install {package}")));
        return Some(Finding::new(codes::NOT_INSTALLED, format!("{package} is not installed"), next));
    }
    (!machine.debian_family).then(|| {
        let evidence = format!("galactl installs packages with apt, and this is {}", machine.os);
        let next = format!("use a host of Debian's family as {role}");
        Finding::new(codes::NOT_SUPPORTED, evidence, next)
    })
}
