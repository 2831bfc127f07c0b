//! The live link: a WebSocket for as long as it lasts.
//!
//! It carries frames and nothing else. When it breaks, nothing is lost: what had no verdict
//! is offered at the next contact, by whichever road.
use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, SinkExt, StreamExt};
use shared::{
    api::paths,
    journal::{
        cbor,
        frame::{Down, MAX_FRAME, Up},
    },
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

use super::{Client, LinkError};

/// How long the connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// How many frames are taken in together.
const TOGETHER: usize = 64;

/// A live link.
pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// How a live link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveEnd {
    /// The other side closed, or the network broke: try again later, or by HTTP.
    Broken,
    /// What came is no frame of this protocol.
    Senseless,
}

impl Live {
    /// Opens a live link inside a client's session.
    ///
    /// # Errors
    /// [`LinkError::Unreachable`]: use HTTP instead. [`LinkError::Refused`].
    pub async fn open(client: &Client) -> Result<Self, LinkError> {
        let token = client.token.as_deref().ok_or(LinkError::Refused)?;
        let url = client.base().replacen("http", "ws", 1) + paths::LINK;
        let mut request =
            url.into_client_request().map_err(|e| LinkError::Answer(e.to_string()))?;
        let bearer = format!("Bearer {token}")
            .parse()
            .map_err(|_| LinkError::Answer("session token".into()))?;
        request.headers_mut().insert("authorization", bearer);
        let host = request.uri().authority().map(|a| a.as_str().to_owned()).unwrap_or_default();
        let address = if host.rsplit(':').next().is_some_and(|p| p.parse::<u16>().is_ok()) {
            host
        } else {
            format!("{host}:443")
        };
        let unreachable = |e: String| LinkError::Unreachable(e);
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect(&address))
            .await
            .map_err(|_| unreachable("timed out".into()))?
            .map_err(|e| unreachable(e.to_string()))?;
        stream.set_nodelay(true).map_err(|e| unreachable(e.to_string()))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_FRAME))
            .max_frame_size(Some(MAX_FRAME));
        let connector = Connector::Rustls(Arc::clone(&client.tls));
        let shake = client_async_tls_with_config(request, stream, Some(config), Some(connector));
        let (socket, _) = tokio::time::timeout(CONNECT, shake)
            .await
            .map_err(|_| unreachable("timed out".into()))?
            .map_err(|e| match e {
                Error::Http(answer) if matches!(answer.status().as_u16(), 401 | 403) => {
                    LinkError::Refused
                }
                e => unreachable(e.to_string()),
            })?;
        Ok(Self { socket })
    }

    /// Sends one frame.
    ///
    /// # Errors
    /// [`LiveEnd::Broken`].
    pub async fn send(&mut self, frame: &Up) -> Result<(), LiveEnd> {
        let message = Message::Binary(cbor::to_vec(frame).into());
        self.socket.send(message).await.map_err(|_| LiveEnd::Broken)
    }

    /// Waits for the next frame. Safe to drop and call again.
    ///
    /// # Errors
    /// How the link ended.
    pub async fn next(&mut self) -> Result<Down, LiveEnd> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    return minicbor::decode(&bytes).map_err(|_| LiveEnd::Senseless);
                }
                Some(Ok(Message::Text(_))) => return Err(LiveEnd::Senseless),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(LiveEnd::Broken),
                // Pings are answered while reading.
                Some(Ok(_)) => {}
            }
        }
    }

    /// Waits for the next frame and returns it with those that are here already: they become
    /// one commit. Safe to drop and call again.
    ///
    /// # Errors
    /// How the link ended.
    pub async fn next_all(&mut self) -> Result<Vec<Down>, LiveEnd> {
        let mut frames = vec![self.next().await?];
        // A link that ended meanwhile says so again when it is next read.
        while frames.len() < TOGETHER
            && let Some(Ok(more)) = self.next().now_or_never()
        {
            frames.push(more);
        }
        Ok(frames)
    }
}
