//! Certificates as somebody's own PKI makes them, good and bad.

use std::fs;
use std::path::Path;

use galactl::kernel::certificates::{Pair, San};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use secrecy::SecretString;
use x509_parser::time::ASN1Time;

/// 2027-01-15 08:00 UTC.
pub const NOW: i64 = 1_800_000_000;
pub const DAY: i64 = 86_400;

/// A certificate, its key, and what it is made of.
pub struct Made {
    pub params: CertificateParams,
    pub key: KeyPair,
    pub pem: String,
}

impl Made {
    /// A root that is good for all that `edit` does not change.
    pub fn root(name: &str, edit: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = authority(name);
        edit(&mut params);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { params, key, pem }
    }

    /// An authority below this one.
    pub fn intermediate(&self, name: &str, edit: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = authority(name);
        edit(&mut params);
        self.signs(params)
    }

    /// The certificate of db1, a host.
    pub fn leaf(&self, edit: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = named("db1");
        params.subject_alt_names = ["db1", "db1.shop.example"].map(dns).to_vec();
        params.subject_alt_names.push(SanType::IpAddress("10.0.0.1".parse().unwrap()));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        edit(&mut params);
        self.signs(params)
    }

    fn signs(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let pem = params.signed_by(&key, &issuer).unwrap().pem();
        Self { params, key, pem }
    }

    pub fn secret(&self) -> SecretString {
        SecretString::from(self.key.serialize_pem())
    }

    /// With nothing behind the certificate.
    pub fn pair(&self) -> Pair {
        self.followed_by("")
    }

    pub fn followed_by(&self, more: &str) -> Pair {
        Pair { certificate: format!("{}{more}", self.pem), key: self.secret() }
    }
}

/// What the inventory says of db1.
pub fn wanted() -> Vec<San> {
    ["db1", "10.0.0.1"].map(San::of).to_vec()
}

pub fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

/// Valid from `begins` to `ends`, in days from now.
pub fn between(params: &mut CertificateParams, begins: i64, ends: i64) {
    let date = |days: i64| ASN1Time::from_timestamp(NOW + days * DAY).unwrap().to_datetime();
    (params.not_before, params.not_after) = (date(begins), date(ends));
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.use_authority_key_identifier_extension = true;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    between(&mut params, -10, 300);
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// One that `make.sh` has made beside it.
pub fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/certificates");
    fs::read_to_string(folder.join(name)).unwrap()
}

pub fn secret_fixture(name: &str) -> SecretString {
    SecretString::from(fixture(name))
}
