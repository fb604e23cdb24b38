//! TLS for a driver that has none: it speaks with a thread of this process, and that thread with the server. The driver
//! could be built with TLS, but not for the unix sockets by which SSH leads to a proxy, and only with the root certificates
//! of the web, whose licence `deny.toml` does not allow.
//!
//! The server's certificate is not checked. A guest has a random name and a random password, both end with the
//! command, and the password itself is never sent. What a guest writes means nothing to anybody.

use std::io::{Error, Read, Result, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, Stream};

use crate::galera::guest::route::{CONNECT, PATIENCE, Route};

/// The bit of the capabilities by which both sides say that they speak TLS, in their second byte.
const SPEAKS_TLS: u8 = 0x08;
/// A client's first answer begins with so many bytes when it asks for TLS, and says all the rest in TLS.
const REQUEST: usize = 32;
const CHUNK: usize = 16 << 10;

/// Opens a port of this machine for one connection, which goes on along the route in TLS. Returns the port.
///
/// Errors: there is no port. Whatever breaks later ends the driver's connection.
pub fn door(route: &Route) -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let (port, route) = (listener.local_addr()?.port(), route.clone());
    thread::spawn(move || {
        let (driver, _) = listener.accept()?;
        drop(listener);
        relay(driver, dial(&route)?)
    });
    Ok(port)
}

/// A connection to a server or a proxy.
trait Line: Read + Write + Send {
    fn again(&self) -> Result<Box<dyn Line>>;
    fn wait_for(&self, time: Option<Duration>) -> Result<()>;
    fn hang_up(&self);
}

macro_rules! line {
    ($stream:ty) => {
        impl Line for $stream {
            fn again(&self) -> Result<Box<dyn Line>> {
                Ok(Box::new(self.try_clone()?))
            }

            fn wait_for(&self, time: Option<Duration>) -> Result<()> {
                self.set_read_timeout(time)?;
                self.set_write_timeout(time)
            }

            fn hang_up(&self) {
                // The other side may have done so already.
                let _ = self.shutdown(Shutdown::Both);
            }
        }
    };
}

line!(TcpStream);
line!(UnixStream);

fn dial(route: &Route) -> Result<Box<dyn Line>> {
    Ok(match route {
        Route::Socket(path) => Box::new(UnixStream::connect(path)?),
        Route::Address(address, port) => {
            let mut addresses = (address.as_str(), *port).to_socket_addrs()?;
            let address = addresses.next().ok_or_else(|| Error::other("no address"))?;
            let stream = TcpStream::connect_timeout(&address, CONNECT)?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
    })
}

/// Lets the driver log in, and then passes everything on.
fn relay(mut driver: TcpStream, mut server: Box<dyn Line>) -> Result<()> {
    driver.set_nodelay(true)?;
    for line in [&driver as &dyn Line, &*server] {
        line.wait_for(Some(PATIENCE))?;
    }
    let greeting = Packet::read(&mut server)?;
    greeting.write(&mut driver)?;
    if !greeting.offers_tls() {
        return Err(Error::other("the server does not speak TLS"));
    }
    let mut answer = Packet::read(&mut driver)?;
    answer.ask_for_tls()?.write(&mut server)?;
    let name = ServerName::from(std::net::IpAddr::from(Ipv4Addr::LOCALHOST));
    let mut tls = ClientConnection::new(Arc::new(config()?), name).map_err(Error::other)?;
    let mut encrypted = Stream::new(&mut tls, &mut server);
    loop {
        // The request for TLS was a packet more than the driver knows of.
        answer.number = answer.number.wrapping_add(1);
        answer.write(&mut encrypted)?;
        let mut said = Packet::read(&mut encrypted)?;
        said.number = said.number.wrapping_sub(1);
        said.write(&mut driver)?;
        if said.ends_login() {
            break;
        }
        answer = Packet::read(&mut driver)?;
    }
    for line in [&driver as &dyn Line, &*server] {
        line.wait_for(None)?;
    }
    both_ways(driver, server, tls)
}

/// A packet of the protocol: three bytes of length, a number, and what it says.
struct Packet {
    number: u8,
    says: Vec<u8>,
}

impl Packet {
    fn read(from: &mut impl Read) -> Result<Self> {
        let mut head = [0; 4];
        from.read_exact(&mut head)?;
        let [a, b, c, number] = head;
        let mut says = vec![0; u32::from_le_bytes([a, b, c, 0]) as usize];
        from.read_exact(&mut says)?;
        Ok(Self { number, says })
    }

    fn write(&self, to: &mut impl Write) -> Result<()> {
        let length = u32::try_from(self.says.len()).map_err(Error::other)?.to_le_bytes();
        to.write_all(&[&[length[0], length[1], length[2], self.number], self.says.as_slice()].concat())?;
        to.flush()
    }

    /// Of a server's greeting: after the version come the number of the connection, eight bytes of salt, and a zero.
    fn offers_tls(&self) -> bool {
        let version = self.says.iter().skip(1).position(|byte| *byte == 0).map(|end| end + 2);
        let bits = version.and_then(|after| self.says.get(after + 4 + 8 + 1 + 1));
        self.says.first() == Some(&10) && bits.is_some_and(|bits| bits & SPEAKS_TLS != 0)
    }

    /// Of a client's first answer: marks it, and returns the request that goes before it.
    fn ask_for_tls(&mut self) -> Result<Self> {
        let bits = self.says.get_mut(1).ok_or_else(|| Error::other("an answer without capabilities"))?;
        *bits |= SPEAKS_TLS;
        let says = self.says.get(..REQUEST).ok_or_else(|| Error::other("an answer that is too short"))?;
        Ok(Self { number: self.number, says: says.to_vec() })
    }

    /// The server has let the client in, or has refused it.
    fn ends_login(&self) -> bool {
        matches!(self.says.first(), None | Some(0 | 0xff))
    }
}

/// Until one side ends it.
fn both_ways(mut driver: TcpStream, mut server: Box<dyn Line>, tls: ClientConnection) -> Result<()> {
    let tls = Arc::new(Mutex::new(tls));
    let (mut from, mut to, shared) = (driver.try_clone()?, server.again()?, Arc::clone(&tls));
    thread::spawn(move || {
        let _ = to_server(&mut from, &mut to, &shared);
        from.hang_up();
        to.hang_up();
    });
    let outcome = to_driver(&mut server, &mut driver, &tls);
    driver.hang_up();
    server.hang_up();
    outcome
}

fn to_server(driver: &mut impl Read, server: &mut impl Write, tls: &Mutex<ClientConnection>) -> Result<()> {
    let mut bytes = [0; CHUNK];
    loop {
        let count = driver.read(&mut bytes)?;
        let mut tls = tls.lock().unwrap_or_else(PoisonError::into_inner);
        if count == 0 {
            tls.send_close_notify();
        }
        tls.writer().write_all(&bytes[..count])?;
        while tls.wants_write() {
            tls.write_tls(server)?;
        }
        if count == 0 {
            return Ok(());
        }
    }
}

fn to_driver(server: &mut impl Read, driver: &mut impl Write, tls: &Mutex<ClientConnection>) -> Result<()> {
    let mut bytes = [0; CHUNK];
    loop {
        let count = server.read(&mut bytes)?;
        if count == 0 {
            return Ok(());
        }
        let (mut rest, mut said) = (&bytes[..count], Vec::new());
        while !rest.is_empty() {
            let mut tls = tls.lock().unwrap_or_else(PoisonError::into_inner);
            tls.read_tls(&mut rest)?;
            let ready = tls.process_new_packets().map_err(Error::other)?.plaintext_bytes_to_read();
            let so_far = said.len();
            said.resize(so_far + ready, 0);
            tls.reader().read_exact(&mut said[so_far..])?;
        }
        driver.write_all(&said)?;
    }
}

fn config() -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    Ok(config)
}

