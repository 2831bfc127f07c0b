//! The keys and shapes under which the four kinds of document are stored.
//!
//! This table is disk and wire format. Never rename a key or change a type; a new field gets
//! the next [`VERSION`] in `since`, and documents born before it read it as empty
//! ([`super::upcast`]).
use crate::model::{DocKind, FieldPath, ItemId, interview::StatementTag, workpaper::Severity};

/// The shape in which this build gives birth to documents.
pub const VERSION: u32 = 1;

/// The longest scalar text, in code points: a title, a name, a reason for removal.
pub const MAX_SCALAR_CHARS: usize = 2_000;

/// The longest label or reference in a set, in code points.
pub const MAX_MEMBER_CHARS: usize = 200;

/// Root key: the kind of document, a text. Written once, at birth.
pub(crate) const KIND: &str = "kind";
/// Root key: the shape in which the document was born. Written once, at birth.
pub(crate) const SCHEMA: &str = "schema";
/// Item key: the item's id. Written once, when the item is made.
pub(crate) const ID: &str = "id";
/// Item key: why the item was taken out; absent or null while it stands.
pub(crate) const REMOVED: &str = "removed";

/// What a scalar field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarType {
    /// One line of text, at most [`MAX_SCALAR_CHARS`].
    Text,
    /// One of a few names.
    Choice(&'static [&'static str]),
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// The id of a person, 32 hexadecimal digits.
    Id,
}

/// What the members of a set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberType {
    /// Ids, 32 lower-case hexadecimal digits.
    Id,
    /// Free labels, at most [`MAX_MEMBER_CHARS`].
    Label,
}

/// How a field is stored and how it merges (domain §5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// A text that several people write at once: a sequence, merged by characters.
    Text,
    /// A plain value; of concurrent ones the last writer's shows.
    Scalar(ScalarType),
    /// A value that is a judgement; concurrent ones are all kept and shown as a conflict.
    Judgement(ScalarType),
    /// A set in which adding wins over concurrent removal.
    Set(MemberType),
    /// A list of items in one order for all, each with fields of its own.
    List(&'static [Field]),
}

impl FieldType {
    /// Returns whether the field is a container, made at birth and never again.
    pub const fn is_container(self) -> bool {
        matches!(self, Self::Text | Self::Set(_) | Self::List(_))
    }

    /// Returns the type of a scalar field, judgement or not.
    pub const fn scalar(self) -> Option<ScalarType> {
        match self {
            Self::Scalar(t) | Self::Judgement(t) => Some(t),
            _ => None,
        }
    }
}

/// One field of a document or of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The key, which is also the segment in a [`FieldPath`].
    pub key: &'static str,
    /// How it is stored.
    pub ty: FieldType,
    /// The first shape that has it.
    pub since: u32,
}

const fn text(key: &'static str) -> Field {
    Field { key, ty: FieldType::Text, since: 1 }
}
const fn line(key: &'static str) -> Field {
    Field { key, ty: FieldType::Scalar(ScalarType::Text), since: 1 }
}
const fn scalar(key: &'static str, ty: ScalarType) -> Field {
    Field { key, ty: FieldType::Scalar(ty), since: 1 }
}
const fn judgement(key: &'static str, ty: ScalarType) -> Field {
    Field { key, ty: FieldType::Judgement(ty), since: 1 }
}
const fn ids(key: &'static str) -> Field {
    Field { key, ty: FieldType::Set(MemberType::Id), since: 1 }
}
const fn labels(key: &'static str) -> Field {
    Field { key, ty: FieldType::Set(MemberType::Label), since: 1 }
}
const fn list(key: &'static str, fields: &'static [Field]) -> Field {
    Field { key, ty: FieldType::List(fields), since: 1 }
}

const TAGS: &[&str] = &[
    StatementTag::Fact.name(),
    StatementTag::Hearsay.name(),
    StatementTag::Opinion.name(),
    StatementTag::Pointer.name(),
    StatementTag::Procedural.name(),
];
const SEVERITIES: &[&str] = &[Severity::Low.name(), Severity::Medium.name(), Severity::High.name()];

