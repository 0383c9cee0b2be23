//! As much of RFC 6455 as it takes to say one thing and hear one thing, in the framing of server functions: a byte that
//! tells a value (0) from an error (1), then JSON.

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const BINARY: u8 = 0x82;
const MASKED: u8 = 0x80;

/// Says a text over a socket that was just agreed to. The first answer.
pub async fn ask(agreed: reqwest::Response, text: &str) -> Result<String> {
    let mut socket = agreed.upgrade().await?;
    let mut message = vec![0];
    message.extend(serde_json::to_vec(text)?);
    let length = u8::try_from(message.len()).context("a short text")?;
    ensure!(length < 126, "a short text");
    // A mask of zeros leaves the bytes as they are.
    let mut frame = vec![BINARY, MASKED | length, 0, 0, 0, 0];
    frame.extend(message);
    socket.write_all(&frame).await?;

    let [first, length] = [socket.read_u8().await?, socket.read_u8().await?];
    ensure!(first == BINARY, "not a whole binary message but {first:#x}");
    let length = match length {
        126 => u64::from(socket.read_u16().await?),
        127 => socket.read_u64().await?,
        short => u64::from(short),
    };
    let mut heard = vec![0; usize::try_from(length)?];
    socket.read_exact(&mut heard).await?;
    Ok(String::from_utf8(heard)?)
}
