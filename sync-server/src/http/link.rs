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
use shared::{
    journal::{
        cbor,
        frame::{Down, MAX_FRAME, Reject, Up},
    },
    model::DeviceId,
};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::{Front, Refused, auth::Speaker, too_many};
use crate::{
    app::{Link, outlet::Next},
    limits::Gates,
};

/// How often the other side is asked whether it is there.
const PING: Duration = Duration::from_secs(20);
/// After this long without a word it is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// How long one message may take to leave.
const SEND_TIME: Duration = Duration::from_secs(60);

/// How long answers may still leave before a link is closed for want of room.
const LEFTOVERS: Duration = Duration::from_secs(1);

/// Close code: the server is going away, come back later.
const AWAY: u16 = 1001;
/// Close code: too much for now, come back later.
const AGAIN: u16 = 1013;
/// Close code: what was sent is no frame.
const SENSELESS: u16 = 1007;

/// Opens the live link of a device.
pub(super) async fn link(
    State(front): State<Arc<Front>>,
    Speaker(device): Speaker,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refused> {
    let open = front.gates.link(device).ok_or_else(too_many)?;
    let link = front.app.connect(device).await?;
    let upgrade = upgrade.max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME);
    Ok(upgrade.on_upgrade(async move |socket| {
        talk(socket, link, device, &front.gates).await;
        drop(open);
    }))
}

/// Carries frames both ways until one side ends.
///
/// Reading waits while the core is busy, and what is to be sent waits in a bounded queue, so a
/// slow side slows only itself. Once something was not taken for want of room, the link is
/// closed: what to send is asked for at a contact, so the laptop tries again at the next.
async fn talk(mut socket: WebSocket, mut link: Link, device: DeviceId, gates: &Gates) {
    let mut again: Option<Instant> = None;
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let close = loop {
        let message = tokio::select! {
            () = link.outlet.ready() => match link.outlet.next().await {
                Ok(Next::Frame(frame)) => {
                    if let Down::Rejected { why: Reject::Quota | Reject::Full, .. } = &frame {
                        again.get_or_insert(Instant::now() + LEFTOVERS);
                    }
                    Message::Binary(cbor::to_vec(&frame).into())
                }
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
                        gates.frame(device).await;
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
            () = sleep_until(again.unwrap_or(heard)), if again.is_some() => break Some(AGAIN),
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
