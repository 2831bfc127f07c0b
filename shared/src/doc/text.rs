//! Texts while they are being written: who wrote what, where a caret is, what others did.
use std::ops::Range;

use automerge::{
    ActorId, Automerge, ConcreteTextValue, Cursor, CursorPosition, MoveCursor, ObjId, ObjType,
    Patch, PatchAction, PatchLog, ROOT, ReadDoc, legacy::OpId,
};
use serde::{Deserialize, Serialize};

use super::{
    document::{DocError, Document, gather},
    known::is_element,
    read::{View, actor_of},
    schema::{self, Address, FieldType},
    touched::op_id,
};
use crate::model::FieldPath;

/// One change of a text. Positions and lengths count code points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextSplice {
    /// Where.
    pub at: usize,
    /// How many characters go.
    pub delete: usize,
    /// What comes.
    pub insert: String,
}

/// A stretch of a text written by one actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The characters, as positions in code points.
    pub range: Range<usize>,
    /// The actor, in hexadecimal; the journal says which person that is.
    pub actor: String,
}

impl Document {
    /// Returns the text of a field; `None` when the field is no text or was never born.
    pub fn text(&self, field: &FieldPath) -> Option<String> {
        self.am.text(self.text_object(field)?).ok()
    }

    /// Returns who wrote each stretch of a text, in order and without gaps.
    pub fn authors(&self, field: &FieldPath) -> Vec<Span> {
        let Some(text) = self.text_object(field) else { return Vec::new() };
        let mut out: Vec<Span> = Vec::new();
        for (i, item) in self.am.list_range(&text, ..).enumerate() {
            let actor = actor_of(&item.id());
            match out.last_mut() {
                Some(span) if span.actor == actor => span.range.end = i + 1,
                _ => out.push(Span { range: i..i + 1, actor }),
            }
        }
        out
    }

    /// Returns a name for the place before character `index`, good on every device.
    ///
    /// Indexes never travel, cursors do: others' edits move the place with its text.
    pub fn cursor_at(&self, field: &FieldPath, index: usize) -> Option<String> {
        let text = self.text_object(field)?;
        let len = self.am.length(&text);
        let position = match index {
            i if i < len => CursorPosition::Index(i),
            i if i == len => CursorPosition::End,
            _ => return None,
        };
        let cursor = self.am.get_cursor_moving(&text, position, None, MoveCursor::After).ok()?;
        Some(cursor.to_string())
    }

    /// Returns where a cursor is now; `None` when it is malformed or names no place here.
    ///
    /// Cursors come from other devices: Automerge asserts that one belongs to the text, so
    /// that is looked up first, at a cost that grows with the text.
    pub fn index_of(&self, field: &FieldPath, cursor: &str) -> Option<usize> {
        // Automerge slices the string by bytes: only plain, non-empty text may reach it.
        if cursor.is_empty() || !cursor.is_ascii() {
            return None;
        }
        let text = self.text_object(field)?;
        if let Some((counter, actor)) = cursor.trim_start_matches('-').split_once('@') {
            let element = OpId::new(counter.parse().ok()?, &ActorId::try_from(actor).ok()?);
            let text = op_id(&text)?;
            if !is_element(&self.am, &element, &text) {
                return None;
            }
        }
        let cursor = Cursor::try_from(cursor).ok()?;
        self.am.get_cursor_position(&text, &cursor, None).ok()
    }

    /// Applies admitted bodies and returns what they did to one text, for its editor.
    ///
    /// The splices are to be applied one after the other.
    ///
    /// # Errors
    /// As [`Document::apply`].
    pub fn apply_with_splices<B: AsRef<[u8]>>(
        &mut self,
        bodies: &[B],
        field: &FieldPath,
    ) -> Result<Vec<TextSplice>, DocError> {
        let changes = gather(&self.am, bodies)?;
        let mut log = PatchLog::active();
        self.am.apply_changes_log_patches(changes, &mut log).map_err(DocError::unfit)?;
        let patches = self.am.make_patches(&mut log);
        let Some(text) = self.text_object(field) else { return Ok(Vec::new()) };
        Ok(patches.into_iter().filter(|p| p.obj == text).filter_map(splice).collect())
    }

    fn text_object(&self, field: &FieldPath) -> Option<ObjId> {
        text_object(&self.am, self.kind, field)
    }
}

fn text_object(am: &Automerge, kind: crate::model::DocKind, field: &FieldPath) -> Option<ObjId> {
    let view = View::now(am);
    let (holder, field) = match schema::address(kind, field)? {
        Address::Top(f) => (ROOT, f),
        Address::ItemField(list, id, f) => {
            let lists = view.containers(&ROOT, list.key, ObjType::List);
            (lists.iter().find_map(|l| view.item(l, id))?, f)
        }
        Address::Item(..) => return None,
    };
    match field.ty {
        FieldType::Text => view.containers(&holder, field.key, ObjType::Text).into_iter().next(),
        _ => None,
    }
}

fn splice(patch: Patch) -> Option<TextSplice> {
    match patch.action {
        PatchAction::SpliceText { index, value, .. } => {
            Some(TextSplice { at: index, delete: 0, insert: plain(&value) })
        }
        PatchAction::DeleteSeq { index, length } => {
            Some(TextSplice { at: index, delete: length, insert: String::new() })
        }
        _ => None,
    }
}

fn plain(value: &ConcreteTextValue) -> String {
    value.make_string()
}
