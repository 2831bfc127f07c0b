//! The end of a play: all laptops have the same documents, with everything in them.
use std::collections::BTreeMap;

use acceptance::stage::{self, Stage};
use anyhow::{Result, ensure};
use serde_json::Value;
use tui::laptop::FieldNode;

use super::{Tally, book::Book};

/// Every document of a laptop, by record.
type Readings = BTreeMap<String, Value>;

/// Synchronises the laptops once more, reads all their documents and compares.
pub(super) fn look(
    stage: &Stage,
    laptops: &[&str],
    books: &[&Book],
    tally: &mut Tally,
) -> Result<()> {
    let mut seen: Vec<Readings> = Vec::new();
    for laptop in laptops {
        let synced = stage.xunji(laptop, &["sync"])?;
        ensure!(synced["undecided"] == 0, "{laptop} still waits: {synced}");
    }
    let runtime = tokio::runtime::Runtime::new()?;
    for laptop in laptops {
        seen.push(runtime.block_on(read(stage, laptop))?);
    }
    for (laptop, readings) in laptops.iter().zip(&seen) {
        ensure!(readings == &seen[0], "{laptop} and {} have other documents", laptops[0]);
        for book in books {
            for record in book.records() {
                let reading = readings.get(&record).cloned().unwrap_or_default();
                let lost = book.missing(&record, &reading);
                tally.lost.extend(lost.into_iter().map(|l| format!("{l} on {laptop}")));
            }
        }
    }
    tally.documents = seen[0].len();
    tally.laptops = laptops.len();
    tally.typed = books.iter().map(|b| b.count_typed()).sum();
    tally.saved = books.iter().map(|b| b.count_saved()).sum();
    tally.decided = books.iter().map(|b| b.count_decided()).sum();
    tally.received = books.iter().map(|b| b.count_received()).sum();
    Ok(())
}

async fn read(on: &Stage, laptop: &str) -> Result<Readings> {
    let mut node = FieldNode::open(&on.path(laptop), &on.passphrase()).await?;
    let all: Vec<_> = node
        .core()
        .spaces()
        .flat_map(|(space, held)| held.documents().map(|doc| (*space, doc)).collect::<Vec<_>>())
        .collect();
    let mut readings = Readings::new();
    for (space, doc) in all {
        let reading = node.reading(space, doc).await?;
        let record = serde_json::to_value(doc)?;
        readings.insert(stage::text(&record), serde_json::to_value(reading)?);
    }
    node.lock().await?;
    Ok(readings)
}
