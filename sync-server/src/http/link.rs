//! The live link: one frame in each binary message.
use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    response::Response,
};
use shared::journal::{
    cbor,
    frame::{MAX_FRAME, Up},
};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{Front, Refused, auth::Speaker};
use crate::app::{Link, outlet::Next};

/// How often the other side is asked whether it is there.
const PING: Duration = Duration::from_secs(20);
/// After this long without a word it is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// How long one message may take to leave.
const SEND_TIME: Duration = Duration::from_secs(60);

/// Close code: the server is going away, come back later.
const AWAY: u16 = 1001;
/// Close code: what was sent is no frame.
const SENSELESS: u16 = 1007;

/// Opens the live link of a device.
pub(super) async fn link(
    State(front): State<Arc<Front>>,
    Speaker(device): Speaker,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refused> {
    let link = front.app.connect(device).await?;
    let upgrade = upgrade.max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME);
    Ok(upgrade.on_upgrade(move |socket| talk(socket, link)))
}

/// Carries frames both ways until one side ends.
///
/// Reading waits while the core is busy, and what is to be sent waits in a bounded queue, so a
/// slow side slows only itself.
async fn talk(mut socket: WebSocket, mut link: Link) {
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let close = loop {
        let message = tokio::select! {
            () = link.outlet.ready() => match link.outlet.next().await {
                Ok(Next::Frame(frame)) => Message::Binary(cbor::to_vec(&frame).into()),
                Ok(Next::Barrier) => continue,
                Ok(Next::Closed) => break Some(AWAY),
                Err(error) => {
                    tracing::error!(%error, "the store fails");
                    break Some(AWAY);
                }
            },
            message = socket.recv() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        let Ok(frame) = minicbor::decode::<Up>(&bytes) else {
                            break Some(SENSELESS);
                        };
                        if link.say(frame).await.is_err() {
                            break Some(AWAY);
                        }
                        continue;
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Text(_))) => break Some(SENSELESS),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break None,
                }
            }
            _ = ping.tick() => {
                if heard.elapsed() > SILENCE {
                    break None;
                }
                Message::Ping(Bytes::new())
            }
        };
        if !matches!(timeout(SEND_TIME, socket.send(message)).await, Ok(Ok(()))) {
            break None;
        }
    };
    if let Some(code) = close {
        let frame = CloseFrame { code, reason: "".into() };
        // It may be gone already.
        let _ = timeout(SEND_TIME, socket.send(Message::Close(Some(frame)))).await;
    }
}
