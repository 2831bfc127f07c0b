use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::*;

/// What to put into a cell instead of what the example has.
enum Cell {
    Text(&'static str),
    Number(f64),
    Bool(bool),
    Moment,
}

/// A workbook of the example, all cells as text and without notes, with some cells changed.
///
/// Cells are named by sheet, row and column, both from 0.
fn workbook(edits: Vec<(Section, u32, u16, Cell)>) -> Vec<u8> {
    let rows = super::super::toml_form::read("", EXAMPLE, &mut Vec::new());
    let mut book = Workbook::new();
    for section in Section::ALL {
        let sheet = book.add_worksheet().set_name(section.sheet()).unwrap();
        for (column, field) in (0u16..).zip(section.fields()) {
            sheet.write(0, column, field.heading).unwrap();
            for (row, filled) in (1u32..).zip(rows.rows(section)) {
                let value = filled.cells.get(field.key).and_then(|cell| cell.value.clone());
                match value {
                    Some(raw::RawValue::Text(text)) => sheet.write(row, column, text).unwrap(),
                    Some(raw::RawValue::Number(n)) => sheet.write(row, column, n as f64).unwrap(),
                    Some(raw::RawValue::Bool(b)) => sheet.write(row, column, b).unwrap(),
                    Some(raw::RawValue::Date(d)) => {
                        sheet.write(row, column, d.to_string()).unwrap()
                    }
                    _ => continue,
                };
            }
        }
        for (_, row, column, cell) in edits.iter().filter(|edit| edit.0 == section) {
            let (row, column) = (*row, *column);
            match cell {
                Cell::Text(text) => sheet.write(row, column, *text).unwrap(),
                Cell::Number(number) => sheet.write(row, column, *number).unwrap(),
                Cell::Bool(value) => sheet.write(row, column, *value).unwrap(),
                Cell::Moment => {
                    let moment = ExcelDateTime::from_ymd(2026, 5, 8).unwrap();
                    let format = Format::new().set_num_format("yyyy/m/d");
                    sheet.write_datetime_with_format(row, column, &moment, &format).unwrap()
                }
            };
        }
    }
    book.save_to_buffer().unwrap()
}

fn check_book(bytes: &[u8]) -> Result<RoundPlan, Vec<Problem>> {
    check("轮次.xlsx", bytes, &beside)
}

/// `sheet!cell code` of every problem of the example after some cells changed.
fn problems(edits: Vec<(Section, u32, u16, Cell)>) -> Vec<String> {
    let Err(found) = check_book(&workbook(edits)) else { return Vec::new() };
    check_messages(&found);
    found
        .iter()
        .map(|problem| {
            let place = problem.place.to_string();
            let place = place.strip_prefix("轮次.xlsx").unwrap().trim().to_owned();
            format!("{place} {}", problem.kind.code())
        })
        .collect()
}

#[test]
fn the_template_is_a_round_file_and_says_what_the_example_says() {
    let bytes = template().unwrap();
    let plan = check_book(&bytes).unwrap_or_else(|problems| panic!("{}", listed(&problems)));
    assert_eq!(plan, example(), "a file may change its form and stay the same round");
    assert_eq!(bytes, template().unwrap(), "the same bytes every time");
}

#[test]
fn cells_are_read_however_a_spreadsheet_keeps_them() {
    assert_eq!(check_book(&workbook(Vec::new())), Ok(example()));
    let plan = check_book(&workbook(vec![
        (Section::Round, 1, 0, Cell::Text("2026")),
        (Section::Round, 1, 2, Cell::Text("常规巡察")),
        (Section::Round, 1, 6, Cell::Text("是")),
        (Section::Engagements, 1, 3, Cell::Moment),
        (Section::People, 1, 2, Cell::Number(7.0)),
        (Section::Appointments, 1, 1, Cell::Text("组长")),
    ]))
    .unwrap_or_else(|problems| panic!("{}", listed(&problems)));
    assert_eq!(plan.engagements[0].entry_on, jiff::civil::date(2026, 5, 8));
    assert_eq!(plan.people[0].post, "7");
}

#[test]
fn each_problem_is_said_with_its_sheet_and_cell() {
    use Section::{Appointments, Engagements, Groups, People, Round, Units};
    let cases: Vec<(Section, u32, u16, Cell, &str)> = vec![
        (Round, 1, 0, Cell::Number(2026.5), "轮次!A2 wrong_type"),
        (Round, 1, 1, Cell::Number(0.0), "轮次!B2 out_of_range"),
        (Round, 1, 2, Cell::Text("突击巡察"), "轮次!C2 not_a_choice"),
        (Round, 1, 4, Cell::Text("五月"), "轮次!E2 not_a_date"),
        (Round, 1, 5, Cell::Text("2026-05-01"), "轮次!F2 round_dates"),
        (Round, 1, 6, Cell::Text("也许"), "轮次!G2 wrong_type"),
        (Round, 1, 6, Cell::Bool(false), "轮次!H2 training_only"),
        (Round, 1, 7, Cell::Text("other.toml"), "轮次!H2 file_not_found"),
        (Round, 1, 8, Cell::Text("a/b.toml"), "轮次!I2 not_a_file_name"),
        (Units, 2, 0, Cell::Text("JIA"), "单位!A3 duplicate_code"),
        (Units, 3, 0, Cell::Text("office"), "单位!A4 reserved_code"),
        (Units, 1, 1, Cell::Text(" "), "单位!B2 missing_field"),
        (Groups, 1, 1, Cell::Number(4.0), "巡察组!A2 group_code"),
        (Engagements, 1, 1, Cell::Text("G9"), "任务!B2 unknown_code"),
        (Engagements, 1, 2, Cell::Text("SJJ"), "任务!C2 unit_not_inspected"),
        (Engagements, 1, 4, Cell::Text("2026-05-06"), "任务!E2 exit_not_after_entry"),
        (Engagements, 1, 4, Cell::Text("2026-06-06"), "任务!E2 outside_round"),
        (People, 3, 0, Cell::Text("孙某"), "人员!A4 not_a_code"),
        (People, 3, 1, Cell::Text("孙\n某"), "人员!B4 not_one_line"),
        (People, 3, 5, Cell::Text("备注"), "人员!F4 no_heading"),
        (Appointments, 1, 0, Cell::Text("nobody"), "任职!A2 unknown_code"),
        (Appointments, 1, 2, Cell::Text("office"), "任职!C2 role_elsewhere"),
        (Appointments, 1, 2, Cell::Text("G4"), "任职!C2 unknown_seat"),
        (Appointments, 1, 3, Cell::Text("2026-04-01"), "任职!D2 outside_round"),
        (Appointments, 1, 4, Cell::Text("2026-05-01"), "任职!E2 until_before_from"),
        (Appointments, 2, 1, Cell::Text("group_leader"), "任职!A3 two_leaders"),
        (Appointments, 1, 1, Cell::Text("member"), "巡察组!A2 no_leader"),
        (Appointments, 9, 1, Cell::Text("deputy_leader"), "巡察组!A3 too_few_members"),
        (Appointments, 14, 1, Cell::Text("liaison"), "单位!A2 desk_incomplete"),
        (Appointments, 4, 0, Cell::Text("sunmou"), "任职!A5 appointment_repeated"),
        (Appointments, 8, 0, Cell::Text("sunmou"), "任职!A9 two_group_roles"),
        (Appointments, 15, 0, Cell::Text("sunmou"), "任职!A16 both_sides"),
    ];
    for (section, row, column, cell, expected) in cases {
        let found = problems(vec![(section, row, column, cell)]);
        assert!(found.iter().any(|problem| problem == expected), "{expected}: {found:?}");
    }
}

#[test]
fn problems_of_sheets_and_headings_are_said() {
    let heading = |column, text| vec![(Section::People, 0, column, Cell::Text(text))];
    assert_eq!(
        problems(heading(1, "名字")),
        ["人员!B1 unknown_field", "人员 missing_heading", "人员!B2 no_heading"]
            .into_iter()
            .map(str::to_owned)
            .chain((3..=18).map(|row| format!("人员!B{row} no_heading")))
            .collect::<Vec<_>>()
    );
    let found = problems(heading(3, "姓名"));
    assert_eq!(found, ["人员!D1 repeated_heading"]);
    let second = vec![(Section::Round, 2, 0, Cell::Number(2026.0))];
    assert!(problems(second).contains(&"轮次!A3 not_one_round".to_owned()));

    let mut book = Workbook::new();
    book.add_worksheet().set_name("轮次").unwrap();
    let found = check_book(&book.save_to_buffer().unwrap()).unwrap_err();
    let missing = found.iter().filter(|p| p.kind.code() == "missing_section").count();
    assert_eq!(missing, 5);
}

#[test]
fn a_round_without_a_row_is_said() {
    let mut book = Workbook::new();
    for section in Section::ALL {
        let sheet = book.add_worksheet().set_name(section.sheet()).unwrap();
        for (column, field) in (0u16..).zip(section.fields()) {
            sheet.write(0, column, field.heading).unwrap();
        }
        if section == Section::People {
            // A blank cell at the far end of a sheet costs nothing.
            sheet.write(1_048_575, 16_383, " ").unwrap();
        }
    }
    let found = check_book(&book.save_to_buffer().unwrap()).unwrap_err();
    assert_eq!(found[0].kind, ProblemKind::NotOneRound { rows: 0 });
}
