//! Searching, and reading what happened to a record.
use shared::{
    journal::entry::{EventRecord, Verdict},
    model::SpaceId,
};

use super::{Unlocked, failure};
use crate::{
    app::{Happening, Hit, News, Outcome, Place, data::Mark},
    laptop::{NodeError, search::search},
};

impl Unlocked {
    /// Searches everything held here that can be read.
    pub(super) async fn search(&mut self, text: String) -> News {
        let spaces: Vec<SpaceId> =
            self.node.core().spaces().filter(|(_, s)| !s.withdrawn()).map(|(id, _)| *id).collect();
        let mut hits = Vec::new();
        for space in spaces {
            match search(&mut self.node, space, text.trim()).await {
                Ok(found) => hits.extend(found.into_iter().map(|f| Hit {
                    at: Place { space, doc: f.doc },
                    number: f.number,
                    title: f.title,
                    excerpt: f.excerpt,
                })),
                Err(error) => return News::Failed(failure(&error)),
            }
        }
        News::Hits { text, hits }
    }

    /// Reads what happened to a record.
    pub(super) async fn history(&mut self, at: Place) -> News {
        match self.happened(at).await {
            Ok(happened) => News::History { at, happened },
            Err(error) => News::Failed(failure(&error)),
        }
    }

    async fn happened(&mut self, at: Place) -> Result<Vec<Happening>, NodeError> {
        let items = self.node.items(at.space, 0).await?;
        let space = self.node.space(at.space)?;
        let mut out = Vec::new();
        for item in items {
            let body = item.entry.body();
            let kept = body.envelope.and_then(|hash| space.envelope(&hash));
            let records = body.events.iter().filter_map(EventRecord::read);
            let mine = records.filter(|e| e.doc == Some(at.doc));
            let events: Vec<_> = mine.map(|e| e.event).collect();
            let about = kept.is_some_and(|k| k.header.doc == at.doc);
            if !about && events.is_empty() {
                continue;
            }
            let device = kept.and_then(|k| space.state().device(k.header.device));
            let outcome = match item.entry.verdict() {
                Some(Verdict::Declined(refusal)) => Outcome::Refused(refusal.clone()),
                Some(Verdict::Malformed(_)) => Outcome::Malformed,
                _ if events.is_empty() => Outcome::Written,
                _ => Outcome::Events(events),
            };
            out.push(Happening { at: body.at, by: device.map(|d| d.person), outcome });
        }
        for (_, kept) in space.undecided().filter(|(_, k)| k.header.doc == at.doc) {
            let mark = if kept.received.is_some() { Mark::Received } else { Mark::Saved };
            let by = space.state().device(kept.header.device).map(|d| d.person);
            let outcome = Outcome::Waits(mark);
            out.push(Happening { at: kept.header.claimed_at, by, outcome });
        }
        Ok(out)
    }
}
