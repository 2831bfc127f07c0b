//! `xunji status` and `verify`.
use serde_json::{Value, json};
use shared::workflow::{ids::rendering_digest, waiting_for};

use super::{
    ask::number_in,
    failure::Failure,
    files,
    names::{kind_name, local, title},
    session::Session,
    shown::Shown,
};
use crate::laptop::remembered::{Holdup, NotTaken};

/// Says what waits for this person, and what the server does not have yet.
pub(super) async fn status(s: &mut Session) -> Result<Shown, Failure> {
    let (me, now) = (s.me(), s.now());
    let mut tasks = Vec::new();
    let mut spaces = Vec::new();
    let clock = s.node.core().spaces().map(|(_, held)| local(held.state(), now)).next();
    let clock = clock.unwrap_or_else(|| now.to_string());
    let mut lines = vec![format!("{}  {clock}", s.node.identity().name)];
    if s.node.identity().training {
        lines.push(s.say.training());
    }
    let mut pending = 0;
    for space in s.spaces() {
        let preview = s.preview(space).await?;
        let held = s.node.space(space)?;
        let undecided = held.undecided().count() + held.drafts();
        pending += undecided;
        let kind = held.state().kind().map_or("unknown", kind_name);
        let name = title(held.state());
        spaces.push(json!({
            "space": space, "kind": kind, "title": name, "pos": held.head().pos,
            "undecided": undecided,
        }));
        for task in waiting_for(&preview.state, me, now) {
            let number = task.number.clone().unwrap_or_else(|| task.doc.to_string());
            let mut value = json!(task);
            value["space"] = json!(space);
            lines.push(format!("  {}  {}  {}", s.say.task(task.kind), number, name));
            tasks.push(value);
        }
    }
    if tasks.is_empty() {
        lines.push(s.say.nothing_waits());
    }
    if pending > 0 {
        lines.push(s.say.pending(pending));
    }
    let files = files::Left::of(&s.node.outstanding().await?);
    lines.extend(files.lines(&s.say));
    let not_taken = s.node.not_taken().await?;
    lines.extend(not_taken.map(|not| s.not_taken(&not)));
    let text_only = s.node.text_only().await?;
    if text_only {
        lines.push(s.say.text_only());
    }
    let identity = s.node.identity();
    let value = json!({
        "person": identity.person, "name": identity.name, "training": identity.training,
        "now": now, "pending": pending, "tasks": tasks, "spaces": spaces,
        "files": files, "not_taken": not_taken, "text_only": text_only,
    });
    Ok(Shown::new(value, lines))
}

impl Session {
    /// Says what the server would not store, and what to do.
    pub(super) fn not_taken(&self, not: &NotTaken) -> String {
        let state = self.node.core().spaces().map(|(_, held)| held.state()).next();
        let at = state.map(|state| local(state, not.at)).unwrap_or_default();
        match not.why {
            Holdup::Quota => self.say.not_taken_quota(not.envelopes, at),
            Holdup::Full => self.say.not_taken_full(not.envelopes, at),
        }
    }
}

/// Checks that every entry kept here is there, that every signed text is the one its signatures
/// name, and that every file of evidence here is the one that was registered; names those that
/// are not here.
pub(super) async fn verify(s: &mut Session) -> Result<Shown, Failure> {
    let spaces = s.spaces();
    let mut signed: Vec<Value> = Vec::new();
    for space in &spaces {
        let head = s.node.space(*space)?.head().pos;
        let found = s.node.items(*space, 0).await?.len() as u64;
        if found != head {
            let space = title(s.node.space(*space)?.state());
            return Err(Failure::Entries { space, found, of: head });
        }
        let state = s.node.space(*space)?.state();
        for record in state.records.values() {
            for version in &record.versions {
                let holds = rendering_digest(&version.text) == version.rendering;
                if !holds {
                    return Err(Failure::Text { number: number_in(state, record.doc) });
                }
                signed.push(json!({ "record": record.doc, "rendering": version.rendering }));
            }
        }
    }
    let files = files::verify(s, &spaces).await?;
    let mut lines = vec![s.say.whole(spaces.len())];
    if files.whole > 0 || !files.missing.is_empty() {
        lines.push(s.say.files_whole(files.whole, files.missing.len()));
        lines.extend(files.missing.iter().map(|m| format!("  {}  {}", m.number, m.name)));
    }
    let value = json!({ "spaces": spaces.len(), "signed": signed, "files": files });
    Ok(Shown::new(value, lines))
}
