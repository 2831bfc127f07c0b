//! Many bodies at once through the gate: one application, one save, one reload.
//!
//! If that fails, the batch is halved until the body at fault stands alone; a faulty body
//! never stops the others.
use automerge::Automerge;

use super::{
    chunk,
    document::{self, DocError, Document},
    fault::SchemaFault,
    known::Known,
    touched::{Inspected, unseen},
};
use crate::model::{ChangeHash, TouchKind, Touched};

/// A document on its way through the gate; empty before its birth.
#[derive(Debug, Clone)]
pub struct Gate {
    am: Automerge,
    known: Known,
    /// The save from which `am` was loaded last, if it was.
    saved: Option<Vec<u8>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { am: document::empty(), known: Known::default(), saved: None }
    }
}

impl Gate {
    /// Opens the gate for a document.
    pub fn of(doc: &Document) -> Self {
        let am = doc.am.clone();
        let known = Known::of(&am, Some((doc.kind, doc.schema)));
        Self { am, known, saved: None }
    }

    /// Saves the document as admitted so far; `None` before its birth.
    pub(super) fn saved(&self) -> Option<Vec<u8>> {
        let born = !self.known.history.is_empty();
        born.then(|| self.saved.clone().unwrap_or_else(|| self.am.save()))
    }

    /// Returns the heads of the document as admitted so far, sorted.
    pub(super) fn heads(&self) -> Vec<ChangeHash> {
        self.am.get_heads().into_iter().map(chunk::ours).collect()
    }

    /// Returns the document as admitted so far; `None` before its birth.
    ///
    /// # Errors
    /// Never for what this gate admitted.
    pub fn into_document(self) -> Result<Option<Document>, DocError> {
        if self.known.history.is_empty() {
            return Ok(None);
        }
        Document::from_automerge(self.am).map(Some)
    }

    /// Tries bodies in order; returns for each what it touches or why it is refused.
    ///
    /// Bodies without a fault are in the document afterwards, the others are not.
    pub fn admit<B: AsRef<[u8]>>(&mut self, bodies: &[B]) -> Vec<Result<Touched, SchemaFault>> {
        let mut out = Vec::with_capacity(bodies.len());
        self.try_range(bodies, &mut out);
        out
    }

    fn try_range<B: AsRef<[u8]>>(
        &mut self,
        bodies: &[B],
        out: &mut Vec<Result<Touched, SchemaFault>>,
    ) {
        if bodies.is_empty() {
            return;
        }
        let mut known = self.known.clone();
        let mut told: Vec<_> =
            bodies.iter().map(|b| known.inspect(&self.am, chunk::parse(b.as_ref())?)).collect();
        match apply(&self.am, &mut told) {
            Ok(again) => {
                if let Some((am, saved)) = again {
                    self.am = am;
                    self.saved = Some(saved);
                }
                self.known = known;
                out.extend(told.into_iter().map(|t| t.map(|t| t.touched)));
            }
            Err(fault) if bodies.len() == 1 => out.push(Err(fault)),
            Err(_) => {
                let (first, second) = bodies.split_at(bodies.len() / 2);
                self.try_range(first, out);
                self.try_range(second, out);
            }
        }
    }
}

/// Applies what passed inspection to a copy, checks it, saves it and loads it again. Returns
/// what was loaded with the save, so that nothing goes on from what was not; none when nothing
/// was new.
fn apply(
    am: &Automerge,
    told: &mut [Result<Inspected, SchemaFault>],
) -> Result<Option<(Automerge, Vec<u8>)>, SchemaFault> {
    let changes: Vec<_> = told.iter().flatten().flat_map(|t| t.changes.iter().cloned()).collect();
    if changes.is_empty() {
        return Ok(None);
    }
    let unfit = |why: String| SchemaFault::DoesNotFit { why };
    let mut next = am.clone();
    next.apply_changes(changes.iter().cloned()).map_err(|e| unfit(e.to_string()))?;
    for one in told.iter_mut().flatten() {
        for write in &one.overwrites {
            if unseen(&next, write)? {
                for touch in &mut one.touched.touches {
                    if touch.field == *write.field() && touch.kind == TouchKind::Set {
                        touch.kind = TouchKind::SetOverConflict;
                    }
                }
            }
        }
        one.touched.touches.sort();
    }
    let saved = next.save();
    let again = document::load(&saved).map_err(|e| unfit(e.to_string()))?;
    if again.get_heads() != next.get_heads() {
        return Err(unfit("other heads after a save".to_owned()));
    }
    Ok(Some((again, saved)))
}
