//! Names and numbers for a rendering, from what a space's journal says.
use crate::{
    doc::{Rendering, render, render::Labels},
    model::{DocId, Reading},
    workflow::{Content, SpaceState, conflict},
};

/// Returns what rules and signatures see of a document: its reading with resolved conflicts
/// settled, and the rendering that is signed.
///
/// Laptop and server both use this, on the reading their own sandbox or document gives.
pub fn content(state: &SpaceState, doc: DocId, reading: &Reading) -> (Content, Rendering) {
    let reading = match state.record(doc) {
        Some(record) => conflict::settle(reading, &record.resolutions),
        None => reading.clone(),
    };
    let rendering = render(&reading, &labels(state, doc));
    (Content { rendering: rendering.digest(), reading }, rendering)
}

/// Returns the labels with which a record is rendered.
///
/// The laptop that signs offline and the server that decides must render the same bytes, so
/// only what is the same before and after the decision is used: the provisional number, names
/// of members, names of evidence.
pub fn labels(state: &SpaceState, doc: DocId) -> Labels {
    Labels {
        number: state.record(doc).and_then(|r| r.provisional.clone()).unwrap_or_default(),
        unit: state
            .info
            .as_ref()
            .and_then(|i| i.unit.as_ref())
            .map(|u| u.name.clone())
            .unwrap_or_default(),
        persons: state.members.iter().map(|(id, m)| (*id, m.name.clone())).collect(),
        evidence: state.evidence.iter().map(|(id, r)| (*id, r.evidence.name.clone())).collect(),
    }
}
