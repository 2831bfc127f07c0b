//! A laptop that makes contact, timed, and the bare things beside it.
use std::{
    collections::BTreeSet,
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use shared::journal::{cbor, frame::Up, laptop::Note};
use tui::laptop::{
    FieldNode,
    link::{Client, Live, sync},
};

/// What one contact came to; times since it was begun.
#[derive(Debug, Default)]
pub(crate) struct Contact {
    /// Until session, TLS and WebSocket stood.
    pub(crate) linked: Duration,
    /// Until everything that was to be received was.
    pub(crate) received: Duration,
    /// Until everything that was to be decided was.
    pub(crate) decided: Duration,
    /// Until the laptop knew that it has everything.
    pub(crate) caught_up: Duration,
    /// Bytes of frames up.
    pub(crate) up: usize,
    /// Bytes of frames down.
    pub(crate) down: usize,
    /// The frames with envelopes, as sent.
    pub(crate) pushed: Vec<Vec<u8>>,
}

/// Makes a client of the server a laptop is enrolled with.
pub(crate) fn client(node: &FieldNode) -> anyhow::Result<Client> {
    let identity = node.identity();
    Ok(Client::new(&identity.server_url, Some(identity.certificate))?)
}

/// Brings a laptop up to date.
pub(crate) async fn catch_up(node: &mut FieldNode) -> anyhow::Result<()> {
    let mut client = client(node)?;
    sync(node, &mut client, Duration::from_secs(60)).await?;
    node.take_notes();
    Ok(())
}

/// Makes contact as a laptop that was away does, and goes on until it has everything and
/// `own` envelopes of its own are received and decided.
pub(crate) async fn reconnect(node: &mut FieldNode, own: usize) -> anyhow::Result<Contact> {
    let me = node.core().device();
    let server = node.identity().server().context("the server's key is none")?;
    let mut came = Contact::default();
    let (mut received, mut decided) = (0, 0);
    let mut caught_up = BTreeSet::new();
    let begun = Instant::now();
    let mut client = client(node)?;
    client.open(&node.signing_key(), &server).await?;
    let mut live = Live::open(&client).await?;
    came.linked = begun.elapsed();
    node.connected().await?;
    loop {
        for frame in node.take_outgoing() {
            live.send(&frame).await.ok().context("the link broke")?;
            let bytes = cbor::to_vec(&frame);
            came.up += bytes.len();
            if matches!(frame, Up::Push { .. }) {
                came.pushed.push(bytes);
            }
        }
        for note in node.take_notes() {
            match note {
                Note::Received { envelopes } => received += envelopes.len(),
                Note::Decided { space, envelope, .. } => {
                    let kept = node.space(space)?.envelope(&envelope);
                    decided += usize::from(kept.is_some_and(|k| k.header.device == me));
                }
                Note::CaughtUp { space, .. } => {
                    caught_up.insert(space);
                }
                _ => {}
            }
        }
        let elapsed = || begun.elapsed();
        if received >= own && came.received.is_zero() {
            came.received = elapsed();
        }
        if decided >= own && came.decided.is_zero() {
            came.decided = elapsed();
        }
        if caught_up.len() == node.core().spaces().count() && decided >= own && received >= own {
            came.caught_up = elapsed();
            break;
        }
        let frames = live.next_all().await.ok().context("the link broke")?;
        came.down += frames.iter().map(|frame| cbor::to_vec(frame).len()).sum::<usize>();
        node.heard_all(frames).await?;
    }
    node.disconnected().await?;
    Ok(came)
}

/// The raw loop: appends each of these to a file and syncs it.
pub(crate) fn append_and_fsync(path: &Path, frames: &[Vec<u8>]) -> std::io::Result<Duration> {
    let mut file = File::options().create(true).append(true).open(path)?;
    let begun = Instant::now();
    for frame in frames {
        file.write_all(frame)?;
        file.sync_data()?;
    }
    Ok(begun.elapsed())
}

/// Returns a time in milliseconds.
pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
