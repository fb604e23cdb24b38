//! Certificates and keys on the operator's machine: read, judged, made.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::{authority_files, files};
use crate::exit::{CommandError, Kind};
use crate::galera::inventory::Inventory;
use crate::galera::observation::Observation;
use crate::galera::tls::Tls;
use crate::galera::tls::inventory::Material;
use crate::galera::tls::own::with_intermediates;
use crate::galera::tls::wanted::{members, own_sans, sans, sans_of_proxies, secret};
use crate::kernel::certificates::{
    self, Certificate, Fault, Pair, San, check, check_ca, issue, issuer, mode_fault,
};
use crate::kernel::inventory::note::{Note, Severity};
use crate::kernel::judge::{PLACE, shell_word};
use crate::kernel::model::{SecretRef, Secrets};
use crate::kernel::secrets;

/// Bytes; a chain of certificates has a few thousand.
const LONGEST: u64 = 1 << 20;

/// Reads what is public of the certificates that the inventory names, and judges them with their keys. A key that is
/// not here is no fault: whoever only reviews plans has none.
pub fn read(inventory: &mut Inventory, base: &Path) -> Vec<Note> {
    let Some(tls) = &inventory.tls else { return Vec::new() };
    let (material, notes) = Reading { inventory, tls, base, now: now(), notes: Vec::new() }.all();
    if let Some(tls) = &mut inventory.tls {
        tls.material = material;
    }
    notes
}

/// Errors: something is wrong with a certificate, as was said.
pub fn usable(inventory: &Inventory) -> Result<(), CommandError> {
    match inventory.tls.as_ref().is_some_and(|tls| tls.material.faults > 0) {
        false => Ok(()),
        true => Err(CommandError::new(
            Kind::Error,
            "nothing was changed: certificates cannot be used as they are",
        )
        .hint("each warning above says what to do; galactl validate tells again")),
    }
}

/// Makes the authority where there is none yet, once the hosts of all members were seen; and a certificate with a new key
/// for every member, as far as the others would take it. Certificates go no further than this process where no plan needs
/// them.
pub fn prepare(
    inventory: &mut Inventory,
    base: &Path,
    observation: &Observation,
    secrets: &mut Secrets,
) -> Result<(), CommandError> {
    let Some(tls) = &inventory.tls else { return Ok(()) };
    let made = match tls.material.ca {
        None if tls.ca.generate && !may_be_trusted(inventory, observation) => {
            Some(authority_files::make(inventory, tls, base, now())?)
        }
        _ => None,
    };
    if let (Some(made), Some(tls)) = (made, &mut inventory.tls) {
        tls.material.ca = Some(made);
        tls.material.cannot_issue = None;
    }
    let Some(tls) = &inventory.tls else { return Ok(()) };
    for (name, files) in &tls.own {
        let key = secrets::text(&files.key, base);
        if let (Some(certificate), Ok(key)) = (tls.material.own.get(name), key) {
            secrets.insert(&secret(name), joined(certificate, &key));
        }
    }
    let (Some(ca), Some(key)) = (&tls.material.ca, &tls.ca.key) else { return Ok(()) };
    let Ok(key) = secrets::text(key, base) else { return Ok(()) };
    let authority = Pair { certificate: ca.clone(), key };
    let mut refused = BTreeMap::new();
    for (member, _) in members(inventory).filter(|(member, _)| !tls.own.contains_key(member.name())) {
        match issued(&authority, member.name().as_str(), &sans(inventory, member), tls.valid_days) {
            Ok(pair) => secrets.insert(&secret(member.name()), joined(&pair.certificate, &pair.key)),
            Err(why) => drop(refused.insert(member.name().clone(), why)),
        }
    }
    if let Some(tls) = &mut inventory.tls {
        tls.material.refused = refused;
    }
    Ok(())
}

