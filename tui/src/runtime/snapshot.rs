//! From the unlocked laptop to what the screens know.
use std::collections::{BTreeMap, BTreeSet};

use shared::{
    journal::{
        entry::Verdict,
        frame::Presence,
        laptop::{LaptopSpace, Revision},
    },
    model::{Digest, DocId, PersonId, Reading, SpaceId},
    workflow::SpaceKind,
};

use crate::{
    app::{
        data::{
            Answer, DocLine, LateChange, Link, Present, Progress, RequestLine, Snapshot, SpaceView,
        },
        late::changes,
    },
    laptop::{FieldNode, NodeError},
};

/// What the runtime remembers beside the laptop.
#[derive(Default)]
pub(super) struct Beside {
    /// The link.
    pub(super) link: Link,
    /// Documents with changes that no envelope holds yet.
    pub(super) drafts: BTreeSet<(SpaceId, DocId)>,
    /// How many edits of the open document could not be kept.
    pub(super) unkept: usize,
    /// Who was last seen where.
    pub(super) present: Vec<Presence>,
    /// What was made of each space last.
    made: BTreeMap<SpaceId, Made>,
}

/// A space as it was made for the screens, and what it was made from.
struct Made {
    revision: Revision,
    drafts: BTreeSet<DocId>,
    view: SpaceView,
}

/// Returns what the screens would know of an unlocked laptop now.
///
/// # Errors
/// What the disk says.
pub async fn snapshot(node: &mut FieldNode) -> Result<Snapshot, NodeError> {
    make(node, &mut Beside::default()).await
}

/// Makes a snapshot.
///
/// Only spaces that have changed since the last one are made anew.
pub(super) async fn make(node: &mut FieldNode, beside: &mut Beside) -> Result<Snapshot, NodeError> {
    let ids: Vec<SpaceId> =
        node.core().spaces().filter(|(_, s)| !s.withdrawn()).map(|(id, _)| *id).collect();
    let mut spaces = Vec::new();
    for id in ids {
        if !matches!(node.space(id)?.state().kind(), None | Some(SpaceKind::Control { .. })) {
            spaces.push(space(node, id, beside).await?);
        }
    }
    node.tidy_summaries().await?;
    let identity = node.identity();
    // A group's member works in the stay; a unit's or the office's in its own space.
    let stay = |s: &&SpaceView| s.state.kind() == Some(SpaceKind::Engagement);
    let own = spaces.iter().find(stay).or(spaces.first());
    let round = own.and_then(|s| {
        let info = s.state.info.as_ref()?;
        Some(format!("{} {}", info.round.as_ref()?.code, info.title))
    });
    let not_saved = node.not_saved() + beside.unkept;
    let link = Link { not_saved, ..beside.link.clone() };
    Ok(Snapshot {
        me: identity.person,
        name: identity.name.clone(),
        device: node.core().device().tag(),
        now: node.now(),
        round: round.unwrap_or_default(),
        training: identity.training,
        spaces,
        link,
    })
}

async fn space(
    node: &mut FieldNode,
    id: SpaceId,
    beside: &mut Beside,
) -> Result<SpaceView, NodeError> {
    let held = node.space(id)?;
    let revision = held.revision();
    let present = present(held, id, beside);
    let drafts: BTreeSet<DocId> =
        beside.drafts.iter().filter(|(s, _)| *s == id).map(|(_, doc)| *doc).collect();
    // What is asked for may be granted or refused by the hour: it is looked at each time.
    let asked = held.requests().next().is_some();
    if let Some(made) = beside.made.get_mut(&id)
        && made.revision == revision
        && made.drafts == drafts
        && !asked
    {
        if made.view.present != present {
            made.view.present = present;
        }
        return Ok(made.view.clone());
    }
    let told = beside.made.get(&id).map(|m| m.view.late.clone()).unwrap_or_default();
    let mut view = fresh(node, id, &drafts).await?;
    view.late = late(node, &view, told).await;
    view.present = present;
    beside.made.insert(id, Made { revision, drafts, view: view.clone() });
    Ok(view)
}

