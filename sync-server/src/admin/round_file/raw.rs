//! A round file as rows of values, whichever form it came in.
use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::schema::Section;

/// Where something stands in the files of a round.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The file as a whole.
    File {
        /// Its name.
        file: String,
    },
    /// A line of a TOML file.
    Line {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: u32,
    },
    /// A sheet of a workbook.
    Sheet {
        /// The file's name.
        file: String,
        /// The sheet's name.
        sheet: String,
    },
    /// A cell of a workbook.
    Cell {
        /// The file's name.
        file: String,
        /// The sheet's name.
        sheet: String,
        /// The cell, as a spreadsheet shows it: `B4`.
        cell: String,
    },
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { file } => f.write_str(file),
            Self::Line { file, line } => write!(f, "{file}:{line}"),
            Self::Sheet { file, sheet } => write!(f, "{file} {sheet}"),
            Self::Cell { file, sheet, cell } => write!(f, "{file} {sheet}!{cell}"),
        }
    }
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RawValue {
    Text(String),
    Number(i64),
    Bool(bool),
    Date(Date),
    /// Something no field can hold, by the name of its type.
    Other(String),
}

impl RawValue {
    /// Returns the name of its type, for messages.
    pub(super) fn type_name(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Bool(_) => "boolean",
            Self::Date(_) => "date",
            Self::Other(name) => name,
        }
    }
}

/// A value and where it stands; no value where a cell is empty.
#[derive(Debug, Clone)]
pub(super) struct RawCell {
    pub(super) value: Option<RawValue>,
    pub(super) place: Place,
}

/// One row of a section.
#[derive(Debug, Clone)]
pub(super) struct RawRow {
    pub(super) place: Place,
    pub(super) cells: BTreeMap<&'static str, RawCell>,
}

impl RawRow {
    /// Returns where a field stands, or where the row does.
    pub(super) fn place_of(&self, key: &str) -> &Place {
        self.cells.get(key).map_or(&self.place, |cell| &cell.place)
    }
}

/// A whole round file. A section that is absent or unreadable has no rows.
#[derive(Debug, Clone, Default)]
pub(super) struct RawFile {
    sections: BTreeMap<Section, Vec<RawRow>>,
}

impl RawFile {
    /// Returns the rows of a section.
    pub(super) fn rows(&self, section: Section) -> &[RawRow] {
        self.sections.get(&section).map_or(&[], Vec::as_slice)
    }

    /// Puts a row at the end of a section.
    pub(super) fn push(&mut self, section: Section, row: RawRow) {
        self.sections.entry(section).or_default().push(row);
    }
}

/// The most rows of one section that are read.
pub(super) const MAX_ROWS: usize = 2_000;
/// The longest round file that is read, in bytes.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;
