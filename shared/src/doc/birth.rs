//! The first change of a document, which makes all its containers. Long texts follow it.
use std::collections::BTreeMap;

use automerge::{ObjType, ROOT, transaction::Transactable};

use super::{
    document::{Committed, Document},
    schema::{self, FieldType},
    write::{self, Edit, EditError, Initial},
};
use crate::model::{DocKind, FieldPath, Value};

/// What a document says from the first moment: any fields of its kind except list items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Birth {
    fields: BTreeMap<String, Initial>,
}

impl Birth {
    /// Begins a birth with every field empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a text or a scalar field its first value.
    #[must_use]
    pub fn value(mut self, field: &str, value: Value) -> Self {
        self.fields.insert(field.to_owned(), Initial::Value(value));
        self
    }

    /// Gives a text or a line of text its first content.
    #[must_use]
    pub fn text(self, field: &str, text: &str) -> Self {
        self.value(field, Value::Text(text.to_owned()))
    }

    /// Gives a set its first members, ids or labels.
    #[must_use]
    pub fn members<S: ToString>(mut self, field: &str, members: &[S]) -> Self {
        let members = members.iter().map(ToString::to_string).collect();
        self.fields.insert(field.to_owned(), Initial::Members(members));
        self
    }
}

impl Birth {
    /// Takes out the long texts of a kind of document: they are said after the birth.
    pub(crate) fn without_long(&self, kind: DocKind) -> (Self, Vec<Edit>) {
        let (fields, texts) = write::without_long(schema::fields(kind), &self.fields);
        let said = |(key, text): (&str, String)| write::said(FieldPath::top(key), text);
        (Self { fields }, texts.into_iter().map(said).collect())
    }
}

/// Writes the birth change. The order of operations is format: kind, shape, containers in
/// the order of the schema, then first values in the same order.
pub(crate) fn write(doc: &mut Document, birth: &Birth) -> Result<Committed, EditError> {
    let fields = schema::fields(doc.kind);
    let kind = doc.kind;
    let committed = write::commit(doc, |tx| {
        tx.put(ROOT, schema::KIND, schema::kind_name(kind))?;
        tx.put(ROOT, schema::SCHEMA, i64::from(schema::VERSION))?;
        for field in fields {
            if let Some(ty) = container(field.ty) {
                tx.put_object(ROOT, field.key, ty)?;
            }
        }
        write::initial(tx, &ROOT, fields, &birth.fields)
    })?;
    committed.ok_or(EditError::Internal)
}

/// Returns the type of Automerge object that holds a field.
pub(crate) const fn container(ty: FieldType) -> Option<ObjType> {
    match ty {
        FieldType::Text => Some(ObjType::Text),
        FieldType::Set(_) => Some(ObjType::Map),
        FieldType::List(_) => Some(ObjType::List),
        FieldType::Scalar(_) | FieldType::Judgement(_) => None,
    }
}
