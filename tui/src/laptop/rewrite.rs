//! Writing anew what cannot stand under the session that wrote it.
//!
//! Two machines that run one disk, or something that ended aside, leave envelopes that the
//! server will never take. Their text is said again under a new session, and what they asked
//! is asked again; the old envelopes stay readable.
use shared::{
    doc::{Birth, Document, again::again},
    journal::laptop::Input,
    model::{Digest, DocId, SpaceId},
    workflow::Request,
};

use super::{
    documents::{self, WorkingError},
    node::{FieldNode, NodeError},
};

impl FieldNode {
    /// Says anew what these envelopes of one record say.
    pub(super) async fn rewrite(
        &mut self,
        space: SpaceId,
        doc: DocId,
        envelopes: &[Digest],
    ) -> Result<(), NodeError> {
        let (mut content, mut asked) = (Vec::new(), Vec::new());
        for hash in envelopes {
            match self.space(space)?.envelope(hash).and_then(|k| k.request.clone()) {
                Some(request) => asked.push((*hash, request)),
                None => content.push(*hash),
            }
        }
        if !content.is_empty() {
            let changes = self.said_again(space, doc, &content).await?;
            let input = Input::Rewritten { space, doc, envelopes: content, changes };
            Box::pin(self.input(input)).await?;
        }
        for (hash, request) in asked {
            let request = Request { basis: Vec::new(), command: request.command };
            Box::pin(self.input(Input::Ask { space, doc, request })).await?;
            let envelopes = vec![hash];
            let input = Input::Rewritten { space, doc, envelopes, changes: Vec::new() };
            Box::pin(self.input(input)).await?;
        }
        Ok(())
    }

    /// Makes the change that says again what some content says; empty when nothing is left.
    async fn said_again(
        &mut self,
        space: SpaceId,
        doc: DocId,
        void: &[Digest],
    ) -> Result<Vec<u8>, NodeError> {
        let Some((before, after)) = self.space(space)?.left_to_say(void) else {
            return Ok(Vec::new());
        };
        let from = self.everything(space, doc).await?;
        let actor = self.actor(space, doc);
        let plan = self.space(space)?.plan(doc);
        let (mut raw, mut onto) = match documents::build(self.vault(), &plan).await {
            Ok(onto) => (Vec::new(), onto),
            Err(WorkingError::Absent) => {
                let (born, raw) = Document::born(from.kind(), actor, &Birth::new())?;
                (raw, born)
            }
            Err(e) => return Err(e.into()),
        };
        let edits = again(&from, &before, &after, &onto, actor);
        onto.set_actor(actor);
        if let Some(committed) = onto.edit(&edits)? {
            raw.extend(committed.raw);
        }
        self.replace_working(space, doc, onto);
        Ok(raw)
    }

    /// Returns the document with everything held here about it, whatever became of it.
    async fn everything(&mut self, space: SpaceId, doc: DocId) -> Result<Document, NodeError> {
        let held: Vec<Digest> = self
            .space(space)?
            .about(doc)
            .filter(|(_, k)| k.is_content())
            .map(|(h, _)| *h)
            .collect();
        let plan = self.space(space)?.plan(doc);
        let mut bodies = documents::bodies(self.vault(), &held).await?;
        if let Ok(all) = Document::from_bodies(&bodies) {
            return Ok(all);
        }
        // Two machines wrote under one actor: take what fits together, main first.
        let main = documents::bodies(self.vault(), &plan.main).await?;
        let mut made = Document::from_bodies(&main).map_err(WorkingError::from)?;
        loop {
            let before = bodies.len();
            bodies.retain(|b| made.apply(std::slice::from_ref(b)).is_err());
            if bodies.len() == before {
                return Ok(made);
            }
        }
    }
}
