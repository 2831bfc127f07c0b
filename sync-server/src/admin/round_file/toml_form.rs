//! The TOML form of a round file.
use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    problem::{Problem, ProblemKind},
    raw::{MAX_ROWS, Place, RawCell, RawFile, RawRow, RawValue},
    schema::Section,
};

/// Reads the text of a round file into rows, noting what has no place in one.
pub(super) fn read(file: &str, source: &str, problems: &mut Vec<Problem>) -> RawFile {
    let form = Form { file, source };
    let (root, errors) = DeTable::parse_recoverable(source);
    let mut raw = RawFile::default();
    for error in &errors {
        let place = form.place(&error.span().unwrap_or(0..0));
        let detail = error.message().replace('\n', ", ");
        problems.push(Problem { place, kind: ProblemKind::Syntax { detail } });
    }
    if !errors.is_empty() {
        return raw;
    }
    for (key, value) in root.get_ref() {
        let name = key.get_ref().as_ref();
        let Some(section) = Section::ALL.into_iter().find(|section| section.key() == name) else {
            let kind = ProblemKind::UnknownSection { name: name.to_owned() };
            problems.push(Problem { place: form.place(&key.span()), kind });
            continue;
        };
        form.section(section, value, &mut raw, problems);
    }
    for section in Section::ALL {
        if !root.get_ref().iter().any(|(key, _)| key.get_ref() == section.key()) {
            let place = Place::File { file: file.to_owned() };
            problems.push(Problem { place, kind: ProblemKind::MissingSection { section } });
        }
    }
    raw
}

struct Form<'s> {
    file: &'s str,
    source: &'s str,
}

impl Form<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        let before = self.source.as_bytes().get(..span.start).unwrap_or(self.source.as_bytes());
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Place::Line { file: self.file.to_owned(), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    fn section(
        &self,
        section: Section,
        value: &Spanned<DeValue<'_>>,
        raw: &mut RawFile,
        problems: &mut Vec<Problem>,
    ) {
        let place = self.place(&value.span());
        match (section, value.get_ref()) {
            (Section::Round, DeValue::Table(table)) => {
                raw.push(section, self.row(section, place, table, problems));
            }
            (Section::Round, _) => {
                problems.push(Problem { place, kind: ProblemKind::NotATable { section } });
            }
            (_, DeValue::Array(items)) => {
                if items.len() > MAX_ROWS {
                    let kind = ProblemKind::TooManyRows { section, max: MAX_ROWS };
                    problems.push(Problem { place, kind });
                }
                for item in items.iter().take(MAX_ROWS) {
                    let place = self.place(&item.span());
                    match item.get_ref() {
                        DeValue::Table(table) => {
                            raw.push(section, self.row(section, place, table, problems));
                        }
                        _ => {
                            let kind = ProblemKind::NotATable { section };
                            problems.push(Problem { place, kind });
                        }
                    }
                }
            }
            _ => problems.push(Problem { place, kind: ProblemKind::NotAList { section } }),
        }
    }

    fn row(
        &self,
        section: Section,
        place: Place,
        table: &DeTable<'_>,
        problems: &mut Vec<Problem>,
    ) -> RawRow {
        let mut row = RawRow { place, cells: Default::default() };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let Some(field) = section.fields().iter().find(|field| field.key == name) else {
                let kind = ProblemKind::UnknownField { section, name: name.to_owned() };
                problems.push(Problem { place: self.place(&key.span()), kind });
                continue;
            };
            let place = self.place(&value.span());
            let value = Some(plain(value.get_ref()));
            row.cells.insert(field.key, RawCell { value, place });
        }
        row
    }
}

/// Takes a TOML value as one of ours.
fn plain(value: &DeValue<'_>) -> RawValue {
    let other = || RawValue::Other(value.type_str().to_owned());
    match value {
        DeValue::String(text) => RawValue::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| other(), RawValue::Number),
        DeValue::Boolean(value) => RawValue::Bool(*value),
        // A time of day or a zone makes another text than a date, which no date parses from.
        DeValue::Datetime(written) => written.to_string().parse().map_or_else(
            |_| other(),
            |date| {
                if written.time.is_none() { RawValue::Date(date) } else { other() }
            },
        ),
        _ => other(),
    }
}