/// A new certificate that others take; otherwise why they would not. An authority may be bound to names and to days.
fn issued(authority: &Pair, name: &str, sans: &[San], days: u32) -> Result<Pair, String> {
    let pair = issue(authority, name, sans, now(), days).map_err(|why| why.to_string())?.pair;
    let faults = check(&pair, &authority.certificate, sans, now());
    match faults.is_empty() {
        true => Ok(pair),
        false => Err(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    }
}

/// Errors: the inventory does not have galactl make its authority.
pub fn can_renew_ca(inventory: &Inventory) -> Result<&Tls, CommandError> {
    inventory.tls.as_ref().filter(|tls| tls.ca.generate).ok_or_else(|| {
        CommandError::error("the inventory names an authority that galactl does not make")
            .hint("put the new one where `tls.ca` says, then run galactl apply-config; or write `tls: {ca: {generate: true}}`")
    })
}

/// Makes a new authority in place of the present one, whose files are kept. Returns how these are called now.
///
/// Errors: a file cannot be written; the inventory does not have galactl make it.
pub fn renew_ca(inventory: &Inventory, base: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let tls = can_renew_ca(inventory)?;
    authority_files::renew(inventory, tls, base, now())
}

/// Seconds since 1970.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A member's host trusts some authority already, so that another one would not be the first; or the host was not seen,
/// and may trust one.
fn may_be_trusted(inventory: &Inventory, observation: &Observation) -> bool {
    members(inventory)
        .any(|(member, _)| observation.certificates_of(member.name()).is_none_or(|facts| facts.ca.is_some()))
}

fn joined(certificate: &str, key: &SecretString) -> String {
    format!("{}\n{}", certificate.trim_end(), key.expose_secret())
}

struct Reading<'a> {
    inventory: &'a Inventory,
    tls: &'a Tls,
    base: &'a Path,
    now: i64,
    notes: Vec<Note>,
}

