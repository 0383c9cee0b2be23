//! A Graph that accepts everything after a fixed time, and remembers when each message came.
//!
//! nginx cannot wait before it answers. This does as little as it can: it finds the end of a request, notes the time,
//! waits without holding a thread, and writes a fixed answer.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A listening responder; stops when dropped.
pub struct Responder {
    url: String,
    ledger: Arc<Mutex<Vec<Instant>>>,
    _running: oneshot::Sender<()>,
}

impl Responder {
    /// Listens on a free port. Every answer takes this long.
    ///
    /// It has a thread of its own: what else the measuring program does must not hold up the clock that it reads.
    pub fn start(latency: Duration) -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let ledger = Arc::new(Mutex::new(Vec::new()));
        let (running, dropped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let accepting = {
            let ledger = Arc::clone(&ledger);
            async move {
                let listener = TcpListener::from_std(listener)?;
                tokio::select! {
                    () = accept(listener, latency, ledger) => {}
                    _ = dropped => {}
                }
                io::Result::Ok(())
            }
        };
        std::thread::Builder::new()
            .name("responder".to_owned())
            .spawn(move || runtime.block_on(accepting))?;
        Ok(Self { url, ledger, _running: running })
    }

    /// Scheme, host and port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// When each message came, in order; forgotten afterwards.
    pub fn take_ledger(&self) -> Vec<Instant> {
        let mut ledger = std::mem::take(&mut *self.ledger.lock().unwrap_or_else(PoisonError::into_inner));
        ledger.sort_unstable();
        ledger
    }
}

async fn accept(listener: TcpListener, latency: Duration, ledger: Arc<Mutex<Vec<Instant>>>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, latency, Arc::clone(&ledger)));
        while connections.try_join_next().is_some() {}
    }
}

/// One connection: a request after the other, as HTTP/1.1 without pipelining has them.
async fn serve(mut stream: TcpStream, latency: Duration, ledger: Arc<Mutex<Vec<Instant>>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut held = Vec::with_capacity(4_096);
    loop {
        let length = loop {
            match message_length(&held) {
                Some(length) if held.len() >= length => break length,
                _ if stream.read_buf(&mut held).await? == 0 => return Ok(()),
                _ => {}
            }
        };
        held.drain(..length);
        let number = {
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.push(Instant::now());
            ledger.len()
        };
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let body = format!(
            r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"+1","wa_id":"1"}}],"messages":[{{"id":"wamid.{number:016}","message_status":"accepted"}}]}}"#
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// How long the first request or answer in there is, head and body; none while the head is not complete.
pub fn message_length(held: &[u8]) -> Option<usize> {
    let head = held.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let lines = held[..head].split(|byte| *byte == b'\n');
    let mut body = lines.filter_map(|line| {
        let (name, value) = line.split_at_checked(15)?;
        name.eq_ignore_ascii_case(b"content-length:").then_some(value)
    });
    let body = body.next_back().and_then(|value| std::str::from_utf8(value).ok()?.trim().parse().ok());
    Some(head + body.unwrap_or(0))
}

/// The most messages in any second, wherever it starts, and the mean rate from the first to the last.
pub fn rates(ledger: &[Instant]) -> (usize, f64) {
    let mut first = 0;
    let mut most = 0;
    for (last, at) in ledger.iter().enumerate() {
        while at.duration_since(ledger[first]) >= Duration::from_secs(1) {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    let mean = match ledger {
        [first, .., last] => (ledger.len() - 1) as f64 / last.duration_since(*first).as_secs_f64(),
        _ => 0.0,
    };
    (most, mean)
}
