//! What a document says, as the rules want to see it.
use shared::{
    doc::render,
    journal::labels::labels,
    model::{DocId, Reading},
    workflow::{Content, SpaceState, conflict},
};

/// Settles the reading by the space's resolutions and names its rendering, which a laptop
/// that signs makes from the same state.
pub(crate) fn content(state: &SpaceState, doc: DocId, reading: &Reading) -> Content {
    let reading = match state.record(doc) {
        Some(record) => conflict::settle(reading, &record.resolutions),
        None => reading.clone(),
    };
    let rendering = render(&reading, &labels(state, doc)).digest();
    Content { reading, rendering }
}
