//! A laptop comes back: with nothing changed, and with five commits in each of 200 records.
//!
//! Coming back costs what changed, never how many records there are: so the first is measured
//! with few and with many records held. Its reference is one exchange of the same bytes by the
//! same library over a bare WebSocket; that of the second is the raw loop, which appends the
//! same frames to a file and syncs it.
use super::{
    archive::{Shape, fill},
    contact::{Contact, append_and_fsync, catch_up, millis, reconnect},
    device::{Device, splice},
    echo::Echo,
    place::{Place, member},
    sample::{Figure, Line, Samples},
};

const SHAPE: Shape = Shape { chars: 300, more: 0 };

/// How much of it.
pub(crate) struct Size {
    /// Records held, in rising order.
    pub(crate) held: Vec<usize>,
    /// Contacts with nothing changed, at each of these.
    pub(crate) contacts: usize,
    /// Records that are written into.
    pub(crate) written: usize,
    /// Commits in each of these.
    pub(crate) commits: usize,
    /// Contacts with them.
    pub(crate) rounds: usize,
}

/// Measures.
pub(crate) async fn measure(size: &Size) -> anyhow::Result<Figure> {
    let mut place = Place::new(1, 2).await?;
    let stay = place.stay(1);
    let mut author = Device::enrol(&place, &member(1, 1), 1).await?;
    let mut node = place.laptop(&member(1, 2)).await?;
    let mut lines = Vec::new();
    let mut echo = Echo::start().await?;
    let mut held = Vec::new();
    for target in &size.held {
        let more = target.saturating_sub(held.len());
        held.extend(fill(&mut place, &mut author, &[stay], more, SHAPE).await?);
        catch_up(&mut node).await?;
        let mut contacts = Vec::new();
        let mut bare = Samples::default();
        for _ in 0..size.contacts {
            let came = reconnect(&mut node, 0).await?;
            bare.push(millis(echo.exchange(came.up, came.down).await?));
            contacts.push(came);
        }
        lines.extend(unchanged(*target, &contacts, &bare));
    }
    // What is written into must be held by a laptop that does not read thousands beside it.
    let (mut stored, mut decided, mut raw) = Default::default();
    let mut bytes = Samples::default();
    for round in 0..size.rounds {
        for (space, doc) in held.iter().take(size.written) {
            for commit in 0..size.commits {
                let text = format!("第{round}轮第{commit}次补记。");
                node.edit(*space, *doc, &[splice(0, &text)]).await?;
            }
        }
        // Sealing belongs to the contact; how many envelopes it makes is one for each record.
        let came = reconnect(&mut node, size.written.min(held.len())).await?;
        push(&mut stored, millis(came.received - came.linked));
        push(&mut decided, millis(came.decided - came.linked));
        bytes.push(came.up as f64 / 1024.0);
        let file = place.path("raw");
        push(&mut raw, millis(append_and_fsync(&file, &came.pushed)?));
    }
    let what = format!("{} records x {} commits", size.written.min(held.len()), size.commits);
    let reference = "append and fsync of the same frames";
    lines.push(Line::beside(format!("{what}: stored"), "ms", stored, reference, &raw));
    lines.push(Line::beside(format!("{what}: decided"), "ms", decided, reference, &raw));
    lines.push(Line::alone(format!("{what}: sent"), "KiB", bytes));
    Ok(Figure { name: "reconnect", lines })
}

fn push(samples: &mut Samples, value: f64) {
    samples.push(value);
}

fn unchanged(held: usize, contacts: &[Contact], bare: &Samples) -> Vec<Line> {
    let of = |f: fn(&Contact) -> f64| contacts.iter().map(f).collect::<Samples>();
    vec![
        Line::beside(
            format!("nothing changed, {held} held: question to last answer"),
            "ms",
            of(|c| millis(c.caught_up - c.linked)),
            "the same bytes over a bare WebSocket",
            bare,
        ),
        Line::alone(
            format!("nothing changed, {held} held: session, TLS and WebSocket before"),
            "ms",
            of(|c| millis(c.linked)),
        ),
        Line::alone(
            format!("nothing changed, {held} held: bytes up and down"),
            "B",
            of(|c| (c.up + c.down) as f64),
        ),
    ]
}
