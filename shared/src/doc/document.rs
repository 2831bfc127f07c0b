//! One document: its changes in, its changes out.
use automerge::{
    ActorId, Automerge, AutomergeError, Change, LoadOptions, ROOT, ReadDoc, TextEncoding, Value,
};

use super::{
    birth::{self, Birth},
    chunk::{self, ChunkError, ours, theirs},
    history::History,
    schema,
    write::EditError,
};
use crate::model::{ChangeHash, DocKind};

/// Why bytes or heads do not make a document.
#[derive(Debug, thiserror::Error)]
pub enum DocError {
    /// The save does not load.
    #[error("the save does not load: {0}")]
    Unloadable(#[source] Box<AutomergeError>),
    /// The save holds no document of ours.
    #[error("not one of our documents: kind {found:?}")]
    UnknownKind {
        /// What stands where the kind should; `None` when nothing does.
        found: Option<String>,
    },
    /// A body is not plain changes.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// Changes rest on others that are not here. Nothing was applied.
    #[error("changes rest on {} that are not here", .missing.len())]
    MissingDeps {
        /// Those awaited, sorted.
        missing: Vec<ChangeHash>,
    },
    /// Changes do not fit the document. The document may be incomplete: load it anew.
    #[error("changes do not fit the document: {0}")]
    DoesNotFit(#[source] Box<AutomergeError>),
    /// Heads name changes that are not here.
    #[error("unknown heads")]
    UnknownHeads,
}

impl DocError {
    pub(crate) fn unfit(e: AutomergeError) -> Self {
        Self::DoesNotFit(Box::new(e))
    }
}

/// A change of our own, ready to be sealed; or several, where what was written is longer than
/// one may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The name of the last change.
    pub hash: ChangeHash,
    /// Each change as one uncompressed chunk, in order.
    pub raw: Vec<u8>,
}

impl Committed {
    pub(crate) fn of(change: &Change) -> Self {
        // `raw_bytes` is the stored chunk, never the compressed form that `bytes` may return.
        Self { hash: ours(change.hash()), raw: change.raw_bytes().to_vec() }
    }

    /// Joins what came right after it.
    pub(crate) fn then(mut self, mut next: Self) -> Self {
        self.raw.append(&mut next.raw);
        Self { hash: next.hash, raw: self.raw }
    }
}

/// A document of one of the four kinds, with its history.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) am: Automerge,
    pub(crate) kind: DocKind,
    pub(crate) schema: u32,
    pub(crate) fresh: Vec<Committed>,
}

impl Document {
    /// Makes a new document with all its containers, in one change; returns that change as a
    /// raw chunk. Texts too long for it follow in changes of their own.
    ///
    /// # Errors
    /// When `birth` names a field the kind does not have or a value it does not take.
    pub fn born(
        kind: DocKind,
        actor: [u8; 16],
        birth: &Birth,
    ) -> Result<(Self, Vec<u8>), EditError> {
        let mut am = empty();
        am.set_actor(ActorId::from(actor));
        let mut doc = Self { am, kind, schema: schema::VERSION, fresh: Vec::new() };
        let (birth, texts) = birth.without_long(kind);
        let born = birth::write(&mut doc, &birth)?;
        let mut raw = born.raw.clone();
        doc.fresh.push(born);
        if let Some(more) = doc.edit(&texts)? {
            raw.extend(more.raw);
        }
        Ok((doc, raw))
    }

    /// Loads a document that one of our own processes saved.
    ///
    /// The bytes must have passed a sandbox; strangers' bytes can cost gigabytes here.
    /// Set an actor ([`Self::set_actor`]) before the first edit.
    ///
    /// # Errors
    /// When the save does not load or holds no document of a known kind.
    pub fn load(saved: &[u8]) -> Result<Self, DocError> {
        Self::from_automerge(load(saved)?)
    }

    /// Makes a document of raw bodies alone, in any order, the birth among them.
    ///
    /// # Errors
    /// As [`Self::load`] and [`Self::apply`].
    pub fn from_bodies<B: AsRef<[u8]>>(bodies: &[B]) -> Result<Self, DocError> {
        let mut am = empty();
        let changes = gather(&am, bodies)?;
        am.apply_changes(changes).map_err(DocError::unfit)?;
        Self::from_automerge(am)
    }

