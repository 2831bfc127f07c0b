//! From events to state. Folding never fails and never refuses: what is recorded, is so.
use super::{
    event::{DocEvent, EntryMeta},
    state::SpaceState,
};

/// Takes one recorded event into the state.
pub fn fold(state: &mut SpaceState, meta: &EntryMeta, event: &DocEvent) {
    state.pos = state.pos.max(meta.pos);
    let _ = event;
}
