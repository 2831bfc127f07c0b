//! Reads a TOML rule file field by field, noting every fault with its line.
//!
//! `serde` stops at the first error; a person mending a file wants them all. So the parsed
//! tree is walked by hand: each accessor answers `None` after noting what was wrong, and the
//! caller goes on with the next field.
use std::{ops::Range, str::FromStr};

use jiff::civil::Date;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::fault::{Expected, Fault, FaultKind};

/// The longest rule file that is read.
pub(super) const MAX_BYTES: usize = 512 * 1024;

/// The faults found so far in one file.
pub(super) struct Faults<'i> {
    source: &'i str,
    list: Vec<Fault>,
}

impl Faults<'_> {
    /// Notes a fault of what stands at `span`.
    pub(super) fn note(&mut self, span: &Range<usize>, path: impl Into<String>, kind: FaultKind) {
        let (line, column) = position(self.source, span.start);
        self.list.push(Fault { line, column, path: path.into(), kind });
    }
}

/// Returns the line and column, both from 1, of a byte offset.
fn position(source: &str, offset: usize) -> (u32, u32) {
    let mut end = offset.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = &source[..end];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// Parses a file and has `read` take it apart.
///
/// # Errors
/// Every fault found, in the order of the file.
pub(super) fn read_file<T>(
    source: &str,
    read: impl FnOnce(&Node<'_, '_>, &mut Faults<'_>) -> Option<T>,
) -> Result<T, Vec<Fault>> {
    let mut faults = Faults { source, list: Vec::new() };
    if source.len() > MAX_BYTES {
        let kind = FaultKind::TooLong { bytes: source.len(), max: MAX_BYTES };
        faults.note(&(0..0), "file", kind);
        return Err(faults.list);
    }
    let (root, errors) = DeTable::parse_recoverable(source);
    for error in &errors {
        let kind = FaultKind::Syntax { detail: error.message().replace('\n', ", ") };
        faults.note(&error.span().unwrap_or(0..0), "file", kind);
    }
    if !errors.is_empty() {
        return Err(faults.list);
    }
    let node = Node { table: root.get_ref(), span: 0..0, path: String::new() };
    let value = read(&node, &mut faults);
    faults.list.sort_by_key(|fault| (fault.line, fault.column));
    match value {
        Some(value) if faults.list.is_empty() => Ok(value),
        _ => Err(faults.list),
    }
}

/// A table of the file, with where it stands.
pub(super) struct Node<'t, 'i> {
    table: &'t DeTable<'i>,
    /// Where the table starts.
    pub(super) span: Range<usize>,
    /// The path to it; empty for the whole file.
    pub(super) path: String,
}

impl<'t, 'i> Node<'t, 'i> {
    /// Returns the path of one of its fields.
    pub(super) fn path_of(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// Returns where a field's value stands, or where the table starts.
    pub(super) fn span_of(&self, field: &str) -> Range<usize> {
        self.find(field).map_or_else(|| self.span.clone(), Spanned::span)
    }

    fn find(&self, field: &str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.table.iter().find(|(key, _)| key.get_ref() == field).map(|(_, value)| value)
    }

    /// Notes every field that is none of `known`.
    pub(super) fn only(&self, faults: &mut Faults<'_>, known: &[&str]) {
        for (key, _) in self.table {
            if !known.contains(&key.get_ref().as_ref()) {
                faults.note(&key.span(), self.path_of(key.get_ref()), FaultKind::UnknownField);
            }
        }
    }

    fn need(&self, faults: &mut Faults<'_>, field: &str) -> Option<&'t Spanned<DeValue<'i>>> {
        let found = self.find(field);
        if found.is_none() {
            faults.note(&self.span, self.path_of(field), FaultKind::Missing);
        }
        found
    }

    fn wrong<T>(
        &self,
        faults: &mut Faults<'_>,
        path: String,
        value: &Spanned<DeValue<'_>>,
        expected: Expected,
    ) -> Option<T> {
        let found = value.get_ref().type_str().to_owned();
        faults.note(&value.span(), path, FaultKind::WrongType { expected, found });
        None
    }

    /// Tells whether the table has a field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.find(field).is_some()
    }

    /// Reads a text that must be there and not be blank.
    pub(super) fn text(&self, faults: &mut Faults<'_>, field: &str) -> Option<String> {
        let value = self.need(faults, field)?;
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Some(_) => {
                faults.note(&value.span(), self.path_of(field), FaultKind::Missing);
                None
            }
            None => self.wrong(faults, self.path_of(field), value, Expected::Text),
        }
    }

    /// Reads a short code: a lower-case letter, then letters, digits and underlines.
    pub(super) fn code(&self, faults: &mut Faults<'_>, field: &str) -> Option<String> {
        let text = self.text(faults, field)?;
        let fits = text.len() <= 48
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !fits {
            let kind = FaultKind::WrongForm { text, form: "receipt_ack" };
            faults.note(&self.span_of(field), self.path_of(field), kind);
            return None;
        }
        Some(text)
    }

    /// Reads a whole number that must be there and lie between `min` and `max`.
    pub(super) fn number(
        &self,
        faults: &mut Faults<'_>,
        field: &str,
        min: i64,
        max: i64,
    ) -> Option<i64> {
        let value = self.need(faults, field)?;
        let Some(number) = value.get_ref().as_integer() else {
            return self.wrong(faults, self.path_of(field), value, Expected::Number);
        };
        // A number too large for i64 is out of any range we have.
        let read = i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX);
        if read < min || read > max {
            let kind = FaultKind::OutOfRange { value: read, min, max };
            faults.note(&value.span(), self.path_of(field), kind);
            return None;
        }
        Some(read)
    }

    /// Reads a date that must be there, written `2026-05-12` with or without quotes.
    pub(super) fn date(&self, faults: &mut Faults<'_>, field: &str) -> Option<Date> {
        let value = self.need(faults, field)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.trim().to_owned(),
            DeValue::Datetime(written) => written.to_string(),
            _ => return self.wrong(faults, self.path_of(field), value, Expected::Date),
        };
        match parse_date(&text) {
            Some(date) => Some(date),
            None => {
                faults.note(&value.span(), self.path_of(field), FaultKind::NotADate { text });
                None
            }
        }
    }

    /// Reads a word that must be there and be one of `allowed`.
    pub(super) fn choice<T: FromStr>(
        &self,
        faults: &mut Faults<'_>,
        field: &str,
        allowed: &[&'static str],
    ) -> Option<T> {
        self.word(faults, field, allowed, |text| text.parse().ok())
    }

    /// Reads a word that must be there and that `read` knows.
    pub(super) fn word<T>(
        &self,
        faults: &mut Faults<'_>,
        field: &str,
        allowed: &[&'static str],
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(faults, field)?;
        let known = read(&text);
        if known.is_none() {
            let kind = FaultKind::NotAChoice { text, allowed: allowed.to_vec() };
            faults.note(&self.span_of(field), self.path_of(field), kind);
        }
        known
    }

    /// Reads `true` or `false`, which must be there.
    pub(super) fn bool(&self, faults: &mut Faults<'_>, field: &str) -> Option<bool> {
        let value = self.need(faults, field)?;
        match value.get_ref().as_bool() {
            Some(read) => Some(read),
            None => self.wrong(faults, self.path_of(field), value, Expected::Bool),
        }
    }

    /// Reads a list of texts, each by `read`; an absent list is empty.
    pub(super) fn texts<T>(
        &self,
        faults: &mut Faults<'_>,
        field: &str,
        mut read: impl FnMut(&str) -> Result<T, FaultKind>,
    ) -> Option<Vec<T>> {
        let Some(value) = self.find(field) else { return Some(Vec::new()) };
        let Some(items) = value.get_ref().as_array() else {
            return self.wrong(faults, self.path_of(field), value, Expected::List);
        };
        let mut all = Vec::new();
        let mut whole = true;
        for (at, item) in items.iter().enumerate() {
            let path = format!("{}[{}]", self.path_of(field), at + 1);
            match item.get_ref().as_str().map(|text| read(text.trim())) {
                Some(Ok(one)) => all.push(one),
                Some(Err(kind)) => {
                    whole = false;
                    faults.note(&item.span(), path, kind);
                }
                None => {
                    whole = false;
                    self.wrong::<()>(faults, path, item, Expected::Text);
                }
            }
        }
        whole.then_some(all)
    }

    /// Reads a table that must be there.
    pub(super) fn node(&self, faults: &mut Faults<'_>, field: &str) -> Option<Node<'t, 'i>> {
        let value = self.need(faults, field)?;
        let Some(table) = value.get_ref().as_table() else {
            return self.wrong(faults, self.path_of(field), value, Expected::Table);
        };
        Some(Node { table, span: value.span(), path: self.path_of(field) })
    }

    /// Reads a list of tables, each by `read`; an absent list is empty.
    ///
    /// Answers `None` if any item could not be read, after reading all of them.
    pub(super) fn nodes<T>(
        &self,
        faults: &mut Faults<'_>,
        field: &str,
        mut read: impl FnMut(&Node<'t, 'i>, &mut Faults<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(value) = self.find(field) else { return Some(Vec::new()) };
        let Some(items) = value.get_ref().as_array() else {
            return self.wrong(faults, self.path_of(field), value, Expected::List);
        };
        let mut all = Vec::new();
        let mut whole = true;
        for (at, item) in items.iter().enumerate() {
            let path = format!("{}[{}]", self.path_of(field), at + 1);
            let one = match item.get_ref().as_table() {
                Some(table) => read(&Node { table, span: item.span(), path }, faults),
                None => self.wrong(faults, path, item, Expected::Table),
            };
            whole &= one.is_some();
            all.extend(one);
        }
        whole.then_some(all)
    }
}

/// Reads a civil date written as `2026-05-12`, and nothing else.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}
