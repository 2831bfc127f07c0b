//! What can be wrong with a round file, where, and how to say it in Chinese and in English.
//!
//! Unlike the rules below it, this is the outermost layer: the texts here are what an
//! administrator reads on the command line.
use jiff::civil::Date;
use serde::Serialize;
use shared::{model::round::Role, workflow::fault::FaultKind};

use super::{raw::Place, schema::Section};

/// One thing wrong with a round file or a file it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: file and line, or sheet and cell.
    pub place: Place,
    /// What.
    pub kind: ProblemKind,
}

/// A problem as scripts read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownProblem {
    /// Where.
    pub place: Place,
    /// The stable code of its kind.
    pub code: &'static str,
    /// The message in Chinese.
    pub zh: String,
    /// The message in English.
    pub en: String,
}

impl Problem {
    /// Returns the problem with its code and both messages.
    pub fn shown(&self) -> ShownProblem {
        ShownProblem {
            place: self.place.clone(),
            code: self.kind.code(),
            zh: self.zh(),
            en: self.en(),
        }
    }
}

/// The kinds of problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    // --- the form ---
    /// The file cannot be read at all: not a workbook, not UTF-8, an error of the disk.
    Unreadable {
        /// What the reader says.
        detail: String,
    },
    /// The file is longer than any honest one.
    TooLong {
        /// The limit in bytes.
        max: usize,
    },
    /// The text is not TOML.
    Syntax {
        /// What the TOML reader says.
        detail: String,
    },
    /// A table of a name that no section has.
    UnknownSection {
        /// The name.
        name: String,
    },
    /// A section (table or sheet) is not there.
    MissingSection {
        /// The section.
        section: Section,
    },
    /// The round is not a table, or an item of a list is not one.
    NotATable {
        /// The section.
        section: Section,
    },
    /// A section that holds many is not a list of tables.
    NotAList {
        /// The section.
        section: Section,
    },
    /// More rows than any honest round has.
    TooManyRows {
        /// The section.
        section: Section,
        /// The limit.
        max: usize,
    },
    /// A field or column of a name that the section does not have.
    UnknownField {
        /// The section.
        section: Section,
        /// The name.
        name: String,
    },
    /// A column of the template is gone.
    MissingHeading {
        /// The section.
        section: Section,
        /// The field's key.
        field: &'static str,
    },
    /// Two columns of one heading.
    RepeatedHeading {
        /// The section.
        section: Section,
        /// The field's key.
        field: &'static str,
    },
    /// Something stands in a column without a heading.
    NoHeading {
        /// What stands there.
        text: String,
    },
    /// The round has no row, or more than one.
    NotOneRound {
        /// How many.
        rows: usize,
    },
    // --- one field ---
    /// A field that must be filled is not.
    MissingField {
        /// The section.
        section: Section,
        /// The field's key.
        field: &'static str,
    },
    /// A field holds another type of value.
    WrongType {
        /// The section.
        section: Section,
        /// The field's key.
        field: &'static str,
        /// The type wanted.
        expected: Wanted,
        /// The type found.
        found: String,
    },
    /// A text that is no date.
    NotADate {
        /// The text.
        text: String,
    },
    /// A word that is none of the choices.
    NotAChoice {
        /// The word.
        text: String,
        /// The codes allowed.
        allowed: Vec<&'static str>,
    },
    /// A text that is no code.
    NotACode {
        /// The text.
        text: String,
    },
    /// A number outside its range.
    OutOfRange {
        /// The number.
        value: i64,
        /// The least allowed.
        min: i64,
        /// The greatest allowed.
        max: i64,
    },
    /// A text longer than its field.
    TextTooLong {
        /// Its length in characters.
        length: usize,
        /// The limit.
        max: usize,
    },
    /// A text with a line break or another control character.
    NotOneLine {
        /// The section.
        section: Section,
        /// The field's key.
        field: &'static str,
    },
    // --- codes ---
    /// A code is given twice.
    DuplicateCode {
        /// The code.
        code: String,
        /// Where it stands first.
        first: Place,
    },
    /// A code that nothing has.
    UnknownCode {
        /// The code.
        code: String,
        /// The section that should have it.
        section: Section,
    },
    /// A place of an appointment that is neither a group, a unit nor the office.
    UnknownSeat {
        /// The code.
        code: String,
    },
    /// `office` used as the code of a unit or a group.
    ReservedCode {
        /// The code.
        code: String,
    },
    /// A group's code is not `G` and its number.
    GroupCode {
        /// The code.
        code: String,
        /// The number.
        no: u16,
    },
    // --- dates ---
    /// The round ends before it starts, or goes on for more than a year.
    RoundDates {
        /// Its first day.
        starts: Date,
        /// Its last day.
        ends: Date,
    },
    /// The group leaves before it enters, or on the same day.
    ExitNotAfterEntry {
        /// The day it enters.
        entry_on: Date,
        /// The day it leaves.
        exit_on: Date,
    },
    /// A date outside the round.
    OutsideRound {
        /// The date.
        date: Date,
        /// The round's first day.
        starts: Date,
        /// The round's last day.
        ends: Date,
    },
    /// An appointment that ends before it starts.
    UntilBeforeFrom {
        /// Its first day.
        from: Date,
        /// Its last day.
        until: Date,
    },
    // --- who is what ---
    /// An engagement at a unit that is not inspected.
    UnitNotInspected {
        /// The unit's code.
        code: String,
    },
    /// A group is sent to the same unit twice.
    EngagementRepeated {
        /// Where it stands first.
        first: Place,
    },
    /// A role held where it cannot be.
    RoleElsewhere {
        /// The role.
        role: Role,
    },
    /// The same role at the same place twice at the same time.
    AppointmentRepeated {
        /// Where it stands first.
        first: Place,
    },
    /// Two roles in groups at the same time: nobody reviews their own work.
    TwoGroupRoles {
        /// The person's name.
        person: String,
        /// Where the other one stands.
        first: Place,
    },
    /// A group without a leader on some day.
    NoLeader {
        /// The group's code.
        group: String,
        /// The first such day.
        on: Date,
    },
    /// A group with two leaders on some day.
    TwoLeaders {
        /// The group's code.
        group: String,
        /// The first such day.
        on: Date,
    },
    /// A group with too few members on some day.
    TooFewMembers {
        /// The group's code.
        group: String,
        /// The first such day.
        on: Date,
        /// How many it has.
        has: usize,
        /// How many it needs.
        needs: usize,
    },
    /// The desk of an inspected unit lacks its head or liaison on some day of the stay.
    DeskIncomplete {
        /// The unit's code.
        unit: String,
        /// The role that is missing.
        role: Role,
        /// The first such day.
        on: Date,
    },
    /// Someone inspects the unit at whose desk they sit.
    BothSides {
        /// The person's name.
        person: String,
        /// The unit's code.
        unit: String,
    },
    // --- files beside it ---
    /// A file name with a folder in it.
    NotAFileName {
        /// The name.
        name: String,
    },
    /// A file named by the round file cannot be read.
    FileNotFound {
        /// Its name.
        name: String,
        /// What the system says.
        detail: String,
    },
    /// Something is wrong inside the rule pack or the calendar.
    InRuleFile {
        /// Where inside: `deadlines[3].unit`.
        path: String,
        /// What.
        fault: FaultKind,
    },
    /// A real round names a file of values invented for training.
    TrainingOnly {
        /// Its name.
        name: String,
    },
}

