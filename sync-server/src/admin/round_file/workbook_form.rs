//! The workbook form of a round file.
//!
//! Cells are streamed, never laid out as a grid: a sheet whose last cell is used would
//! otherwise ask for gigabytes.
use std::{collections::BTreeMap, io::Cursor};

use calamine::{DataRef, Reader, Xlsx};
use jiff::civil::Date;

use super::{
    problem::{Problem, ProblemKind},
    raw::{MAX_ROWS, Place, RawCell, RawFile, RawRow, RawValue},
    schema::Section,
};

/// How a note row begins; it is skipped.
pub(super) const NOTE_MARK: &str = "说明";

/// The most cells of one sheet that are read.
const MAX_CELLS: usize = MAX_ROWS * 32;

type Cells = BTreeMap<(u32, u32), RawValue>;

/// Reads the bytes of a workbook into rows, noting what has no place in one.
pub(super) fn read(file: &str, bytes: &[u8], problems: &mut Vec<Problem>) -> RawFile {
    let mut raw = RawFile::default();
    let mut workbook = match Xlsx::new(Cursor::new(bytes)) {
        Ok(workbook) => workbook,
        Err(error) => {
            let place = Place::File { file: file.to_owned() };
            let kind = ProblemKind::Unreadable { detail: error.to_string() };
            problems.push(Problem { place, kind });
            return raw;
        }
    };
    for section in Section::ALL {
        let sheet = Sheet { file, section };
        if !workbook.sheet_names().iter().any(|name| name == section.sheet()) {
            let place = Place::File { file: file.to_owned() };
            problems.push(Problem { place, kind: ProblemKind::MissingSection { section } });
            continue;
        }
        match sheet.cells(&mut workbook) {
            Ok(Some(cells)) => sheet.rows(cells, &mut raw, problems),
            Ok(None) => {
                let kind = ProblemKind::TooManyRows { section, max: MAX_ROWS };
                problems.push(Problem { place: sheet.place(), kind });
            }
            Err(error) => {
                let kind = ProblemKind::Unreadable { detail: error.to_string() };
                problems.push(Problem { place: sheet.place(), kind });
            }
        }
    }
    raw
}

struct Sheet<'f> {
    file: &'f str,
    section: Section,
}

impl Sheet<'_> {
    fn place(&self) -> Place {
        Place::Sheet { file: self.file.to_owned(), sheet: self.section.sheet().to_owned() }
    }

    fn cell(&self, row: u32, column: u32) -> Place {
        Place::Cell {
            file: self.file.to_owned(),
            sheet: self.section.sheet().to_owned(),
            cell: cell_name(row, column),
        }
    }

    /// Returns the cells that hold something, or nothing if there are too many.
    fn cells(
        &self,
        workbook: &mut Xlsx<Cursor<&[u8]>>,
    ) -> Result<Option<Cells>, calamine::XlsxError> {
        let mut cells = Cells::new();
        let mut reader = workbook.worksheet_cells_reader(self.section.sheet())?;
        while let Some(cell) = reader.next_cell()? {
            if let Some(value) = plain(cell.get_value()) {
                cells.insert(cell.get_position(), value);
            }
            if cells.len() > MAX_CELLS {
                return Ok(None);
            }
        }
        Ok(Some(cells))
    }

    fn rows(&self, cells: Cells, raw: &mut RawFile, problems: &mut Vec<Problem>) {
        let section = self.section;
        // Headings stand in the first row; the order of columns is free.
        let mut columns: BTreeMap<&'static str, u32> = BTreeMap::new();
        for ((row, column), value) in cells.range(..(1, 0)) {
            let heading = text_of(value);
            let field = section.fields().iter().find(|field| field.heading == heading);
            let kind = match field {
                None => ProblemKind::UnknownField { section, name: heading },
                Some(field) if columns.contains_key(field.key) => {
                    ProblemKind::RepeatedHeading { section, field: field.key }
                }
                Some(field) => {
                    columns.insert(field.key, *column);
                    continue;
                }
            };
            problems.push(Problem { place: self.cell(*row, *column), kind });
        }
        for field in section.fields() {
            if !columns.contains_key(field.key) {
                let kind = ProblemKind::MissingHeading { section, field: field.key };
                problems.push(Problem { place: self.place(), kind });
            }
        }

        let mut rows: BTreeMap<u32, BTreeMap<u32, RawValue>> = BTreeMap::new();
        for ((row, column), value) in cells {
            if row > 0 {
                rows.entry(row).or_default().insert(column, value);
            }
        }
        if rows.len() > MAX_ROWS {
            let kind = ProblemKind::TooManyRows { section, max: MAX_ROWS };
            problems.push(Problem { place: self.place(), kind });
            return;
        }
        for (at, mut values) in rows {
            let first = values.values().next().map(text_of).unwrap_or_default();
            if at == 1 && first.starts_with(NOTE_MARK) {
                continue;
            }
            let mut row = RawRow { place: self.cell(at, 0), cells: BTreeMap::new() };
            for (key, column) in &columns {
                let value = values.remove(column);
                row.cells.insert(*key, RawCell { value, place: self.cell(at, *column) });
            }
            // What is left stands in a column without a heading.
            for (column, value) in values {
                let kind = ProblemKind::NoHeading { text: text_of(&value) };
                problems.push(Problem { place: self.cell(at, column), kind });
            }
            if row.cells.values().any(|cell| cell.value.is_some()) {
                raw.push(section, row);
            }
        }
    }
}

