//! What would be if the server decided every request held here as this laptop sees it.
//!
//! Offline a request is visible at once: a group without a link signs, reviews and approves
//! as a chain of requests. The preview is never stored and never called decided.
use std::collections::BTreeMap;

use shared::{
    journal::laptop::LaptopSpace,
    model::{DeviceId, Digest, DocId, DocKind, PersonId, Timestamp, Touched},
    workflow::{self, Actor, Asked, Content, EntryMeta, Refusal, SpaceState},
};

/// A space as it would be.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The state with every acceptable request folded in.
    pub state: SpaceState,
    /// What each request would come to.
    pub requests: BTreeMap<Digest, Result<(), Refusal>>,
}

/// Folds births and requests without a verdict into a copy of the space's state.
///
/// `kinds` names the kinds of working documents, `counts` picks the requests, and `content`
/// reads a document at its working heads.
pub fn preview(
    space: &LaptopSpace,
    (me, device): (PersonId, DeviceId),
    kinds: &BTreeMap<DocId, DocKind>,
    counts: impl Fn(&Digest) -> bool,
    mut content: impl FnMut(&SpaceState, DocId) -> Option<Content>,
    now: Timestamp,
) -> Preview {
    let mut state = space.state().clone();
    for (doc, kind) in kinds {
        if state.record(*doc).is_some() {
            continue;
        }
        let author =
            space.about(*doc).filter(|(_, k)| k.is_content()).map(|(_, k)| k.header.device).next();
        // What no envelope holds yet is this device's own.
        let author = author.unwrap_or(device);
        let person = state.device(author).map_or(me, |d| d.person);
        let actor = Actor::Person { person, device: Some(author) };
        let touched = Touched { birth: Some(*kind), touches: Vec::new() };
        if let Ok(events) = workflow::decide_content(&state, &actor, *doc, &touched) {
            let meta = EntryMeta { pos: state.pos, at: now, envelope: None, by: Some(person) };
            for event in &events {
                workflow::fold(&mut state, &meta, event);
            }
        }
    }
    let mut requests = BTreeMap::new();
    for (hash, kept) in space.requests().filter(|(hash, _)| counts(hash)) {
        let Some(request) = &kept.request else { continue };
        let Some(person) = state.device(kept.header.device).map(|d| d.person) else { continue };
        let refused_basis =
            request.basis.iter().find(|b| matches!(requests.get(*b), Some(Err(_)))).copied();
        let outcome = if let Some(basis) = refused_basis {
            Err(Refusal::BasisRefused { basis })
        } else {
            let asked = Asked {
                doc: kept.header.doc,
                envelope: *hash,
                request,
                claimed_at: kept.header.claimed_at,
            };
            let actor = Actor::Person { person, device: Some(kept.header.device) };
            let content =
                request.command.needs_content().then(|| content(&state, kept.header.doc)).flatten();
            workflow::decide(&state, &actor, &asked, content.as_ref(), now)
        };
        if let Ok(decision) = &outcome {
            let meta =
                EntryMeta { pos: state.pos, at: now, envelope: Some(*hash), by: Some(person) };
            for event in &decision.events {
                workflow::fold(&mut state, &meta, event);
            }
        }
        requests.insert(*hash, outcome.map(|_| ()));
    }
    Preview { state, requests }
}
