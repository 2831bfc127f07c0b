//! What runs inside the sandbox: strangers' bodies meet a document, and what comes of it.
//!
//! Request and answer cross a pipe as CBOR. The process that runs this may be lost at any
//! moment, to memory, to time or to a panic inside Automerge. What it keeps between calls
//! ([`Trials`]) only spares it loading again what it has just loaded.
use std::{collections::VecDeque, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    document::{DocError, Document},
    fault::SchemaFault,
    gate::Gate,
    render::{Labels, Rendering, render},
};
use crate::model::{ChangeHash, Reading, Touched};

/// Bytes that travel as a byte string, not as a list of numbers.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Bytes {
    /// Shows the length only: contents never reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Visit;
        impl serde::de::Visitor<'_> for Visit {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, v: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(v.to_vec()))
            }
            fn visit_byte_buf<E: serde::de::Error>(self, v: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(v))
            }
        }
        d.deserialize_bytes(Visit)
    }
}

/// A document and the bodies to be tried on it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrialRequest {
    /// Our own save; `None` before the birth.
    pub base: Option<Bytes>,
    /// Bodies that are in main already but not in the save.
    pub later: Vec<Bytes>,
    /// Bodies to be tried, in order, one for each envelope.
    pub batch: Vec<Bytes>,
    /// Names and numbers for the rendering.
    #[serde(default)]
    pub labels: Labels,
    /// Whether reading and rendering are left out of the report: nobody will look at them.
    #[serde(default)]
    pub brief: bool,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialReport {
    /// For each body of the batch what it touches, or why it is refused.
    pub per: Vec<Result<Touched, SchemaFault>>,
    /// The document with what was admitted; empty when there is none.
    pub saved: Bytes,
    /// Its heads, sorted.
    pub heads: Vec<ChangeHash>,
    /// What it says; `None` when there is no document, or in a brief report.
    pub reading: Option<Reading>,
    /// Its rendering; likewise.
    pub rendering: Option<Rendering>,
}

/// Why a trial cannot be held: something of our own is damaged.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The request does not decode.
    #[error("the request does not decode")]
    Request,
    /// The save or the bodies already in main do not make a document.
    #[error("our own copy is damaged: {0}")]
    Base(#[from] DocError),
    /// The report does not encode.
    #[error("the report does not encode")]
    Report,
}

impl TrialRequest {
    /// Writes the request as CBOR.
    ///
    /// # Errors
    /// Never for a value in memory.
    pub fn to_cbor(&self) -> Result<Vec<u8>, TrialError> {
        minicbor_serde::to_vec(self).map_err(|_| TrialError::Request)
    }

    /// Reads a request.
    ///
    /// # Errors
    /// When the bytes are not one.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, TrialError> {
        minicbor_serde::from_slice(bytes).map_err(|_| TrialError::Request)
    }
}

impl TrialReport {
    /// Writes the report as CBOR.
    ///
    /// # Errors
    /// Never for a value in memory.
    pub fn to_cbor(&self) -> Result<Vec<u8>, TrialError> {
        minicbor_serde::to_vec(self).map_err(|_| TrialError::Report)
    }

    /// Reads a report.
    ///
    /// # Errors
    /// When the bytes are not one: the process that sent it was lost, or worse.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, TrialError> {
        minicbor_serde::from_slice(bytes).map_err(|_| TrialError::Report)
    }
}

/// Tries a batch on a document.
///
/// # Errors
/// Only when the document itself is damaged; faults of the batch are in the report.
pub fn try_batch(request: &TrialRequest) -> Result<TrialReport, TrialError> {
    Trials::default().try_batch(request)
}

/// How many documents are kept between trials: those that people write in at this moment.
const KEPT: usize = 4;

/// Tries batches, and keeps the documents last tried: the next batch of one of them need not
/// load it again.
///
/// A document is known again by the very bytes of which it was made, and it is the one that the
/// gate loaded from its save: a report is the same whether or not anything was kept.
#[derive(Debug, Default)]
pub struct Trials(VecDeque<Kept>);

/// A document, and the bodies of which it was made.
#[derive(Debug)]
struct Kept {
    base: Option<Bytes>,
    later: Vec<Bytes>,
    gate: Gate,
}

impl Trials {
    /// Tries a batch on a document.
    ///
    /// # Errors
    /// As [`try_batch`].
    pub fn try_batch(&mut self, request: &TrialRequest) -> Result<TrialReport, TrialError> {
        let mut gate = match self.take(request)? {
            Some(gate) => gate,
            None => load(request)?,
        };
        let per = gate.admit(&request.batch);
        let report = report(&gate, per, request)?;
        // After a fault it is not said here what the document goes on from.
        if report.per.iter().all(Result::is_ok) {
            let later = request.later.iter().chain(&request.batch).cloned().collect();
            self.0.push_front(Kept { base: request.base.clone(), later, gate });
            self.0.truncate(KEPT);
        }
        Ok(report)
    }

    /// Takes the document out that this is about, with all that is in main by now.
    fn take(&mut self, request: &TrialRequest) -> Result<Option<Gate>, TrialError> {
        let same = |k: &Kept| k.base == request.base && request.later.starts_with(&k.later);
        let Some(at) = self.0.iter().position(same) else { return Ok(None) };
        let Some(Kept { later, gate, .. }) = self.0.remove(at) else { return Ok(None) };
        let rest = &request.later[later.len()..];
        if rest.is_empty() {
            return Ok(Some(gate));
        }
        let Some(mut doc) = gate.into_document()? else { return Ok(None) };
        doc.apply(rest)?;
        Ok(Some(Gate::of(&doc)))
    }
}

fn load(request: &TrialRequest) -> Result<Gate, TrialError> {
    let base = match &request.base {
        Some(saved) => {
            let mut doc = Document::load(&saved.0)?;
            doc.apply(&request.later)?;
            Some(doc)
        }
        None if request.later.is_empty() => None,
        None => Some(Document::from_bodies(&request.later)?),
    };
    Ok(base.as_ref().map_or_else(Gate::default, Gate::of))
}

fn report(
    gate: &Gate,
    per: Vec<Result<Touched, SchemaFault>>,
    request: &TrialRequest,
) -> Result<TrialReport, TrialError> {
    let Some(saved) = gate.saved() else {
        let (saved, heads) = (Bytes::default(), Vec::new());
        return Ok(TrialReport { per, saved, heads, reading: None, rendering: None });
    };
    let (saved, heads) = (Bytes(saved), gate.heads());
    if request.brief {
        return Ok(TrialReport { per, saved, heads, reading: None, rendering: None });
    }
    let reading = gate.clone().into_document()?.map(|doc| doc.reading());
    let rendering = reading.as_ref().map(|reading| render(reading, &request.labels));
    Ok(TrialReport { per, saved, heads, reading, rendering })
}
