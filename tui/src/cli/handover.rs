//! `xunji handover`: a laptop leaves its holder with nothing on it and nothing lost.
use std::collections::BTreeMap;

use serde_json::json;
use shared::model::{DocId, SpaceId};

use super::{ask::number_in, failure::Failure, names::title, session::Session, shown::Shown};
use crate::{
    laptop::{
        handover::{HandoverError, HeldBack, Proof},
        link::LinkError,
    },
    words::t,
};

/// Looks, and wipes once the server's revocation is held. Takes the session, because there is
/// no laptop left to lock afterwards.
pub(super) async fn handover(mut s: Session) -> Result<Shown, Failure> {
    let mut held = s.node.held_back().await?;
    if held.is_empty() {
        // Whether this device is revoked, a contact tells; without one, all else is still said.
        match s.sync().await {
            Ok(_) | Err(Failure::Link(LinkError::Unreachable(_))) => {}
            Err(e) => return Err(e),
        }
        held = s.node.held_back().await?;
    }
    if !held.is_empty() {
        let failure = failure(&mut s, &held).await?;
        s.close().await?;
        return Err(failure);
    }
    if !s.node.is_revoked() {
        let (device, envelopes) = (s.node.core().device(), s.node.own_envelopes());
        let lines = vec![s.say.handover_clean(envelopes), s.say.handover_next(device)];
        let value = json!({ "stage": "ready", "envelopes": envelopes, "device": device });
        s.close().await?;
        return Ok(Shown::new(value, lines));
    }
    let Session { node, say, .. } = s;
    let proof = node.hand_over().await.map_err(|e| match e {
        // Both were looked at just now, and the home is held by this process.
        HandoverError::Held(held) => Failure::Held { count: held.len(), lines: Vec::new() },
        HandoverError::NotRevoked(device) => Failure::NotRevoked { device: device.to_string() },
        HandoverError::Node(e) => Failure::Node(e),
    })?;
    let Proof { envelopes, device, head } = proof;
    let line = say.handover_proof(envelopes, device, format!("{} {}", head.0, head.1));
    let value = json!({
        "stage": "wiped", "envelopes": envelopes, "device": device, "commit": head.0,
        "head": head.1,
    });
    Ok(Shown::new(value, vec![line, say.handover_wiped()]))
}

/// Names what is held as people call it: by its number where it has one here.
async fn failure(s: &mut Session, held: &[HeldBack]) -> Result<Failure, Failure> {
    let mut known = BTreeMap::new();
    for item in held {
        if let Some(space) = space_of(item)
            && !known.contains_key(&space)
        {
            known.insert(space, s.state(space).await?);
        }
    }
    let words = &s.say.words;
    let place = |space: SpaceId| known.get(&space).map(title).unwrap_or_default();
    let record = |space: SpaceId, doc: DocId| {
        known.get(&space).map_or_else(|| doc.to_string(), |state| number_in(state, doc))
    };
    let lines = held.iter().map(|item| match item {
        HeldBack::NotReceived { space, doc } => {
            let (what, place) = (record(*space, *doc), place(*space));
            t!(words, "held-not-received", what = what, place = place)
        }
        HeldBack::NotDecided { space, doc } => {
            let (what, place) = (record(*space, *doc), place(*space));
            t!(words, "held-not-decided", what = what, place = place)
        }
        HeldBack::NotSaidAnew { space, doc } => {
            let (what, place) = (record(*space, *doc), place(*space));
            t!(words, "held-not-said-anew", what = what, place = place)
        }
        HeldBack::Draft { space, changes } => {
            t!(words, "held-draft", n = changes.to_owned(), place = place(*space))
        }
        HeldBack::NotSaved { commits } => t!(words, "held-not-saved", n = commits.to_owned()),
        HeldBack::File { space, name } => {
            t!(words, "held-file", what = name.clone(), place = place(*space))
        }
    });
    Ok(Failure::Held { count: held.len(), lines: lines.collect() })
}

const fn space_of(item: &HeldBack) -> Option<SpaceId> {
    match item {
        HeldBack::NotReceived { space, .. }
        | HeldBack::NotDecided { space, .. }
        | HeldBack::NotSaidAnew { space, .. }
        | HeldBack::Draft { space, .. }
        | HeldBack::File { space, .. } => Some(*space),
        HeldBack::NotSaved { .. } => None,
    }
}
