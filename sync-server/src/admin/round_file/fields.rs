//! Reads the fields of one row, noting what is wrong with each.
use std::str::FromStr;

use jiff::civil::Date;

use super::{
    problem::{Problem, ProblemKind, Wanted},
    raw::{Place, RawRow, RawValue},
    schema::Section,
};

/// The word for the office where a place is asked for.
pub(super) const OFFICE: &str = "office";

/// The longest name or title, in characters.
const MAX_TEXT: usize = 120;

/// A row, and where to note what is wrong with it.
pub(super) struct Fields<'r, 'p> {
    pub(super) section: Section,
    pub(super) row: &'r RawRow,
    pub(super) problems: &'p mut Vec<Problem>,
}

impl Fields<'_, '_> {
    /// Notes a problem of a field.
    pub(super) fn note(&mut self, field: &'static str, kind: ProblemKind) {
        self.problems.push(Problem { place: self.place(field), kind });
    }

    fn place(&self, field: &'static str) -> Place {
        self.row.place_of(field).clone()
    }

    fn value(&self, field: &'static str) -> Option<&RawValue> {
        let value = self.row.cells.get(field)?.value.as_ref()?;
        let blank = matches!(value, RawValue::Text(text) if text.trim().is_empty());
        (!blank).then_some(value)
    }

    /// Tells whether a field is filled.
    pub(super) fn has(&self, field: &'static str) -> bool {
        self.value(field).is_some()
    }

    fn need(&mut self, field: &'static str) -> Option<RawValue> {
        let value = self.value(field).cloned();
        if value.is_none() {
            self.note(field, ProblemKind::MissingField { section: self.section, field });
        }
        value
    }

    fn wrong<T>(&mut self, field: &'static str, expected: Wanted, found: &RawValue) -> Option<T> {
        let found = found.type_name().to_owned();
        let section = self.section;
        self.note(field, ProblemKind::WrongType { section, field, expected, found });
        None
    }

    /// Reads a line of text.
    pub(super) fn text(&mut self, field: &'static str) -> Option<String> {
        let text = match self.need(field)? {
            RawValue::Text(text) => text.trim().to_owned(),
            // A spreadsheet keeps a name of digits as a number.
            RawValue::Number(number) => number.to_string(),
            other => return self.wrong(field, Wanted::Text, &other),
        };
        let length = text.chars().count();
        if length > MAX_TEXT {
            self.note(field, ProblemKind::TextTooLong { length, max: MAX_TEXT });
            return None;
        }
        if text.chars().any(char::is_control) {
            self.note(field, ProblemKind::NotOneLine { section: self.section, field });
            return None;
        }
        Some(text)
    }

    /// Reads a line of text that may be left out.
    pub(super) fn text_or_empty(&mut self, field: &'static str) -> Option<String> {
        if self.has(field) { self.text(field) } else { Some(String::new()) }
    }

    /// Reads a code.
    pub(super) fn code(&mut self, field: &'static str) -> Option<String> {
        let text = self.text(field)?;
        let fits = text.len() <= 32
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !fits {
            self.note(field, ProblemKind::NotACode { text });
            return None;
        }
        Some(text)
    }

    /// Reads a whole number between `min` and `max`.
    pub(super) fn number<N>(&mut self, field: &'static str, min: i64, max: i64) -> Option<N>
    where
        N: TryFrom<i64>,
    {
        let read = match self.need(field)? {
            RawValue::Number(number) => number,
            RawValue::Text(text) => match text.trim().parse() {
                Ok(number) => number,
                Err(_) => return self.wrong(field, Wanted::Number, &RawValue::Text(text)),
            },
            other => return self.wrong(field, Wanted::Number, &other),
        };
        if read < min || read > max {
            self.note(field, ProblemKind::OutOfRange { value: read, min, max });
            return None;
        }
        N::try_from(read).ok()
    }

    /// Reads yes or no: 是, 否, `true`, `false`.
    pub(super) fn bool(&mut self, field: &'static str) -> Option<bool> {
        match self.need(field)? {
            RawValue::Bool(value) => Some(value),
            RawValue::Text(text) if matches!(text.trim(), "是" | "true") => Some(true),
            RawValue::Text(text) if matches!(text.trim(), "否" | "false") => Some(false),
            other => self.wrong(field, Wanted::Bool, &other),
        }
    }

    /// Reads a date.
    pub(super) fn date(&mut self, field: &'static str) -> Option<Date> {
        match self.need(field)? {
            RawValue::Date(date) => Some(date),
            RawValue::Text(text) => {
                let text = text.trim().to_owned();
                let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
                if date.is_none() {
                    self.note(field, ProblemKind::NotADate { text });
                }
                date
            }
            other => self.wrong(field, Wanted::Date, &other),
        }
    }

    /// Reads one of the choices, by its code or its Chinese name.
    pub(super) fn choice<T>(&mut self, field: &'static str, all: &[T]) -> Option<T>
    where
        T: Copy + FromStr + Coded,
    {
        let text = self.text(field)?;
        let read = text.parse().ok();
        if read.is_none() {
            let allowed = all.iter().map(|choice| choice.coded()).collect();
            self.note(field, ProblemKind::NotAChoice { text, allowed });
        }
        read
    }
}

/// A choice that has a code.
pub(super) trait Coded {
    /// Returns the code.
    fn coded(self) -> &'static str;
}

macro_rules! coded {
    ($($choice:ty),+) => {
        $(impl Coded for $choice {
            fn coded(self) -> &'static str {
                self.code()
            }
        })+
    };
}
coded!(shared::model::round::RoundKind, shared::model::round::UnitKind, shared::model::round::Role);