// The order below is the order in which a birth change makes the containers: do not reorder.
const INTERVIEW: &[Field] = &[
    line("interviewee_name"),
    line("interviewee_post"),
    line("interviewee_section"),
    ids("interviewers"),
    line("place"),
    line("started"),
    line("ended"),
    text("outline"),
    scalar("notice_read", ScalarType::Bool),
    text("purpose"),
    text("note"),
    list("statements", STATEMENT),
];
const STATEMENT: &[Field] = &[
    judgement("tag", ScalarType::Choice(TAGS)),
    text("text"),
    line("who"),
    line("what"),
    line("when"),
    line("place"),
    line("how_known"),
    ids("refs"),
];
const WORKPAPER: &[Field] = &[
    line("title"),
    labels("source"),
    text("condition"),
    list("criteria", CRITERION),
    text("cause"),
    text("effect"),
    list("facts", FACT),
    judgement("responsible", ScalarType::Text),
    line("party"),
    line("when"),
    line("place"),
    text("method"),
    judgement("amount_fen", ScalarType::Int),
    text("exculpatory"),
    text("extent_check"),
    text("communication"),
    judgement("severity", ScalarType::Choice(SEVERITIES)),
    judgement("characterisation", ScalarType::Text),
    labels("themes"),
    ids("evidence"),
];
const CRITERION: &[Field] = &[
    judgement("instrument", ScalarType::Text),
    judgement("article", ScalarType::Text),
    judgement("version", ScalarType::Text),
];
const FACT: &[Field] = &[text("text"), ids("evidence"), labels("statements")];
const CONSULTATION: &[Field] = &[
    line("title"),
    text("question"),
    list("positions", POSITION),
    text("rules"),
    judgement("characterisation", ScalarType::Text),
    judgement("sufficiency", ScalarType::Text),
    judgement("disposition", ScalarType::Text),
    text("minutes"),
    list("actions", ACTION),
];
const POSITION: &[Field] = &[scalar("person", ScalarType::Id), text("text")];
const ACTION: &[Field] = &[line("who"), line("what"), line("due")];
const NOTICE: &[Field] = &[
    line("title"),
    text("matter"),
    text("rule_breached"),
    text("request"),
    line("contact"),
    ids("workpapers"),
];

/// Returns the fields of a kind of document, in the order of its form.
pub const fn fields(kind: DocKind) -> &'static [Field] {
    match kind {
        DocKind::Interview => INTERVIEW,
        DocKind::Workpaper => WORKPAPER,
        DocKind::Consultation => CONSULTATION,
        DocKind::Notice => NOTICE,
    }
}

/// Returns the field of a kind of document stored under `key`.
pub fn top(kind: DocKind, key: &str) -> Option<&'static Field> {
    find(fields(kind), key)
}

/// Returns the field stored under `key` among `fields`.
pub(crate) fn find(fields: &'static [Field], key: &str) -> Option<&'static Field> {
    fields.iter().find(|f| f.key == key)
}

/// Returns the stored name of a kind.
pub const fn kind_name(kind: DocKind) -> &'static str {
    match kind {
        DocKind::Interview => "interview",
        DocKind::Workpaper => "workpaper",
        DocKind::Consultation => "consultation",
        DocKind::Notice => "notice",
    }
}

/// Reads the stored name of a kind.
pub fn kind_from_name(name: &str) -> Option<DocKind> {
    [DocKind::Interview, DocKind::Workpaper, DocKind::Consultation, DocKind::Notice]
        .into_iter()
        .find(|k| kind_name(*k) == name)
}

/// What a [`FieldPath`] names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// A field of the document: `severity`.
    Top(&'static Field),
    /// An item of a list: `statements/<item>`.
    Item(&'static Field, ItemId),
    /// A field of an item: `statements/<item>/text`.
    ItemField(&'static Field, ItemId, &'static Field),
}

impl Address {
    /// Returns the field named; for an item, its list.
    pub const fn field(&self) -> &'static Field {
        match self {
            Self::Top(f) | Self::Item(f, _) | Self::ItemField(_, _, f) => f,
        }
    }
}

/// Reads a path in a kind of document; `None` when the kind has no such field.
pub fn address(kind: DocKind, path: &FieldPath) -> Option<Address> {
    let mut parts = path.0.split('/');
    let root = top(kind, parts.next()?)?;
    let Some(item) = parts.next() else { return Some(Address::Top(root)) };
    let FieldType::List(fields) = root.ty else { return None };
    let item: ItemId = item.parse().ok()?;
    let Some(key) = parts.next() else { return Some(Address::Item(root, item)) };
    match parts.next() {
        None => Some(Address::ItemField(root, item, find(fields, key)?)),
        Some(_) => None,
    }
}

/// Names an item of a list: `statements/<item>`.
pub fn item_path(list: &str, item: ItemId) -> FieldPath {
    FieldPath(format!("{list}/{item}"))
}

/// Returns whether `member` has the form that a set asks of its members.
pub fn is_member(ty: MemberType, member: &str) -> bool {
    match ty {
        MemberType::Id => is_id(member),
        MemberType::Label => {
            !member.trim().is_empty()
                && !member.chars().any(char::is_control)
                && member.chars().count() <= MAX_MEMBER_CHARS
        }
    }
}

/// Returns whether `text` is an id as stored: 32 lower-case hexadecimal digits.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
