//! TCP ports that nobody uses, and waiting until somebody answers on one.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// A port that was free a moment ago.
pub fn free() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free TCP port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// The port one would like, or another one if it is taken.
pub fn preferred(port: u16) -> Result<u16> {
    // Both addresses: something listening on every interface also owns the loopback.
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err()
        || TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_err();
    if taken { free() } else { Ok(port) }
}

/// The status of `GET path`, or nothing while nobody answers.
pub fn http_status(port: u16, path: &str) -> Option<u16> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT).ok()?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT)).ok()?;
    stream
        .write_all(
            format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .ok()?;
    let mut head = [0; 32];
    let length = stream.read(&mut head).ok()?;
    std::str::from_utf8(&head[..length]).ok()?.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_not_given_out() -> Result<()> {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let taken = holder.local_addr()?.port();
        assert_ne!(preferred(taken)?, taken);
        Ok(())
    }

    #[test]
    fn a_status_is_read_from_the_first_line() -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let server = std::thread::spawn(move || -> Result<()> {
            let (mut stream, _) = listener.accept()?;
            let mut asked = [0; 4];
            stream.read_exact(&mut asked)?;
            assert_eq!(&asked, b"GET ");
            stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")?;
            Ok(())
        });
        assert_eq!(http_status(port, "/readyz"), Some(503));
        server.join().expect("the test's own server does not panic")
    }
}