impl Reading<'_> {
    fn all(mut self) -> (Material, Vec<Note>) {
        let ca = self.certificate(certificates::File::Ca, &self.tls.ca.certificate, "tls.ca.certificate");
        let (issuer, cannot_issue) = match self.authority(ca.as_deref()) {
            Ok(issuer) => (issuer, None),
            Err(why) => (None, Some(why)),
        };
        let mut material = Material { ca, issuer, cannot_issue, read_at: self.now, ..Material::default() };
        for (member, _) in members(self.inventory) {
            let Some(files) = self.tls.own.get(member.name()) else { continue };
            let (at_certificate, at_key) =
                (format!("{}.certificate", files.place), format!("{}.key", files.place));
            let Some(own) =
                self.certificate(certificates::File::Certificate, &files.certificate, &at_certificate)
            else {
                continue;
            };
            let key = self.key(&files.key, &at_key);
            if let Err(why) = &key {
                material.no_key.insert(member.name().clone(), why.clone());
            }
            let of_proxies = sans_of_proxies(self.inventory, member);
            if let (Ok(key), Some(ca)) = (key, &material.ca) {
                let pair = Pair { certificate: own.clone(), key };
                let faults = check(&pair, ca, &own_sans(member), self.now);
                let files = Named { certificate: &files.certificate, key: &files.key };
                self.faults(faults, &files, (&at_certificate, &at_key));
                self.unknown_to_clients(&own, &files, &at_certificate, &of_proxies);
            }
            material.own.insert(member.name().clone(), own);
        }
        material.ca = material.ca.map(|ca| with_intermediates(&ca, material.own.values()));
        let mut said = BTreeSet::new();
        self.notes.retain(|note| said.insert((note.path.clone(), note.message.clone())));
        material.faults = self.notes.iter().filter(|note| note.severity == Severity::Error).count();
        (material, self.notes)
    }

    /// Who issues certificates; otherwise why nobody can.
    fn authority(&mut self, ca: Option<&str>) -> Result<Option<Certificate>, String> {
        let source = self.tls.ca.key.as_ref().ok_or("the inventory names no key of the authority")?;
        let ca = ca.ok_or_else(|| format!("{} is not here", self.tls.ca.certificate))?;
        self.open_to_others(source, "tls.ca.key", certificates::File::CaKey);
        let key = match secrets::text(source, self.base) {
            Ok(key) => key,
            Err(why) => return Err(why.to_string()),
        };
        let pair = Pair { certificate: ca.to_owned(), key };
        let named = Named { certificate: &self.tls.ca.certificate, key: source };
        self.faults(check_ca(&pair, self.now), &named, ("tls.ca.certificate", "tls.ca.key"));
        Ok(issuer(&pair, self.now))
    }

    /// The text of a file of certificates.
    fn certificate(&mut self, what: certificates::File, file: &str, at: &str) -> Option<String> {
        // It may be made later.
        let later = what == certificates::File::Ca && self.tls.ca.generate;
        match files::read_text(&self.base.join(file), LONGEST) {
            Ok(text) => match Certificate::all_in(&text) {
                Ok(_) => Some(text),
                Err(why) => {
                    let fault = Fault::Unreadable { file: what, why };
                    let hint = fault.remedy(&|_| shell_word(file));
                    self.notes.push(Note::error("certificate", at, format!("{file}: {fault}")).hint(hint));
                    None
                }
            },
            Err(error) if later && error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let note = Note::warning(NO_SUCH_FILE, at, format!("{file}: {error}"));
                self.notes.push(note.hint(RELATIVE));
                None
            }
        }
    }

    /// The key; otherwise why it is not here.
    fn key(&mut self, source: &SecretRef, at: &str) -> Result<SecretString, String> {
        self.open_to_others(source, at, certificates::File::Key);
        match secrets::text(source, self.base) {
            Ok(key) => Ok(key),
            Err(why) => {
                let why = why.to_string();
                let note = Note::warning(NO_SUCH_FILE, at, why.clone());
                self.notes.push(match source {
                    SecretRef::File(_) => note.hint(RELATIVE),
                    _ => note,
                });
                Err(why)
            }
        }
    }

    /// A member works without the names of the proxies, and the proof of an endpoint asks for none of a certificate from
    /// elsewhere.
    fn unknown_to_clients(&mut self, own: &str, files: &Named<'_>, at: &str, wanted: &[San]) {
        let Some(own) = Certificate::all_in(own).ok().and_then(|all| all.into_iter().next()) else { return };
        let missing: Vec<_> = wanted.iter().filter(|it| !own.answers_to(it)).cloned().collect();
        if missing.is_empty() {
            return;
        }
        let fault = Fault::LacksNames { subject: own.subject, missing, has: own.sans };
        let message = format!(
            "{}: {fault}; clients that come through a proxy and check names will turn it away",
            files.certificate
        );
        let hint = fault.remedy(&|_| shell_word(files.certificate));
        self.notes.push(Note::warning("certificate", at, message).hint(hint));
    }

    fn open_to_others(&mut self, source: &SecretRef, at: &str, file: certificates::File) {
        let SecretRef::File(name) = source else { return };
        let Ok(metadata) = std::fs::metadata(self.base.join(name)) else { return };
        if let Some(fault) = mode_fault(file, metadata.permissions().mode() & 0o7777) {
            let hint = fault.remedy(&|_| shell_word(name));
            self.notes.push(Note::error("certificate", at, format!("{name}: {fault}")).hint(hint));
        }
    }

    fn faults(&mut self, faults: Vec<Fault>, named: &Named<'_>, (certificate, key): (&str, &str)) {
        for fault in faults {
            let name = |file: certificates::File| match file {
                certificates::File::Certificate => named.certificate.to_owned(),
                certificates::File::Key | certificates::File::CaKey => named.key(),
                certificates::File::Ca => self.tls.ca.certificate.clone(),
            };
            let at = match fault.file() {
                certificates::File::Certificate => certificate,
                certificates::File::Key | certificates::File::CaKey => key,
                certificates::File::Ca => "tls.ca.certificate",
            };
            let hint = match fault {
                Fault::Expired { file: certificates::File::Ca, .. } if self.tls.ca.generate => format!(
                    "make another one: galactl tls {PLACE} --new-ca; galactl apply-config {PLACE} then brings it to the hosts"
                ),
                _ => fault.remedy(&|file| shell_word(&name(file))),
            };
            self.notes
                .push(Note::error("certificate", at, format!("{}: {fault}", name(fault.file()))).hint(hint));
        }
    }
}

const NO_SUCH_FILE: &str = "no-such-file";
const RELATIVE: &str = "paths are relative to the inventory";

/// How two files are called in messages.
struct Named<'a> {
    certificate: &'a str,
    key: &'a SecretRef,
}