/// Takes every certificate; whoever shows it must have its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

type Signed = std::result::Result<HandshakeSignatureValid, rustls::Error>;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        said: &[u8],
        by: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Signed {
        verify_tls12_signature(said, by, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        said: &[u8],
        by: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Signed {
        verify_tls13_signature(said, by, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConfig, ServerConnection};

    use super::*;
    use crate::galera::guest::act::Guest;

    const OK: [u8; 7] = [0, 0, 0, 2, 0, 0, 0];

    fn config() -> ServerConfig {
        let made = rcgen::generate_simple_self_signed(vec!["db1".into()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap()
    }

    fn packet(number: u8, says: &[u8]) -> Packet {
        Packet { number, says: says.to_vec() }
    }

    /// A server that requires TLS, and another kind of password than the driver begins with. `offers`: it can speak
    /// TLS. Answers one statement.
    fn serve(mut stream: TcpStream, offers: bool) -> Result<()> {
        let bits = if offers { b"\x00\xaa" } else { b"\x00\xa2" };
        let hello = [
            b"\x0a11.8.9-MariaDB\0\x01\0\0\0saltsalt\0".as_slice(),
            bits,
            b"\x21\x02\0\x08\0\x15",
            &[0; 10],
            b"saltsaltsalt\0mysql_native_password\0",
        ];
        packet(0, &hello.concat()).write(&mut stream)?;
        let asked = Packet::read(&mut stream)?;
        if asked.says.len() != REQUEST {
            let refusal = b"\xff\x57\x0c#08004Connections using insecure transport are prohibited";
            return packet(asked.number + 1, refusal).write(&mut stream);
        }
        let mut tls = ServerConnection::new(Arc::new(config())).map_err(Error::other)?;
        let mut stream = Stream::new(&mut tls, &mut stream);
        let login = Packet::read(&mut stream)?;
        assert_eq!((asked.number, login.number), (1, 2));
        assert_eq!(login.says[..REQUEST], asked.says);
        packet(3, b"\xfemysql_native_password\0anothersaltsaltsalt0\0").write(&mut stream)?;
        assert_eq!(Packet::read(&mut stream)?.number, 4);
        packet(5, &OK).write(&mut stream)?;
        let statement = Packet::read(&mut stream)?;
        assert_eq!((statement.number, &statement.says[1..]), (0, b"DO 1".as_slice()));
        packet(1, &OK).write(&mut stream)
    }

    fn server(offers: bool, times: usize) -> Route {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming().take(times) {
                // The thread ends at the first failure, and then the guest is not let in.
                serve(stream.unwrap(), offers).unwrap();
            }
        });
        Route::Address("127.0.0.1".into(), port)
    }

    #[test]
    fn where_clear_text_is_refused_a_guest_speaks_tls() {
        use mysql::prelude::Queryable;
        let guest = Guest::new("galactl_ledger_");
        // In clear text and in TLS, and the second time in TLS at once.
        let route = server(true, 3);
        for _ in 0..2 {
            guest.connect(&route).unwrap().query_drop("DO 1").unwrap();
        }
    }

    #[test]
    fn where_there_is_no_tls_the_refusal_is_what_is_told() {
        let refused = Guest::new("galactl_ledger_").connect(&server(false, 2)).unwrap_err();
        assert!(refused.to_string().contains("insecure transport"), "{refused}");
    }
}
