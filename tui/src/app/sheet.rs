//! A document as a form: its fields in the order of the schema, each with what it says.
use serde_json::Value as Json;
use shared::{
    doc::schema::{self, Field, FieldType, MemberType, ScalarType},
    model::{Conflict, FieldPath, ItemId, Reading},
};

/// What a field holds, for showing and for editing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// One line of text.
    Line(String),
    /// A long text.
    Text(String),
    /// One of a few names.
    Choice {
        /// The name; none if nothing is chosen.
        value: Option<String>,
        /// The names.
        options: &'static [&'static str],
    },
    /// A whole number: an amount in fen.
    Amount(Option<i64>),
    /// Yes or no.
    Bool(bool),
    /// A person, by id.
    Person(Option<String>),
    /// Members of a set: ids or labels.
    Members {
        /// They.
        members: Vec<String>,
        /// What they are.
        ty: MemberType,
    },
    /// The heading of a list, with the number of items that stand.
    List(usize),
    /// An item of a list, in one line.
    Item {
        /// Its identity.
        id: ItemId,
        /// Its place, from 1.
        index: usize,
        /// Its choice field (a statement's tag), if it has one.
        choice: Option<String>,
        /// Its text.
        text: String,
        /// How many members its sets have: evidence, statements.
        carried: usize,
        /// Why it was taken out.
        removed: Option<String>,
        /// The actor that added it, in hexadecimal.
        actor: Option<String>,
    },
}

/// A row of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    /// The field.
    pub path: FieldPath,
    /// The key of its list, for an item and its fields.
    pub list: Option<&'static str>,
    /// Its own key; the list's for a heading or an item.
    pub key: &'static str,
    /// What it holds.
    pub value: FieldValue,
    /// Concurrent values that nobody has settled.
    pub conflict: Option<Conflict>,
    /// Whether it is a judgement, whose concurrent values are all kept.
    pub judgement: bool,
}

impl FieldRow {
    /// Returns the item the row belongs to.
    pub fn item(&self) -> Option<ItemId> {
        self.path.0.split('/').nth(1).and_then(|id| id.parse().ok())
    }
}

/// Makes the form of a document; the fields of the items in `open` are shown, of others only
/// a line.
pub fn sheet(reading: &Reading, open: Option<ItemId>) -> Vec<FieldRow> {
    let kind = reading.kind();
    let body = serde_json::to_value(&reading.body).unwrap_or(Json::Null);
    let mut rows = Vec::new();
    for field in schema::fields(kind) {
        let path = FieldPath::top(field.key);
        let value = lookup(&body, field.key);
        if let FieldType::List(fields) = field.ty {
            list(&mut rows, reading, field, fields, value, open);
        } else {
            rows.push(field_row(reading, None, field, path, value));
        }
    }
    rows
}

/// Finds a field's value. The reading groups what the schema keeps flat: the interviewee.
fn lookup<'a>(body: &'a Json, key: &str) -> &'a Json {
    match key.strip_prefix("interviewee_") {
        Some(part) => &body["interviewee"][part],
        None => &body[key],
    }
}

fn field_row(
    reading: &Reading,
    list: Option<&'static str>,
    field: &'static Field,
    path: FieldPath,
    value: &Json,
) -> FieldRow {
    let text = || value.as_str().unwrap_or_default().to_owned();
    let some = || value.as_str().filter(|s| !s.is_empty()).map(str::to_owned);
    let shown = match field.ty {
        FieldType::Text => FieldValue::Text(text()),
        FieldType::Scalar(ty) | FieldType::Judgement(ty) => match ty {
            ScalarType::Text => FieldValue::Line(text()),
            ScalarType::Choice(options) => FieldValue::Choice { value: some(), options },
            ScalarType::Int => FieldValue::Amount(value.as_i64()),
            ScalarType::Bool => FieldValue::Bool(value.as_bool().unwrap_or_default()),
            ScalarType::Id => FieldValue::Person(some()),
        },
        FieldType::Set(ty) => FieldValue::Members { members: members(value), ty },
        FieldType::List(_) => FieldValue::List(0),
    };
    let conflict = reading.conflicts.iter().find(|c| c.field == path).cloned();
    let judgement = matches!(field.ty, FieldType::Judgement(_));
    FieldRow { path, list, key: field.key, value: shown, conflict, judgement }
}

fn members(value: &Json) -> Vec<String> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(|m| m.as_str().map(str::to_owned)).collect()
}

fn list(
    rows: &mut Vec<FieldRow>,
    reading: &Reading,
    field: &'static Field,
    fields: &'static [Field],
    value: &Json,
    open: Option<ItemId>,
) {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let standing = items.iter().filter(|i| i["removed"].is_null()).count();
    let plain = |path, value, conflict| FieldRow {
        path,
        list: Some(field.key),
        key: field.key,
        value,
        conflict,
        judgement: false,
    };
    rows.push(plain(FieldPath::top(field.key), FieldValue::List(standing), None));
    for (at, item) in items.iter().enumerate() {
        let Some(id) = item["id"].as_str().and_then(|id| id.parse::<ItemId>().ok()) else {
            continue;
        };
        let path = schema::item_path(field.key, id);
        let within = format!("{}/", path.0);
        let conflict = reading.conflicts.iter().find(|c| c.field.0.starts_with(&within));
        rows.push(plain(
            path,
            FieldValue::Item {
                id,
                index: at + 1,
                choice: item["tag"].as_str().map(str::to_owned),
                text: item_text(item, fields),
                carried: sets(item, fields),
                removed: item["removed"].as_str().map(str::to_owned),
                actor: item["actor"].as_str().map(str::to_owned),
            },
            conflict.cloned(),
        ));
        if open == Some(id) {
            for sub in fields {
                let path = FieldPath::item(field.key, id, sub.key);
                rows.push(field_row(reading, Some(field.key), sub, path, &item[sub.key]));
            }
        }
    }
}

fn item_text(item: &Json, fields: &[Field]) -> String {
    if let Some(text) = item["text"].as_str() {
        return text.to_owned();
    }
    let lines = fields.iter().filter_map(|f| item[f.key].as_str()).filter(|t| !t.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

fn sets(item: &Json, fields: &[Field]) -> usize {
    fields
        .iter()
        .filter(|f| matches!(f.ty, FieldType::Set(_)))
        .map(|f| item[f.key].as_array().map_or(0, Vec::len))
        .sum()
}
