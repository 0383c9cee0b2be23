//! Requests over kept connections, one after the other on each, as fast as they are answered.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::responder::message_length;

/// What came of it.
pub struct Outcome {
    /// From the first request to the last answer.
    pub took: Duration,
    /// How long each answer took, shortest first.
    answered_in: Vec<Duration>,
    /// Answers other than 200.
    pub refused: usize,
}

impl Outcome {
    /// Answers in a second.
    pub fn per_second(&self) -> f64 {
        self.answered_in.len() as f64 / self.took.as_secs_f64()
    }

    /// Milliseconds within which this percentage of the answers came.
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let index = (self.answered_in.len() * percent / 100).min(self.answered_in.len().saturating_sub(1));
        self.answered_in.get(index).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
    }
}

/// Sends every request once.
pub async fn send_all(port: u16, requests: &Arc<Vec<Vec<u8>>>, connections: usize) -> Result<Outcome> {
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut lines = JoinSet::new();
    for _ in 0..connections {
        lines.spawn(line(port, Arc::clone(requests), Arc::clone(&next)));
    }
    let (mut answered_in, mut refused) = (Vec::with_capacity(requests.len()), 0);
    while let Some(line) = lines.join_next().await {
        let (took, others) = line??;
        answered_in.extend(took);
        refused += others;
    }
    let took = started.elapsed();
    ensure!(answered_in.len() == requests.len(), "{} of {} answered", answered_in.len(), requests.len());
    answered_in.sort_unstable();
    Ok(Outcome { took, answered_in, refused })
}

async fn line(
    port: u16,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
) -> io::Result<(Vec<Duration>, usize)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let (mut took, mut refused) = (Vec::new(), 0);
    let mut held = Vec::with_capacity(1_024);
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let started = Instant::now();
        stream.write_all(request).await?;
        let length = loop {
            match message_length(&held) {
                Some(length) if held.len() >= length => break length,
                _ if stream.read_buf(&mut held).await? == 0 => {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed"));
                }
                _ => {}
            }
        };
        took.push(started.elapsed());
        refused += usize::from(!held.starts_with(b"HTTP/1.1 200"));
        held.drain(..length);
    }
    Ok((took, refused))
}
