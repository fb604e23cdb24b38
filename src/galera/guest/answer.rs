//! A statement's answer, read to its end.
//!
//! A node that aborts a transaction for one of another node may do so after it has sent rows: the error then stands
//! where the rows' end would be. The driver's `query_drop` and `query_first` leave that place unread, and tell success.

use mysql::prelude::{FromRow, Queryable};
use mysql::{Conn, Error};

/// Runs a statement, and drops its rows. Returns how many rows it changed.
///
/// Errors: the server refused it, or said behind its rows that it has undone the transaction.
pub fn run(connection: &mut Conn, statement: &str) -> Result<u64, Error> {
    let mut result = connection.query_iter(statement)?;
    let mut changed = 0;
    while let Some(set) = result.iter() {
        changed += set.affected_rows();
        for row in set {
            row?;
        }
    }
    Ok(changed)
}

/// The first row of a statement's answer.
///
/// Errors: as of [`run`].
pub fn first<T: FromRow>(connection: &mut Conn, statement: &str) -> Result<Option<T>, Error> {
    Ok(connection.query::<T, _>(statement)?.into_iter().next())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::thread::JoinHandle;

    use mysql::OptsBuilder;

    use super::*;

    const QUIT: u8 = 1;
    const EOF: [u8; 5] = [0xfe, 0, 0, 2, 0];
    const OK: [u8; 7] = [0, 0, 0, 2, 0, 0, 0];

    fn send(stream: &mut TcpStream, number: &mut u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).expect("a short packet");
        stream.write_all(&[&[length, 0, 0, *number], payload].concat()).expect("it is sent");
        *number += 1;
    }

    /// The next packet's payload and number; `None`: the client has gone.
    fn receive(stream: &mut TcpStream) -> Option<(Vec<u8>, u8)> {
        let mut head = [0; 4];
        stream.read_exact(&mut head).ok()?;
        let mut payload = vec![0; usize::from(head[0]) + (usize::from(head[1]) << 8)];
        stream.read_exact(&mut payload).ok()?;
        Some((payload, head[3]))
    }

    /// Answers each statement with one row, and behind it with an abort where the statement locks the row: no real
    /// server can be made to abort at just that moment.
    fn serve(mut stream: TcpStream) {
        let mut number = 0;
        // Protocol 4.1, transactions, mysql_native_password; an EOF stands behind rows.
        let hello = [
            b"\x0a10.11.19-MariaDB\0\x01\0\0\0saltsalt\0\x00\xa2\x21\x02\0\x08\0\x15".as_slice(),
            &[0; 10],
            b"saltsaltsalt\0mysql_native_password\0",
        ];
        send(&mut stream, &mut number, &hello.concat());
        let Some((_, last)) = receive(&mut stream) else { return };
        send(&mut stream, &mut (last + 1), &OK);
        while let Some((statement, last)) = receive(&mut stream).filter(|(it, _)| *it != [QUIT]) {
            let mut number = last + 1;
            let column = b"\x03def\0\0\0\x01v\0\x0c\x3f\0\x14\0\0\0\x08\0\0\0\0\0";
            for part in [&[1][..], column, &EOF, b"\x017"] {
                send(&mut stream, &mut number, part);
            }
            match statement.ends_with(b"FOR UPDATE") {
                true => send(&mut stream, &mut number, b"\xff\xbd\x04#40001Deadlock found"),
                false => send(&mut stream, &mut number, &EOF),
            }
        }
    }

    fn connected() -> (Conn, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let server = std::thread::spawn(move || serve(listener.accept().expect("a client").0));
        let options = OptsBuilder::new()
            .ip_or_hostname(Some("127.0.0.1"))
            .tcp_port(port)
            .prefer_socket(false)
            .max_allowed_packet(Some(1 << 20));
        (Conn::new(options).expect("it lets the client in"), server)
    }

    #[test]
    fn an_abort_behind_a_row_is_an_error() {
        let (mut connection, server) = connected();
        let is_deadlock = |error: &Error| matches!(error, Error::MySqlError(error) if error.code == 1213);
        let locks = "SELECT v FROM t FOR UPDATE";
        assert!(is_deadlock(&first::<u64>(&mut connection, locks).unwrap_err()));
        assert!(is_deadlock(&run(&mut connection, locks).unwrap_err()));
        assert_eq!(first::<u64>(&mut connection, "SELECT v FROM t").unwrap(), Some(7));
        assert_eq!(run(&mut connection, "SELECT v FROM t").unwrap(), 0);
        drop(connection);
        server.join().expect("the server ends");
    }
}