async fn fresh(
    node: &mut FieldNode,
    id: SpaceId,
    drafts: &BTreeSet<DocId>,
) -> Result<SpaceView, NodeError> {
    let preview = node.preview(id).await?;
    let documents: Vec<DocId> = node.space(id)?.documents().collect();
    node.prepare_summaries(id).await?;
    let mut lines = BTreeMap::new();
    for doc in documents {
        // What cannot be read now says why when it is opened.
        if let Ok(summary) = node.summary(id, doc).await {
            let line = DocLine {
                kind: summary.kind,
                title: summary.title.clone(),
                conflicts: summary.conflicts,
                items: summary.items,
            };
            lines.insert(doc, line);
        }
    }
    let me = node.core().device();
    let held = node.space(id)?;
    let mut view = SpaceView::new(id, preview.state);
    view.lines = lines;
    let docs: BTreeSet<DocId> =
        view.state.records.keys().copied().chain(view.lines.keys().copied()).collect();
    for doc in docs {
        let mut progress = Progress::default();
        for (hash, kept) in held.about(doc).filter(|(_, k)| k.header.device == me) {
            progress.saved += 1;
            progress.received += u32::from(kept.received.is_some() || kept.decided.is_some());
            progress.decided += u32::from(kept.decided.is_some());
            let Some(request) = &kept.request else { continue };
            let answer = match (&kept.decided, preview.requests.get(hash)) {
                (Some((_, Some(Verdict::Declined(refusal)))), _) => {
                    Answer::Refused(refusal.clone())
                }
                (Some(_), _) => continue,
                (None, Some(Err(refusal))) => Answer::Doubtful(refusal.clone()),
                (None, _) => Answer::Awaited,
            };
            view.requests.push(RequestLine {
                doc,
                envelope: *hash,
                command: request.command.clone(),
                asked_at: kept.header.claimed_at,
                answer,
            });
        }
        progress.saved += u32::from(drafts.contains(&doc));
        if progress.saved > 0 {
            view.progress.insert(doc, progress);
        }
    }
    view.requests.sort_by_key(|r| (r.asked_at, r.envelope));
    Ok(view)
}

/// Says what each envelope that was set aside would change. What was told before is not read
/// again: neither the envelope nor the signed text it came too late for changes.
async fn late(
    node: &mut FieldNode,
    view: &SpaceView,
    mut told: BTreeMap<Digest, Vec<LateChange>>,
) -> BTreeMap<Digest, Vec<LateChange>> {
    let mut out = BTreeMap::new();
    let name = |id: &str| {
        let person = id.parse().ok().and_then(|p| view.name(p));
        let item = || Some(view.state.evidence.get(&id.parse().ok()?)?.number.as_str());
        person.or_else(item).unwrap_or(id).to_owned()
    };
    for record in view.state.records.values() {
        let waiting: Vec<_> = record.late_waiting().collect();
        for late in &waiting {
            if let Some(known) = told.remove(&late.envelope) {
                out.insert(late.envelope, known);
                continue;
            }
            // What it rests on comes first, and that in turn.
            let mut before: Vec<Digest> = Vec::new();
            let mut next = late.rests_on.clone();
            while let Some(hash) = next.pop() {
                let found = waiting.iter().find(|l| l.envelope == hash);
                if let Some(found) = found.filter(|_| !before.contains(&hash)) {
                    before.push(hash);
                    next.extend(&found.rests_on);
                }
            }
            let read = node.with_aside(view.id, record.doc, &before, late.envelope).await;
            // What is not here yet is told when it comes.
            if let Ok((was, now)) = read {
                out.insert(late.envelope, changes(&was, &now, name));
            }
        }
    }
    out
}

fn present(held: &LaptopSpace, id: SpaceId, beside: &Beside) -> Vec<Present> {
    let here = beside.present.iter().filter(|p| p.space == id);
    here.filter_map(|p| {
        let person = held.state().device(p.device?)?.person;
        Some(Present { person, doc: p.doc, field: p.field.clone() })
    })
    .collect()
}

/// Names who is behind each actor of a reading, as far as the journal says.
pub(super) fn authors(
    held: &LaptopSpace,
    doc: DocId,
    reading: &Reading,
) -> BTreeMap<String, PersonId> {
    use shared::model::Body;
    let items: Vec<&String> = match &reading.body {
        Body::Interview(r) => r.statements.iter().map(|s| &s.actor).collect(),
        Body::Consultation(r) => r.positions.iter().map(|p| &p.actor).collect(),
        Body::Workpaper(_) | Body::Notice(_) => Vec::new(),
    };
    let values = reading.conflicts.iter().flat_map(|c| &c.values).map(|v| &v.actor);
    items
        .into_iter()
        .chain(values)
        .filter_map(|actor| Some((actor.clone(), held.author(doc, actor)?)))
        .collect()
}
