//! `xunji history`: what happened to a record, entry by entry.
use clap::Args;
use serde_json::json;
use shared::journal::entry::EventRecord;

use super::{
    failure::Failure,
    names::{local, name_of},
    session::Session,
    shown::Shown,
};
use crate::app::data::Mark;

/// What happened to a record.
#[derive(Debug, Args)]
pub(super) struct History {
    /// The record.
    record: String,
}

impl History {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        let at = s.any_record(&self.record).await?;
        let items = s.node.items(at.space, 0).await?;
        let space = s.node.space(at.space)?;
        let state = space.state();
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for item in items {
            let body = item.entry.body();
            let kept = body.envelope.and_then(|hash| space.envelope(&hash));
            let events: Vec<_> = body.events.iter().filter_map(EventRecord::read).collect();
            let events: Vec<_> =
                events.into_iter().filter(|e| e.doc == Some(at.doc)).map(|e| e.event).collect();
            let about = kept.is_some_and(|k| k.header.doc == at.doc);
            if !about && events.is_empty() {
                continue;
            }
            let device = kept.map(|k| k.header.device);
            let person = device.and_then(|d| state.device(d)).map(|d| d.person);
            let by = person.map_or_else(String::new, |p| name_of(state, p));
            let name = |p| name_of(state, p);
            let words = &s.say.words;
            let what: Vec<String> = events.iter().map(|e| words.event(e, name)).collect();
            lines.push(format!("{}  {by}  {}", local(state, body.at), what.join(" ")));
            rows.push(json!({
                "pos": body.pos, "at": body.at, "by": by, "verdict": item.entry.verdict(),
                "envelope": body.envelope, "events": events,
            }));
        }
        for (hash, kept) in space.undecided().filter(|(_, k)| k.header.doc == at.doc) {
            let (stage, mark) = match kept.received {
                Some(_) => ("received", Mark::Received),
                None => ("saved", Mark::Saved),
            };
            let at = local(state, kept.header.claimed_at);
            lines.push(format!("{at}  {}", s.say.words.mark(mark)));
            rows.push(json!({ "envelope": hash, "stage": stage }));
        }
        Ok(Shown::new(json!(rows), lines))
    }
}