/// Returns the name of a cell, both counted from 0: `(3, 1)` is `B4`.
fn cell_name(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

/// Takes a cell's value as one of ours; an empty cell is none.
fn plain(value: &DataRef<'_>) -> Option<RawValue> {
    let text = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| RawValue::Text(text.to_owned()))
    };
    match value {
        DataRef::Empty => None,
        DataRef::String(written) => text(written),
        DataRef::SharedString(written) => text(written),
        DataRef::Int(number) => Some(RawValue::Number(*number)),
        DataRef::Float(number) => Some(whole(*number)),
        DataRef::Bool(value) => Some(RawValue::Bool(*value)),
        DataRef::DateTime(written) => {
            let (year, month, day, ..) = written.to_ymd_hms_milli();
            let part = |part: u8| i8::try_from(part).ok();
            let date = i16::try_from(year)
                .ok()
                .zip(part(month).zip(part(day)))
                .and_then(|(year, (month, day))| Date::new(year, month, day).ok());
            Some(date.map_or_else(|| RawValue::Other("datetime".into()), RawValue::Date))
        }
        DataRef::DateTimeIso(written) => Some(
            written
                .get(..10)
                .and_then(|date| date.parse().ok())
                .map_or_else(|| RawValue::Other("datetime".into()), RawValue::Date),
        ),
        DataRef::DurationIso(_) => Some(RawValue::Other("duration".into())),
        DataRef::Error(error) => Some(RawValue::Other(error.to_string())),
    }
}

/// Takes a spreadsheet's number, which is always a float, as the whole number it stands for.
fn whole(number: f64) -> RawValue {
    // Every whole number up to 2^53 is exact; nothing in a round file comes near.
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        RawValue::Number(number as i64)
    } else {
        RawValue::Other("fraction".into())
    }
}

fn text_of(value: &RawValue) -> String {
    match value {
        RawValue::Text(text) => text.clone(),
        RawValue::Number(number) => number.to_string(),
        RawValue::Bool(value) => value.to_string(),
        RawValue::Date(date) => date.to_string(),
        RawValue::Other(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::cell_name;

    #[test]
    fn cells_are_named_as_a_spreadsheet_does() {
        assert_eq!(cell_name(0, 0), "A1");
        assert_eq!(cell_name(3, 1), "B4");
        assert_eq!(cell_name(9, 25), "Z10");
        assert_eq!(cell_name(9, 26), "AA10");
        assert_eq!(cell_name(0, 701), "ZZ1");
        assert_eq!(cell_name(0, 702), "AAA1");
    }
}
