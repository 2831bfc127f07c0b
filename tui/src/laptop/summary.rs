//! One line about a document, so that lists need not load it.
//!
//! A line is a cache: it counts only while the heads that it was made from are those of the
//! working document, and is made anew otherwise. So nothing has to be taken back when a
//! document changes, and a line that was put back on the disk is never shown.
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use shared::{
    doc::Document,
    journal::{Table, Write, cbor, laptop::Plan},
    model::{ChangeHash, Digest, DocId, DocKind, Reading, SpaceId, reading::Body},
};
use tokio::task::{JoinError, spawn_blocking};

use super::{
    documents,
    node::{FieldNode, NodeError},
    vault::{MAX_VALUE, VaultError},
};

/// How many lines are made before they are written to the disk together.
const TOGETHER: usize = 256;
/// How many threads make lines at once.
const AT_ONCE: usize = 8;
/// Fewer than these are left to be written with others, or at the lock.
const FEW: usize = 8;

/// What lists and search show of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its kind.
    pub kind: DocKind,
    /// Its line.
    pub title: String,
    /// The heads it was made from.
    pub heads: Vec<ChangeHash>,
    /// How many judgement fields hold concurrent values.
    pub conflicts: usize,
    /// How many statements, facts, positions it has.
    pub items: usize,
    /// The other party concerned, for finding the same matter elsewhere.
    pub party: String,
    /// All text, for search.
    pub text: String,
}