/// The types of value a field of a round file can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Bool,
    /// A date.
    Date,
}

impl ProblemKind {
    /// Returns the stable code of the kind, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::TooLong { .. } => "too_long",
            Self::Syntax { .. } => "syntax",
            Self::UnknownSection { .. } => "unknown_section",
            Self::MissingSection { .. } => "missing_section",
            Self::NotATable { .. } => "not_a_table",
            Self::NotAList { .. } => "not_a_list",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::UnknownField { .. } => "unknown_field",
            Self::MissingHeading { .. } => "missing_heading",
            Self::RepeatedHeading { .. } => "repeated_heading",
            Self::NoHeading { .. } => "no_heading",
            Self::NotOneRound { .. } => "not_one_round",
            Self::MissingField { .. } => "missing_field",
            Self::WrongType { .. } => "wrong_type",
            Self::NotADate { .. } => "not_a_date",
            Self::NotAChoice { .. } => "not_a_choice",
            Self::NotACode { .. } => "not_a_code",
            Self::OutOfRange { .. } => "out_of_range",
            Self::TextTooLong { .. } => "text_too_long",
            Self::NotOneLine { .. } => "not_one_line",
            Self::DuplicateCode { .. } => "duplicate_code",
            Self::UnknownCode { .. } => "unknown_code",
            Self::UnknownSeat { .. } => "unknown_seat",
            Self::ReservedCode { .. } => "reserved_code",
            Self::GroupCode { .. } => "group_code",
            Self::RoundDates { .. } => "round_dates",
            Self::ExitNotAfterEntry { .. } => "exit_not_after_entry",
            Self::OutsideRound { .. } => "outside_round",
            Self::UntilBeforeFrom { .. } => "until_before_from",
            Self::UnitNotInspected { .. } => "unit_not_inspected",
            Self::EngagementRepeated { .. } => "engagement_repeated",
            Self::RoleElsewhere { .. } => "role_elsewhere",
            Self::AppointmentRepeated { .. } => "appointment_repeated",
            Self::TwoGroupRoles { .. } => "two_group_roles",
            Self::NoLeader { .. } => "no_leader",
            Self::TwoLeaders { .. } => "two_leaders",
            Self::TooFewMembers { .. } => "too_few_members",
            Self::DeskIncomplete { .. } => "desk_incomplete",
            Self::BothSides { .. } => "both_sides",
            Self::NotAFileName { .. } => "not_a_file_name",
            Self::FileNotFound { .. } => "file_not_found",
            Self::InRuleFile { .. } => "in_rule_file",
            Self::TrainingOnly { .. } => "training_only",
        }
    }

    /// Tells whether so much is missing that checking the rest would only repeat it.
    pub(super) fn hides_others(&self) -> bool {
        matches!(
            self,
            Self::Unreadable { .. }
                | Self::TooLong { .. }
                | Self::Syntax { .. }
                | Self::MissingSection { .. }
                | Self::NotATable { .. }
                | Self::NotAList { .. }
                | Self::TooManyRows { .. }
                | Self::MissingHeading { .. }
        )
    }
}
