//! The one function that answers commands.
use super::{
    command::{Actor, Asked, Command, Content},
    event::{Decision, DocEvent},
    refusal::{AsideReason, Refusal},
    state::SpaceState,
};
use crate::model::{DocId, Timestamp, Touched};

/// Answers a command: what follows from it, or why it is refused.
///
/// # Errors
/// The [`Refusal`].
pub fn decide(
    state: &SpaceState,
    actor: &Actor,
    asked: &Asked<'_>,
    content: Option<&Content>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let _ = (state, actor, content, now);
    Err(Refusal::UnknownRecord { doc: asked.doc })
}

/// Answers content: into the document, or aside.
///
/// # Errors
/// The [`AsideReason`].
pub fn decide_content(
    state: &SpaceState,
    actor: &Actor,
    doc: DocId,
    touched: &Touched,
) -> Result<Vec<DocEvent>, AsideReason> {
    let _ = (state, actor, doc, touched);
    Err(AsideReason::UnknownRecord)
}

/// Returns what the server has to ask by itself at `now`.
pub fn due(state: &SpaceState, now: Timestamp) -> Vec<(DocId, Command)> {
    let _ = (state, now);
    Vec::new()
}
