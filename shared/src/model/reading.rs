//! What a document says at one set of heads, as plain data.
//!
//! A reading is made by the schema ([`crate::doc`]), on a laptop or in the server's sandbox,
//! and is all that rules and screens ever see of a document. It is derived, never stored as
//! truth.
use serde::{Deserialize, Serialize};

use super::{
    ChangeHash, consultation::ConsultationReading, interview::InterviewReading,
    notice::NoticeReading, workpaper::WorkpaperReading,
};

/// The kinds of document that are written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocKind {
    /// The record of one talk (form F1).
    Interview,
    /// The one-matter file that supports a finding (form F2).
    Workpaper,
    /// The texts of a consultation: question, positions, conclusion (form F6).
    Consultation,
    /// An order to put a matter right at once (form F4).
    Notice,
}

/// A field of a document, as a path: `severity`, `effect`, `statements/<item>/text`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldPath(pub String);

impl FieldPath {
    /// Names a field at the top of a document.
    pub fn top(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Names a field of one item of a list.
    pub fn item(list: &str, item: super::ItemId, name: &str) -> Self {
        Self(format!("{list}/{item}/{name}"))
    }

    /// Returns the first segment: the field or list at the top of the document.
    pub fn root(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

/// A scalar value of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing entered yet.
    Empty,
    /// A text or the name of a choice.
    Text(String),
    /// A whole number: an amount in fen, a count.
    Int(i64),
    /// Yes or no.
    Bool(bool),
}

impl Value {
    /// Returns the text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(t) => Some(t),
            _ => None,
        }
    }
}

/// One of several values that stand beside each other in a field, and who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConflictValue {
    /// The operation that wrote the value, as `counter@actor` in hexadecimal: the same on
    /// every device, so a resolution can name it.
    pub op: String,
    /// The value.
    pub value: Value,
    /// The actor that wrote it, in hexadecimal; the journal says which person that is.
    pub actor: String,
    /// The change that wrote it.
    pub change: ChangeHash,
}

/// A judgement field in which concurrent values stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Conflict {
    /// The field.
    pub field: FieldPath,
    /// All values, ordered by `op`: the same order on every device.
    pub values: Vec<ConflictValue>,
}

/// A member taken out of a set (evidence, labels, interviewers), with the reason.
///
/// Items of lists say so themselves; sets show only their members, so what left is told here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RemovedMember {
    /// The set.
    pub field: FieldPath,
    /// The member, as stored: an id or a label.
    pub member: String,
    /// Why it was taken out.
    pub reason: String,
    /// The actor that took it out, in hexadecimal.
    pub actor: String,
}

/// What a document says, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Body {
    /// A talk.
    Interview(InterviewReading),
    /// A workpaper.
    Workpaper(WorkpaperReading),
    /// A consultation.
    Consultation(ConsultationReading),
    /// A notice.
    Notice(NoticeReading),
}

/// What a document says at its heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The heads read, sorted.
    pub heads: Vec<ChangeHash>,
    /// The shape in which the document was born; older shapes are read through upcasts.
    pub schema: u32,
    /// The fields.
    pub body: Body,
    /// Judgement fields with concurrent values, ordered by field.
    pub conflicts: Vec<Conflict>,
    /// Members taken out of sets, ordered.
    #[serde(default)]
    pub removed: Vec<RemovedMember>,
}

impl Reading {
    /// Returns the kind of document.
    pub fn kind(&self) -> DocKind {
        match self.body {
            Body::Interview(_) => DocKind::Interview,
            Body::Workpaper(_) => DocKind::Workpaper,
            Body::Consultation(_) => DocKind::Consultation,
            Body::Notice(_) => DocKind::Notice,
        }
    }

    /// Returns the line by which a list shows the document.
    pub fn title(&self) -> &str {
        match &self.body {
            Body::Interview(r) => &r.interviewee.name,
            Body::Workpaper(r) => &r.title,
            Body::Consultation(r) => &r.title,
            Body::Notice(r) => &r.title,
        }
    }
}
