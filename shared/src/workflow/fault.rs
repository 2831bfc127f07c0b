//! What can be wrong with a rule file (a rule pack or a calendar), and where.
//!
//! A file is read to its end and every fault is listed, so that the person who edits it can
//! mend all of them at once.
use std::fmt;

use jiff::civil::Date;

/// One thing wrong with a rule file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {path}: {kind}")]
pub struct Fault {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The place inside the file, items counted from 1: `deadlines[3].unit`.
    pub path: String,
    /// What is wrong.
    pub kind: FaultKind,
}

/// The kinds of faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The file is longer than any honest one.
    #[error("the file has {bytes} bytes, at most {max} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The text is not TOML.
    #[error("not TOML: {detail}")]
    Syntax {
        /// What the TOML reader says.
        detail: String,
    },
    /// The file has a field nobody reads: usually a typing error in its name.
    #[error("there is no field of this name")]
    UnknownField,
    /// A field that must be there is not.
    #[error("this field is missing")]
    Missing,
    /// A field holds another type of value.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What the field holds.
        expected: Expected,
        /// The TOML type found.
        found: String,
    },
    /// A text that is not a date of the form 2026-05-12.
    #[error("not a date: {text}")]
    NotADate {
        /// The text found.
        text: String,
    },
    /// A word that is none of the choices.
    #[error("{text:?} is none of: {}", allowed.join(", "))]
    NotAChoice {
        /// The word found.
        text: String,
        /// The choices.
        allowed: Vec<&'static str>,
    },
    /// A text that does not have the form its field asks for.
    #[error("{text:?} does not have the form of {form}")]
    WrongForm {
        /// The text found.
        text: String,
        /// An example of the form.
        form: &'static str,
    },
    /// A number outside its range.
    #[error("{value} is not between {min} and {max}")]
    OutOfRange {
        /// The number found.
        value: i64,
        /// The least allowed.
        min: i64,
        /// The greatest allowed.
        max: i64,
    },
    /// Something that may be there once is there twice.
    #[error("{what} is here a second time")]
    Repeated {
        /// The id, code, date or year.
        what: String,
    },
    /// A date in the list of another year.
    #[error("{date} is not in {year}")]
    OtherYear {
        /// The date.
        date: Date,
        /// The year of the list.
        year: i16,
    },
    /// A period that ends before it starts, or goes on for more than a month.
    #[error("from {from} to {to} is not a period of 1 to 31 days")]
    BadPeriod {
        /// Its first day.
        from: Date,
        /// Its last day.
        to: Date,
    },
    /// A day that is both a day off and a make-up working day.
    #[error("{date} is both a day off and a make-up working day")]
    OffAndWorking {
        /// The day.
        date: Date,
    },
    /// A make-up working day that is a working day anyway.
    #[error("{date} is a working day anyway")]
    AlreadyWorking {
        /// The day.
        date: Date,
    },
    /// A weekend that leaves no working day.
    #[error("the weekend leaves no working day")]
    NoWorkingDay,
    /// A rule due at exit that also counts something.
    #[error("a rule due at exit counts nothing: n must be 0, not {n}")]
    CountAtExit {
        /// The count found.
        n: u32,
    },
    /// A word that must be declared elsewhere in the file and is not.
    #[error("{code:?} is not declared under {list}")]
    Undeclared {
        /// The word.
        code: String,
        /// The list that should hold it.
        list: &'static str,
    },
    /// A deadline the product asks for that the pack does not have.
    #[error("the pack has no deadline {id:?}, which the product needs")]
    RuleMissing {
        /// Its id.
        id: &'static str,
    },
}

impl FaultKind {
    /// Returns the stable code of the kind, for scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::Syntax { .. } => "syntax",
            Self::UnknownField => "unknown_field",
            Self::Missing => "missing",
            Self::WrongType { .. } => "wrong_type",
            Self::NotADate { .. } => "not_a_date",
            Self::NotAChoice { .. } => "not_a_choice",
            Self::WrongForm { .. } => "wrong_form",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Repeated { .. } => "repeated",
            Self::OtherYear { .. } => "other_year",
            Self::BadPeriod { .. } => "bad_period",
            Self::OffAndWorking { .. } => "off_and_working",
            Self::AlreadyWorking { .. } => "already_working",
            Self::NoWorkingDay => "no_working_day",
            Self::CountAtExit { .. } => "count_at_exit",
            Self::Undeclared { .. } => "undeclared",
            Self::RuleMissing { .. } => "rule_missing",
        }
    }
}

/// The types of value a field can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A text in quotes.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A date.
    Date,
    /// A list.
    List,
    /// A table of fields.
    Table,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::Number => "a whole number",
            Self::Bool => "true or false",
            Self::Date => "a date",
            Self::List => "a list",
            Self::Table => "a table",
        })
    }
}
