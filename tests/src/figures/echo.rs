//! A bare WebSocket server beside ours: it answers, and syncs a file first when asked to.
use std::{
    fs::File,
    io::Write,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, accept_async, client_async, tungstenite::Message,
};

/// A server in a thread of its own, and a client's end of a connection to it.
pub(crate) struct Echo {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    _folder: TempDir,
}

impl Echo {
    /// Starts the server and connects.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(serve(listener, folder.path().join("log")));
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{address}/");
        let (socket, _) = client_async(url, MaybeTlsStream::Plain(stream)).await?;
        Ok(Self { socket, _folder: folder })
    }

    /// Sends so many bytes and waits until so many have come.
    pub(crate) async fn exchange(&mut self, up: usize, down: usize) -> anyhow::Result<Duration> {
        self.ask(false, up, down).await
    }

    /// Sends so many bytes, has them appended to a file and synced, and waits for them.
    pub(crate) async fn synced(&mut self, bytes: usize) -> anyhow::Result<Duration> {
        self.ask(true, bytes, bytes).await
    }

    async fn ask(&mut self, sync: bool, up: usize, down: usize) -> anyhow::Result<Duration> {
        let mut message = vec![0; up.max(HEAD)];
        message[0] = u8::from(sync);
        message[1..HEAD].copy_from_slice(&u32::try_from(down)?.to_le_bytes());
        let begun = Instant::now();
        self.socket.send(Message::Binary(message.into())).await?;
        self.socket.next().await.context("the echo is gone")??;
        Ok(begun.elapsed())
    }
}

/// Whether to sync, and how long the answer is to be.
const HEAD: usize = 5;

async fn serve(listener: TcpListener, log: PathBuf) -> anyhow::Result<()> {
    let mut file = File::options().create(true).append(true).open(log)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    let mut socket = accept_async(stream).await?;
    while let Some(Ok(Message::Binary(bytes))) = socket.next().await {
        let length = bytes.get(1..HEAD).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        if bytes.first() == Some(&1) {
            file.write_all(&bytes)?;
            file.sync_data()?;
        }
        let answer = vec![0; length.unwrap_or_default() as usize];
        socket.send(Message::Binary(answer.into())).await?;
    }
    Ok(())
}