impl Summary {
    /// Makes the line.
    pub fn of(reading: &Reading) -> Self {
        let (items, party, text) = match &reading.body {
            Body::Interview(r) => (
                r.statements.iter().filter(|s| s.removed.is_none()).count(),
                String::new(),
                r.statements
                    .iter()
                    .map(|s| s.text.as_str())
                    .chain([r.note.as_str(), r.purpose.as_str()])
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            Body::Workpaper(r) => (
                r.facts.iter().filter(|f| f.removed.is_none()).count(),
                r.party.clone(),
                r.facts
                    .iter()
                    .map(|f| f.text.as_str())
                    .chain([
                        r.condition.as_str(),
                        r.cause.as_str(),
                        r.effect.as_str(),
                        r.exculpatory.as_str(),
                        r.characterisation.as_str(),
                        r.party.as_str(),
                    ])
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            Body::Consultation(r) => (
                r.positions.iter().filter(|p| p.removed.is_none()).count(),
                String::new(),
                r.positions
                    .iter()
                    .map(|p| p.text.as_str())
                    .chain([r.question.as_str(), r.minutes.as_str()])
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            Body::Notice(r) => {
                (r.workpapers.len(), String::new(), format!("{}\n{}", r.matter, r.request))
            }
        };
        Self {
            kind: reading.kind(),
            title: reading.title().to_owned(),
            heads: reading.heads.clone(),
            conflicts: reading.conflicts.len(),
            items,
            party,
            text,
        }
    }
}

/// The lines in memory.
#[derive(Default)]
pub(super) struct Summaries {
    known: BTreeMap<DocId, Arc<Summary>>,
    /// Those that the store does not have.
    fresh: BTreeSet<DocId>,
    /// Whether the store's have been read.
    read: bool,
}

impl Summaries {
    /// Takes note of a line that a commit carries along.
    pub(super) fn stored(&mut self, doc: DocId, summary: Summary) {
        self.known.insert(doc, Arc::new(summary));
        self.fresh.remove(&doc);
    }
}

/// Makes the row of a line; none for one that is too long for a row, which is made anew each
/// time: the cache must never be what a change fails on.
pub(super) fn summary_row(doc: DocId, summary: &Summary) -> Option<Write> {
    let value = cbor::to_named(summary);
    let fits = value.len() <= MAX_VALUE;
    fits.then(|| Write::put(Table::Summary, doc.as_bytes().to_vec(), value))
}

impl FieldNode {
    /// Returns one line about a document, from the cache or from the document.
    ///
    /// # Errors
    /// [`NodeError::Working`].
    pub async fn summary(&mut self, space: SpaceId, doc: DocId) -> Result<Arc<Summary>, NodeError> {
        self.read_summaries().await;
        let heads = self.space(space)?.working_heads(doc);
        if let Some(known) = self.summaries.known.get(&doc).filter(|s| s.heads == heads) {
            return Ok(Arc::clone(known));
        }
        let summary = Arc::new(Summary::of(&self.glance(space, doc).await?));
        self.summaries.known.insert(doc, Arc::clone(&summary));
        self.summaries.fresh.insert(doc);
        if self.summaries.fresh.len() >= TOGETHER {
            self.keep_summaries().await?;
        }
        Ok(summary)
    }

    /// Makes the lines of a space's documents that have none, if they are many: read together,
    /// and made by several threads. After a first contact these are all there are.
    ///
    /// # Errors
    /// [`NodeError::NoSpace`], and what the disk says.
    pub async fn prepare_summaries(&mut self, space: SpaceId) -> Result<(), NodeError> {
        self.read_summaries().await;
        let held = self.space(space)?;
        let without = |doc: &DocId| {
            !self.summaries.known.contains_key(doc) && !self.documents.has(space, *doc)
        };
        let missing: Vec<DocId> = held.documents().filter(without).collect();
        if missing.len() < FEW {
            return Ok(());
        }
        let mut making = VecDeque::new();
        for some in missing.chunks(TOGETHER / AT_ONCE) {
            let held = self.space(space)?;
            let plans: Vec<Plan> = some.iter().map(|doc| held.plan(*doc)).collect();
            let parts = |plan: &Plan| [&plan.main[..], &plan.working].concat();
            let envelopes: Vec<Digest> = plans.iter().flat_map(parts).collect();
            // What cannot be read here is tried again alone, and says why.
            let Ok(bodies) = documents::bodies(&mut self.vault, &envelopes).await else { continue };
            let docs = some.to_vec();
            making.push_back(spawn_blocking(move || made(docs, plans, bodies)));
            if making.len() >= AT_ONCE
                && let Some(first) = making.pop_front()
            {
                self.keep_made(first.await).await?;
            }
        }
        for last in making {
            self.keep_made(last.await).await?;
        }
        Ok(())
    }

    async fn keep_made(
        &mut self,
        made: Result<Vec<(DocId, Summary)>, JoinError>,
    ) -> Result<(), NodeError> {
        for (doc, summary) in made.map_err(VaultError::from)? {
            self.summaries.known.insert(doc, Arc::new(summary));
            self.summaries.fresh.insert(doc);
        }
        match self.summaries.fresh.len() >= TOGETHER {
            true => self.keep_summaries().await,
            false => Ok(()),
        }
    }

    /// Writes lines that were just made, if they are many: making them anew at the next start
    /// would keep the first screen waiting.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn tidy_summaries(&mut self) -> Result<(), NodeError> {
        if self.summaries.fresh.len() < FEW {
            return Ok(());
        }
        self.keep_summaries().await
    }

    /// Reads a document without keeping it in memory: a list has thousands.
    async fn glance(&mut self, space: SpaceId, doc: DocId) -> Result<Reading, NodeError> {
        if let Some(document) = self.documents.get(space, doc) {
            return Ok(document.reading());
        }
        let plan = self.space(space)?.plan(doc);
        Ok(documents::build(&mut self.vault, &plan).await?.reading())
    }

    /// Writes the lines that the store does not have. A disk that takes nothing
    /// costs the time to make them again.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) async fn keep_summaries(&mut self) -> Result<(), NodeError> {
        let Summaries { known, fresh, .. } = &mut self.summaries;
        let rows: Vec<Write> = std::mem::take(fresh)
            .iter()
            .filter_map(|doc| summary_row(*doc, known.get(doc)?))
            .collect();
        match self.vault.commit(rows).await {
            Ok(()) | Err(VaultError::Full | VaultError::Io(_)) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Reads all lines from the store, once. One that does not read is made anew.
    async fn read_summaries(&mut self) {
        if std::mem::replace(&mut self.summaries.read, true) {
            return;
        }
        for (key, row) in self.vault.scan(Table::Summary).await.unwrap_or_default() {
            let doc = <[u8; 16]>::try_from(key).ok().map(DocId::from_bytes);
            if let (Some(doc), Ok(summary)) = (doc, cbor::from_named::<Summary>(&row)) {
                self.summaries.known.entry(doc).or_insert_with(|| Arc::new(summary));
            }
        }
    }
}

/// Makes the lines of these documents, of which the bodies stand one after another; those that
/// cannot be made are left out.
fn made(docs: Vec<DocId>, plans: Vec<Plan>, bodies: Vec<Vec<u8>>) -> Vec<(DocId, Summary)> {
    let mut bodies = bodies.into_iter();
    let made = docs.into_iter().zip(plans).map(|(doc, plan)| {
        let count = plan.main.len() + plan.working.len();
        let mut all: Vec<Vec<u8>> = bodies.by_ref().take(count).collect();
        all.extend(plan.drafts);
        Some((doc, Summary::of(&Document::from_bodies(&all).ok()?.reading())))
    });
    made.flatten().collect()
}