    pub(crate) fn from_automerge(am: Automerge) -> Result<Self, DocError> {
        let kind = match am.get(ROOT, schema::KIND) {
            Ok(Some((Value::Scalar(s), _))) => s.as_str().map(str::to_owned),
            _ => None,
        };
        let Some(known) = kind.as_deref().and_then(schema::kind_from_name) else {
            return Err(DocError::UnknownKind { found: kind });
        };
        let schema = match am.get(ROOT, schema::SCHEMA) {
            Ok(Some((Value::Scalar(s), _))) => {
                s.as_i64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
            }
            _ => 0,
        };
        Ok(Self { am, kind: known, schema, fresh: Vec::new() })
    }

    /// Returns the kind of document.
    pub const fn kind(&self) -> DocKind {
        self.kind
    }

    /// Returns the shape in which the document was born.
    pub const fn schema(&self) -> u32 {
        self.schema
    }

    /// Saves the whole document compactly.
    pub fn save(&self) -> Vec<u8> {
        self.am.save()
    }

    /// Returns the heads, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.am.get_heads().into_iter().map(ours).collect()
    }

    /// Returns whether the change is in the document.
    pub fn has(&self, hash: &ChangeHash) -> bool {
        self.am.get_change_meta_by_hash(&automerge::ChangeHash(hash.0)).is_some()
    }

    /// Names the actor of the edits to come.
    pub fn set_actor(&mut self, actor: [u8; 16]) {
        self.am.set_actor(ActorId::from(actor));
    }

    /// Applies bodies of changes that have been admitted; known changes are skipped.
    ///
    /// # Errors
    /// When a body is not plain changes or awaits others: then nothing is applied.
    pub fn apply<B: AsRef<[u8]>>(&mut self, bodies: &[B]) -> Result<(), DocError> {
        let changes = gather(&self.am, bodies)?;
        self.am.apply_changes(changes).map_err(DocError::unfit)
    }

    /// Returns the changes that are not at or under `heads`, oldest first, each as a chunk.
    pub fn changes_since(&self, heads: &[ChangeHash]) -> Vec<Committed> {
        self.am.get_changes(&theirs(heads)).iter().map(Committed::of).collect()
    }

    /// Hands over what was written here since the last call, oldest first.
    pub fn take_changes(&mut self) -> Vec<Committed> {
        std::mem::take(&mut self.fresh)
    }

    /// Returns the document as it was at `heads`, without what came later, for a new actor.
    ///
    /// # Errors
    /// When `heads` names a change that is not here.
    pub fn fork_at(&self, heads: &[ChangeHash], actor: [u8; 16]) -> Result<Self, DocError> {
        let mut am = self.am.fork_at(&theirs(heads)).map_err(|_| DocError::UnknownHeads)?;
        // The fork draws a random actor; ours is derived, so that a seed replays.
        am.set_actor(ActorId::from(actor));
        Self::from_automerge(am)
    }
}

/// Returns a document without any change.
pub(crate) fn empty() -> Automerge {
    Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint)
}

/// Loads a save of ours; never one with changes left waiting.
pub(crate) fn load(saved: &[u8]) -> Result<Automerge, DocError> {
    let options = LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
    Automerge::load_with_options(saved, options).map_err(|e| DocError::Unloadable(Box::new(e)))
}

/// Reads bodies into the changes that `am` lacks, provided that nothing is awaited.
pub(crate) fn gather<B: AsRef<[u8]>>(
    am: &Automerge,
    bodies: &[B],
) -> Result<Vec<Change>, DocError> {
    let mut known = History::of(am);
    let mut fresh = Vec::new();
    for body in bodies {
        for change in chunk::parse(body.as_ref())? {
            if !known.has(&change.hash()) {
                known.add(&change);
                fresh.push(change);
            }
        }
    }
    let mut missing: Vec<_> =
        fresh.iter().flat_map(Change::deps).filter(|d| !known.has(d)).map(|d| ours(*d)).collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() { Ok(fresh) } else { Err(DocError::MissingDeps { missing }) }
}
