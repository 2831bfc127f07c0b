//! The round file: who, where, when and by which rules, as the office writes it down.
//!
//! It comes as TOML or as a workbook filled in from the template ([`template()`]). Reading it
//! never stops at the first problem: [`check`] lists all of them, each with its line or cell.
//! People, units and groups are named by short codes and their ids derive from them, so a file
//! applied again finds the same things; [`difference`] then says what changed, to be read
//! before it is signed.
use std::{io, path::Path};

use shared::workflow::{calendar::Calendar, fault::Fault, rule_pack::RulePack};

mod build;
mod checks;
mod diff;
mod diff_text;
mod fields;
mod ids;
mod messages;
mod plan;
mod problem;
mod raw;
mod schema;
mod template;
mod toml_form;
mod workbook_form;

use build::{Built, RoundRow};
pub use diff::{Change, NamedAppointment, NamedEngagement, difference};
pub use plan::RoundPlan;
pub use problem::{Problem, ProblemKind, ShownProblem, Wanted};
pub use raw::Place;
use raw::{MAX_BYTES, RawFile};
pub use schema::Section;
pub use template::{TemplateError, template, write_template};

/// The example round file: the training round 2026R2, with invented people and units.
pub const EXAMPLE: &str = include_str!("../../../../docs/examples/round-2026R2.toml");

/// Checks a round file on disk, and the rule pack and the calendar beside it.
///
/// # Errors
/// Every problem found; for TOML in the order of the lines.
pub fn check_path(path: &Path) -> Result<RoundPlan, Vec<Problem>> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let folder = path.parent().unwrap_or(Path::new(""));
    match std::fs::read(path) {
        Ok(bytes) => check(&name, &bytes, &|beside| std::fs::read_to_string(folder.join(beside))),
        Err(error) => {
            let kind = ProblemKind::Unreadable { detail: error.to_string() };
            Err(vec![Problem { place: Place::File { file: name }, kind }])
        }
    }
}

/// Checks the bytes of a round file called `name`; `beside` reads the files next to it.
///
/// A file that starts like a workbook is read as one, any other as TOML.
///
/// # Errors
/// Every problem found; for TOML in the order of the lines.
pub fn check(
    name: &str,
    bytes: &[u8],
    beside: &dyn Fn(&str) -> io::Result<String>,
) -> Result<RoundPlan, Vec<Problem>> {
    let mut problems = Vec::new();
    let raw = read(name, bytes, &mut problems);
    if problems.iter().any(|problem| problem.kind.hides_others()) {
        return Err(in_order(problems));
    }
    let no_round = || Problem {
        place: Place::File { file: name.to_owned() },
        kind: ProblemKind::NotOneRound { rows: 0 },
    };
    if raw.rows(Section::Round).is_empty() {
        problems.push(no_round());
    }
    let built = build::build(&raw, &mut problems);
    let (rule_pack, calendar) = match &built.round {
        Some(round) => read_rules(&round.value, round.row, beside, &mut problems),
        None => (None, None),
    };
    // Two people for everything is the least any pack asks for (domain §2.4 F2).
    let members = rule_pack.as_ref().map_or(2, |pack| usize::from(pack.minimums.members));
    checks::check(&built, members, &mut problems);
    if !problems.is_empty() {
        return Err(in_order(problems));
    }
    finish(built, rule_pack, calendar).ok_or_else(|| vec![no_round()])
}

/// Reads either form into rows.
fn read(name: &str, bytes: &[u8], problems: &mut Vec<Problem>) -> RawFile {
    let mut fail = |kind| {
        problems.push(Problem { place: Place::File { file: name.to_owned() }, kind });
        RawFile::default()
    };
    if bytes.len() > MAX_BYTES {
        return fail(ProblemKind::TooLong { max: MAX_BYTES });
    }
    // A workbook is a zip archive.
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook_form::read(name, bytes, problems);
    }
    match std::str::from_utf8(bytes) {
        // Some editors begin a UTF-8 file with a byte-order mark.
        Ok(text) => toml_form::read(name, text.strip_prefix('\u{feff}').unwrap_or(text), problems),
        Err(error) => fail(ProblemKind::Unreadable { detail: error.to_string() }),
    }
}

/// Reads the rule pack and the calendar that a round names.
fn read_rules(
    round: &RoundRow,
    row: &raw::RawRow,
    beside: &dyn Fn(&str) -> io::Result<String>,
    problems: &mut Vec<Problem>,
) -> (Option<RulePack>, Option<Calendar>) {
    let mut file = RuleFile { row, beside, problems };
    let pack = file.read("rule_pack", &round.rule_pack, RulePack::parse);
    let calendar = file.read("calendar", &round.calendar, Calendar::parse);
    if !round.round.training {
        if pack.as_ref().is_some_and(|pack| pack.training) {
            file.training_only("rule_pack", &round.rule_pack);
        }
        if calendar.as_ref().is_some_and(Calendar::is_for_training) {
            file.training_only("calendar", &round.calendar);
        }
    }
    (pack, calendar)
}

struct RuleFile<'f> {
    row: &'f raw::RawRow,
    beside: &'f dyn Fn(&str) -> io::Result<String>,
    problems: &'f mut Vec<Problem>,
}

impl RuleFile<'_> {
    fn note(&mut self, field: &str, kind: ProblemKind) {
        self.problems.push(Problem { place: self.row.place_of(field).clone(), kind });
    }

    fn training_only(&mut self, field: &str, name: &str) {
        self.note(field, ProblemKind::TrainingOnly { name: name.to_owned() });
    }

    fn read<T>(
        &mut self,
        field: &str,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Vec<Fault>>,
    ) -> Option<T> {
        let name = name.to_owned();
        let plain = !name.contains(['/', '\\', ':']) && name != ".." && name != ".";
        if !plain {
            self.note(field, ProblemKind::NotAFileName { name });
            return None;
        }
        let text = match (self.beside)(&name) {
            Ok(text) => text,
            Err(error) => {
                let detail = error.to_string();
                self.note(field, ProblemKind::FileNotFound { name, detail });
                return None;
            }
        };
        match parse(&text) {
            Ok(value) => Some(value),
            Err(faults) => {
                self.problems.extend(faults.into_iter().map(|fault| Problem {
                    place: Place::Line { file: name.clone(), line: fault.line },
                    kind: ProblemKind::InRuleFile { path: fault.path, fault: fault.kind },
                }));
                None
            }
        }
    }
}

fn finish(
    built: Built<'_>,
    rule_pack: Option<RulePack>,
    calendar: Option<Calendar>,
) -> Option<RoundPlan> {
    Some(RoundPlan {
        round: built.round?.value.round,
        units: built.units.into_iter().map(|placed| placed.value).collect(),
        groups: built.groups.into_iter().map(|placed| placed.value).collect(),
        engagements: built.engagements.into_iter().map(|placed| placed.value).collect(),
        people: built.people.into_iter().map(|placed| placed.value).collect(),
        appointments: built.appointments.into_iter().map(|placed| placed.value).collect(),
        rule_pack: rule_pack?,
        calendar: calendar?,
    })
}

/// Puts the problems of a TOML file in the order of its lines, those of the rule files last.
///
/// The problems of a workbook stay sheet by sheet, as they were found.
fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| match (&problem.kind, &problem.place) {
        (ProblemKind::InRuleFile { .. }, Place::Line { file, line }) => (1, file.clone(), *line),
        (_, Place::Line { line, .. }) => (0, String::new(), *line),
        _ => (0, String::new(), 0),
    });
    problems
}

#[cfg(test)]
mod tests;