impl Named<'_> {
    fn key(&self) -> String {
        match self.key {
            SecretRef::File(file) => file.clone(),
            SecretRef::Env(name) => format!("${name}"),
            SecretRef::Command(words) => words.first().cloned().unwrap_or_default(),
            SecretRef::Generated => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{
        BasicConstraints, CertificateParams, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
    };

    use super::*;
    use crate::galera::inventory::parse;
    use crate::galera::tls::facts::TlsFacts;
    use crate::kernel::certificates::make_ca;
    use crate::kernel::facts::{ConfigFile, Seen};

    const INVENTORY: &str = "version: 1\ncluster: {name: shop}\ntls: {ca: {generate: true}}\nnodes:\n  - {name: db1, address: 10.0.0.1}\n  - {name: db2, address: 10.0.0.2}\n";

    fn inventory(base: &Path) -> Inventory {
        let mut inventory = parse(INVENTORY.as_bytes()).expect("a valid inventory").0;
        assert!(read(&mut inventory, base).is_empty());
        inventory
    }

    /// Both hosts were seen, and have no certificates.
    fn bare() -> Observation {
        let mut observation = Observation::default();
        for name in ["db1", "db2"] {
            let facts = Seen::Facts(Box::new(TlsFacts::default()));
            observation.certificates.insert(name.parse().unwrap(), facts);
        }
        observation
    }

    fn prepared(base: &Path, observation: &Observation) -> (Inventory, Result<Secrets, CommandError>) {
        let mut inventory = inventory(base);
        let mut secrets = Secrets::default();
        let done = prepare(&mut inventory, base, observation, &mut secrets);
        (inventory, done.map(|()| secrets))
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
    }

    #[test]
    fn an_authority_is_made_once_and_its_key_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (key, certificate) = (folder.path().join("galactl-ca.key"), folder.path().join("galactl-ca.pem"));
        let (inventory, secrets) = prepared(folder.path(), &bare());
        let secrets = secrets.unwrap();
        assert_eq!((mode(&key), mode(&certificate)), (0o600, 0o644));
        assert_eq!(inventory.tls.unwrap().material.ca, fs::read_to_string(&certificate).ok());
        let made = [fs::read(&key).unwrap(), fs::read(&certificate).unwrap()];
        for node in &inventory.nodes {
            let pair = secrets.get(&secret(&node.name)).expect("it has a certificate");
            assert!(pair.contains("BEGIN CERTIFICATE") && pair.contains("PRIVATE KEY"));
            assert!(!pair.contains(fs::read_to_string(&key).unwrap().lines().nth(1).unwrap()));
        }
        assert!(!format!("{secrets:?}").contains("PRIVATE KEY"));
        let (_, again) = prepared(folder.path(), &bare());
        assert!(again.is_ok());
        assert_eq!([fs::read(&key).unwrap(), fs::read(&certificate).unwrap()], made);
    }

    #[test]
    fn a_key_that_is_there_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (key, certificate) = (folder.path().join("galactl-ca.key"), folder.path().join("galactl-ca.pem"));
        fs::write(&key, "kept\n").unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let (_, done) = prepared(folder.path(), &bare());
        let told = done.map(|_| ()).unwrap_err();
        assert!(told.to_string().contains("nothing was changed"), "{told}");
        assert_eq!(fs::read_to_string(&key).unwrap(), "kept\n");
        assert!(!certificate.exists());
    }

    #[test]
    fn none_is_made_where_a_host_trusts_another() {
        let folder = tempfile::tempdir().unwrap();
        let ca =
            ConfigFile { mode: "644".into(), owner: "root".into(), group: "root".into(), text: "x".into() };
        let facts = TlsFacts { ca: Some(ca), ..TlsFacts::default() };
        let mut observation = bare();
        observation.certificates.insert("db2".parse().unwrap(), Seen::Facts(Box::new(facts)));
        let (inventory, done) = prepared(folder.path(), &observation);
        assert!(done.is_ok() && inventory.tls.unwrap().material.ca.is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// A host that cannot be reached may trust one, and so may one that nobody has asked.
    #[test]
    fn none_is_made_before_all_hosts_were_seen() {
        let mut unreachable = bare();
        unreachable.certificates.insert("db2".parse().unwrap(), Seen::Unreachable("no route".into()));
        for observation in [unreachable, Observation::default()] {
            let folder = tempfile::tempdir().unwrap();
            let (inventory, done) = prepared(folder.path(), &observation);
            assert!(done.is_ok() && inventory.tls.unwrap().material.ca.is_none());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_new_authority_keeps_the_files_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let (inventory, _) = prepared(folder.path(), &bare());
        let before = fs::read(folder.path().join("galactl-ca.key")).unwrap();
        for number in 1..=2 {
            let kept = renew_ca(&inventory, folder.path()).unwrap();
            let names: Vec<_> =
                kept.iter().map(|it| it.file_name().unwrap().to_str().unwrap().to_owned()).collect();
            assert_eq!(names, ["galactl-ca.key", "galactl-ca.pem"].map(|name| format!("{name}.{number}")));
            assert_eq!(mode(&folder.path().join(format!("galactl-ca.key.{number}"))), 0o600);
        }
        assert_eq!(mode(&folder.path().join("galactl-ca.key")), 0o600);
        assert_eq!(fs::read(folder.path().join("galactl-ca.key.1")).unwrap(), before);
        assert_ne!(fs::read(folder.path().join("galactl-ca.key")).unwrap(), before);
    }

    fn lay(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// What a proxy's clients ask for is no reason to refuse a node's certificate: nodes do not ask for it.
    #[test]
    fn one_that_is_brought_along_needs_no_names_of_proxies() {
        const OWN: &str = "version: 1\ncluster: {name: shop}\ntls: {ca: {certificate: ca.pem}}\nnodes:\n  - {name: db1, address: 10.0.0.1, tls: {certificate: db1.pem, key: {file: db1.key}}}\nproxies:\n  - {name: lb1, address: 10.0.0.9}\n  - {name: lb2, address: 10.0.0.10, kind: proxysql}\n";
        let folder = tempfile::tempdir().unwrap();
        let ca = make_ca("Shop CA", now(), 300).unwrap();
        lay(folder.path(), "ca.pem", &ca.certificate);
        let judged = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| San::of(name)).collect();
            let own = issue(&ca, "db1", &names, now(), 200).unwrap().pair;
            lay(folder.path(), "db1.pem", &own.certificate);
            lay(folder.path(), "db1.key", own.key.expose_secret());
            let text = OWN.replace("nodes:", "proxysql: {users: [{name: app, password: {env: X}}]}\nnodes:");
            let mut inventory = parse(text.as_bytes()).expect("a valid inventory").0;
            let notes = read(&mut inventory, folder.path());
            (notes, usable(&inventory).is_ok())
        };
        assert!(judged(&["db1", "10.0.0.1", "lb1", "10.0.0.9"]).0.is_empty());
        let (notes, usable) = judged(&["db1", "10.0.0.1"]);
        assert!(usable && notes.len() == 1, "{notes:?}");
        assert_eq!(
            (notes[0].severity, notes[0].path.as_str()),
            (Severity::Warning, "nodes[0].tls.certificate")
        );
        assert!(notes[0].message.contains("not valid for lb1 or 10.0.0.9"), "{notes:?}");
        let (notes, usable) = judged(&["db1", "lb1", "10.0.0.9"]);
        assert!(!usable && notes[0].message.contains("not valid for 10.0.0.1"), "{notes:?}");
    }

    /// An authority of a company may be bound to the company's names.
    #[test]
    fn what_others_would_turn_away_is_not_issued() {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let permitted_subtrees = vec![GeneralSubtree::DnsName("shop.example".into())];
        params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
        let key = KeyPair::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        lay(folder.path(), "ca.pem", &params.self_signed(&key).unwrap().pem());
        lay(folder.path(), "ca.key", &key.serialize_pem());
        let text = INVENTORY.replace("{generate: true}", "{certificate: ca.pem, key: {file: ca.key}}");
        let mut inventory = parse(text.as_bytes()).expect("a valid inventory").0;
        assert!(read(&mut inventory, folder.path()).is_empty());
        let mut secrets = Secrets::default();
        prepare(&mut inventory, folder.path(), &bare(), &mut secrets).unwrap();
        let material = &inventory.tls.as_ref().unwrap().material;
        let why = &material.refused[&"db2".parse().unwrap()];
        assert!(material.refused.len() == 2 && why.contains("a name constraint of its CA forbids"), "{why}");
        assert!(secrets.get(&secret(&"db2".parse().unwrap())).is_none());
    }
}
