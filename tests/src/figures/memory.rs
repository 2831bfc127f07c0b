//! What the server needs for the records of a round: memory, and the time to start.
//!
//! Folded state, chains and an index of changes are resident; documents are not. The reference
//! is the same server with an empty round.
use super::{
    archive::{Shape, fill},
    contact::millis,
    device::Device,
    place::{Place, Used, member},
    sample::{Figure, Line, Samples},
};

const SHAPE: Shape = Shape { chars: 300, more: 0 };

/// How much of it.
pub(crate) struct Size {
    /// Records, in rising order.
    pub(crate) records: Vec<usize>,
    /// Starts at each of these.
    pub(crate) starts: usize,
}

/// Measures.
pub(crate) async fn measure(size: &Size) -> anyhow::Result<Figure> {
    let mut place = Place::new(5, 2).await?;
    let spaces: Vec<_> = (1..=5).map(|g| place.stay(g)).collect();
    // One person of each group writes for it.
    let mut authors = Vec::new();
    for group in 1..=5 {
        authors.push(Device::enrol(&place, &member(group, 1), group as u64).await?);
    }
    let (empty, empty_start) = starts(&mut place, size.starts).await?;
    let mut lines = Vec::new();
    let mut held = 0;
    for target in &size.records {
        for (n, author) in authors.iter_mut().enumerate() {
            let more = (target - held) / spaces.len();
            fill(&mut place, author, &[spaces[n]], more, SHAPE).await?;
        }
        held = *target;
        let (used, start) = starts(&mut place, size.starts).await?;
        let resident = |all: &[Used]| all.iter().map(|u| u.resident).collect::<Samples>();
        let each: Samples = used
            .iter()
            .map(|u| (u.resident - resident(&empty).median()) * 1024.0 / held as f64)
            .collect();
        let most = used.iter().map(|u| u.most).collect();
        let file = std::fs::metadata(place.data().join("journal.sqlite"))?.len() as f64;
        let reference = "the same server, empty";
        lines.extend([
            Line::beside(
                format!("{held} records: resident memory"),
                "MiB",
                resident(&used),
                reference,
                &resident(&empty),
            ),
            Line::alone(format!("{held} records: of that, for each"), "KiB", each),
            Line::alone(format!("{held} records: the most while starting"), "MiB", most),
            Line::beside(
                format!("{held} records: from start to first answer"),
                "ms",
                start,
                reference,
                &empty_start,
            ),
            Line::alone(
                format!("{held} records: the journal's file"),
                "MiB",
                Samples::one(file / 1024.0 / 1024.0),
            ),
        ]);
    }
    Ok(Figure { name: "memory", lines })
}

/// Starts the server some times.
async fn starts(place: &mut Place, times: usize) -> anyhow::Result<(Vec<Used>, Samples)> {
    let (mut used, mut took) = (Vec::new(), Samples::default());
    for _ in 0..times {
        place.stop()?;
        took.push(millis(place.start().await?));
        used.push(place.used()?);
    }
    Ok((used, took))
}
