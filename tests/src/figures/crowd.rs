//! Twenty-five laptops make contact at once, each with a week of offline work.
//!
//! They stand for twenty-five disks, so their rows are in memory; the links, the server and
//! its disk are real. The reference is the raw loop on the server's disk: append and fsync of
//! the same frames, one after the other.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use shared::journal::{cbor, frame::Up, laptop::Note};
use tokio::sync::Barrier;

use super::{
    contact::{append_and_fsync, millis},
    device::{Device, birth, splice, talk},
    place::{Place, member},
    sample::{Figure, Line, Samples},
};

/// How much of it.
pub(crate) struct Size {
    /// Groups.
    pub(crate) groups: usize,
    /// Laptops in each.
    pub(crate) laptops: usize,
    /// Records on each laptop.
    pub(crate) records: usize,
    /// Commits in each of them, its birth among them.
    pub(crate) commits: usize,
    /// How often.
    pub(crate) rounds: usize,
}

/// What one laptop met.
struct Met {
    received: Duration,
    decided: Duration,
    pushed: Vec<Vec<u8>>,
}

/// Measures.
pub(crate) async fn measure(size: &Size) -> anyhow::Result<Figure> {
    let place = Arc::new(Place::new(size.groups, size.laptops).await?);
    let mut devices = Vec::new();
    for group in 1..=size.groups {
        for person in 1..=size.laptops {
            let seed = (group * 1000 + person) as u64;
            devices.push((group, Device::enrol(&place, &member(group, person), seed).await?));
        }
    }
    let (mut stored, mut decided, mut raw) = Default::default();
    let (mut cpu, mut sent) = (Samples::default(), Samples::default());
    for _ in 0..size.rounds {
        for (group, device) in &mut devices {
            write(device, place.stay(*group), size)?;
        }
        let before = place.used()?.cpu;
        let all = at_once(&place, devices, size.records).await?;
        cpu.push(place.used()?.cpu - before);
        let latest = |of: fn(&Met) -> Duration| {
            all.iter().map(|(_, _, met)| of(met)).max().map(millis).unwrap_or_default()
        };
        push(&mut stored, latest(|m| m.received));
        push(&mut decided, latest(|m| m.decided));
        let frames: Vec<Vec<u8>> = all.iter().flat_map(|(_, _, m)| m.pushed.clone()).collect();
        sent.push(frames.iter().map(Vec::len).sum::<usize>() as f64 / 1024.0);
        push(&mut raw, millis(append_and_fsync(&place.path("raw"), &frames)?));
        devices = all.into_iter().map(|(group, device, _)| (group, device)).collect();
    }
    let laptops = size.groups * size.laptops;
    let what = format!("{laptops} laptops, {} commits", laptops * size.records * size.commits);
    let reference = "append and fsync of the same frames";
    let lines = vec![
        Line::beside(format!("{what}: stored"), "ms", stored, reference, &raw),
        Line::beside(format!("{what}: decided"), "ms", decided, reference, &raw),
        Line::alone("the server's processor time", "ms", cpu),
        Line::alone("sent", "KiB", sent),
    ];
    Ok(Figure { name: "crowd", lines })
}

fn push(samples: &mut Samples, value: f64) {
    samples.push(value);
}

/// Writes a week's records.
fn write(device: &mut Device, stay: shared::model::SpaceId, size: &Size) -> anyhow::Result<()> {
    for n in 0..size.records {
        let doc = device.begin(stay, &birth(100, n))?;
        for commit in 1..size.commits {
            device.edit(stay, doc, &[splice(0, &talk(12, commit))])?;
        }
    }
    device.close();
    Ok(())
}

type One = (usize, Device, Met);

/// Lets all of them make contact at the same moment.
async fn at_once(
    place: &Arc<Place>,
    devices: Vec<(usize, Device)>,
    own: usize,
) -> anyhow::Result<Vec<One>> {
    let ready = Arc::new(Barrier::new(devices.len()));
    let tasks: Vec<_> = devices
        .into_iter()
        .map(|(group, mut device)| {
            let (place, ready) = (Arc::clone(place), Arc::clone(&ready));
            tokio::spawn(async move {
                ready.wait().await;
                let met = contact(&mut device, &place, own).await?;
                anyhow::Ok((group, device, met))
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await??);
    }
    Ok(all)
}

async fn contact(device: &mut Device, place: &Place, own: usize) -> anyhow::Result<Met> {
    let begun = Instant::now();
    let mut live = device.connect(place).await?;
    let mut met = Met { received: Duration::ZERO, decided: Duration::ZERO, pushed: Vec::new() };
    let (mut received, mut decided) = (0, 0);
    loop {
        for frame in device.take_outgoing() {
            live.send(&frame).await.ok().context("the link broke")?;
            if matches!(frame, Up::Push { .. }) {
                met.pushed.push(cbor::to_vec(&frame));
            }
        }
        for note in device.take_notes() {
            match note {
                Note::Received { envelopes } => received += envelopes.len(),
                Note::Decided { space, envelope, .. } => {
                    let held = device.core().space(space).and_then(|s| s.envelope(&envelope));
                    decided += usize::from(held.is_some_and(|k| k.header.device == device.id()));
                }
                _ => {}
            }
        }
        if received >= own && met.received.is_zero() {
            met.received = begun.elapsed();
        }
        if decided >= own && received >= own {
            met.decided = begun.elapsed();
            return Ok(met);
        }
        let frame = live.next().await.ok().context("the link broke")?;
        device.heard(frame)?;
    }
}
