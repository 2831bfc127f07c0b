//! Asking for a legal step, with what it rests on.
//!
//! Verdicts overtake one another across records and devices. So a request names the earlier
//! ones it rests on: the server waits for them, and refuses it if it refuses one of them.
//! Whoever asks, by screen or by command line, asks through here.
use std::collections::BTreeSet;

use shared::{
    model::{Digest, DocId, SpaceId},
    workflow::{Actor, Asked, Command, Request, SpaceState, decide},
};

use super::{FieldNode, NodeError};

impl FieldNode {
    /// Asks for a legal step; the answer comes with the next contact. What it rests on is
    /// named: the evidence it uses, and the undecided requests without which the rules would
    /// refuse it.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn ask(
        &mut self,
        space: SpaceId,
        doc: DocId,
        command: Command,
    ) -> Result<Digest, NodeError> {
        let basis = self.basis(space, doc, &command).await?;
        self.ask_on(space, doc, basis, command).await
    }

    async fn basis(
        &mut self,
        space: SpaceId,
        doc: DocId,
        command: &Command,
    ) -> Result<Vec<Digest>, NodeError> {
        let granted: BTreeSet<Digest> = {
            let preview = self.preview(space).await?;
            preview.requests.into_iter().filter(|(_, r)| r.is_ok()).map(|(hash, _)| hash).collect()
        };
        let me = self.core().device();
        let mut basis = Vec::new();
        let (mut here, mut elsewhere, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        let stuck = self.space(space)?.stuck();
        for (hash, kept) in self.space(space)?.requests().filter(|(h, _)| granted.contains(*h)) {
            let about_this = kept.header.doc == doc;
            // One device's requests about one record are decided in their order anyway.
            let in_order = about_this && kept.header.device == me;
            if !in_order && kept.request.as_ref().is_some_and(|r| brings(&r.command, command)) {
                basis.push(*hash);
            } else if stuck.contains(hash) {
                waiting.push(*hash);
            } else if about_this {
                here.push(*hash);
            } else {
                elsewhere.push(*hash);
            }
        }
        // As little as possible: what it does not rest on may be refused without harm to it, and
        // what waits for something that is not here may keep it waiting for ever.
        let evidence = basis.len();
        for more in [Vec::new(), here, elsewhere, waiting] {
            basis.extend(more);
            let named: BTreeSet<Digest> = basis.iter().copied().collect();
            let state = self.preview_with(space, |hash| named.contains(hash)).await?.state;
            if self.granted(space, doc, command, &state).await {
                return Ok(basis);
            }
        }
        // It is asked although the rules here refuse it: nothing would carry it.
        basis.truncate(evidence);
        Ok(basis)
    }

    async fn granted(
        &mut self,
        space: SpaceId,
        doc: DocId,
        command: &Command,
        state: &SpaceState,
    ) -> bool {
        let content = match command.needs_content() {
            true => self.content(space, doc, state).await.ok().map(|(content, _)| content),
            false => None,
        };
        let request = Request { basis: Vec::new(), command: command.clone() };
        let now = self.now();
        let asked = Asked { doc, envelope: Digest([0; 32]), request: &request, claimed_at: now };
        let (person, device) = (self.identity().person, Some(self.core().device()));
        decide(state, &Actor::Person { person, device }, &asked, content.as_ref(), now).is_ok()
    }
}

/// Tells whether `earlier` registers evidence that a command, or the text it signs, may use.
fn brings(earlier: &Command, command: &Command) -> bool {
    let Command::RegisterEvidence { evidence } = earlier else { return false };
    let id = serde_json::to_string(&evidence.id).unwrap_or_default();
    let used = serde_json::to_string(command).unwrap_or_default();
    command.needs_content() || used.contains(&id)
}
