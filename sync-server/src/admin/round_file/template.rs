//! Writes the workbook that an office fills in instead of the TOML form.
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet,
    XlsxError,
};
use shared::{
    model::round::{Role, RoundKind, UnitKind},
    workflow::rule_pack::{
        SHIPPED_CALENDAR, SHIPPED_CALENDAR_NAME, SHIPPED_PACK, SHIPPED_PACK_NAME,
    },
};

use super::{
    EXAMPLE,
    raw::{RawFile, RawValue},
    schema::Section,
    toml_form,
};

/// The template could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The workbook cannot be put together.
    #[error("the template could not be put together: {0}")]
    Workbook(#[from] XlsxError),
    /// The file system refuses; a file that is there is never written over.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The last row for which a cell offers its choices.
const LAST_ROW: u32 = 500;

/// Returns the bytes of the template: a sheet per section with headings, notes, and the rows of
/// the example, whose people and units are invented.
///
/// The same bytes every time: the file bears a fixed date.
///
/// # Errors
/// [`TemplateError`] if the workbook cannot be put together.
pub fn template() -> Result<Vec<u8>, TemplateError> {
    // The example is part of the program and a test reads it.
    let example = toml_form::read("", EXAMPLE, &mut Vec::new());
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2026, 1, 1)?;
    let title = "轮次文件模板";
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    read_me(workbook.add_worksheet())?;
    for section in Section::ALL {
        sheet(workbook.add_worksheet(), section, &example)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// Writes a round file to fill in, and beside it the rule pack and the calendar that it names,
/// unless they are there. Returns what was written.
///
/// # Errors
/// [`TemplateError`]; a round file that is there stays as it is.
pub fn write_template(file: &Path) -> Result<Vec<PathBuf>, TemplateError> {
    let text = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    let bytes = if text { EXAMPLE.as_bytes().to_vec() } else { template()? };
    let write = |path: PathBuf, bytes: &[u8]| {
        let made = File::create_new(&path).and_then(|mut f| f.write_all(bytes));
        made.map(|()| path.clone()).map_err(|source| TemplateError::Io { path, source })
    };
    let mut written = vec![write(file.to_owned(), &bytes)?];
    let beside = [(SHIPPED_PACK_NAME, SHIPPED_PACK), (SHIPPED_CALENDAR_NAME, SHIPPED_CALENDAR)];
    for (name, text) in beside {
        let path = file.with_file_name(name);
        if !path.exists() {
            written.push(write(path, text.as_bytes())?);
        }
    }
    Ok(written)
}

fn read_me(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("填写说明")?;
    sheet.set_column_width(0, 100)?;
    let lines = [
        "轮次文件：一轮巡察的单位、组、任务、人员和任职。",
        "各表第一行为标题，第二行为说明，第三行起填写。标题不能改，列的先后不限。",
        "表中已有的人员、单位均为虚构示例，填写前请删去。",
        "代码是身份：改名称而不改代码，仍是同一人、同一单位；改代码即成为另一个。",
        "任职提前结束：填“止”。换人：给离开的人填“止”，另加一行给接任的人，填“起”。",
        "规则包和工作日历是两个单独的文件，与本文件放在同一文件夹。",
        "填好后先检查：xunji-server admin check 文件名；会列出全部问题及所在单元格。",
    ];
    let wrap = Format::new().set_text_wrap();
    for (row, line) in (0u32..).zip(lines) {
        sheet.write_with_format(row, 0, line, &wrap)?;
    }
    Ok(())
}

fn sheet(sheet: &mut Worksheet, section: Section, example: &RawFile) -> Result<(), XlsxError> {
    let heading = Format::new().set_bold().set_background_color(Color::RGB(0x00DD_E6F0));
    let note = Format::new()
        .set_italic()
        .set_font_color(Color::RGB(0x0066_6666))
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    sheet.set_name(section.sheet())?;
    sheet.set_freeze_panes(2, 0)?;
    for (column, field) in (0u16..).zip(section.fields()) {
        sheet.write_with_format(0, column, field.heading, &heading)?;
        sheet.write_with_format(1, column, field.note, &note)?;
        sheet.set_column_width(column, if field.key == "title" { 36 } else { 20 })?;
        if let Some(choices) = choices(section, field.key) {
            let list = DataValidation::new().allow_list_strings(&choices)?;
            sheet.add_data_validation(2, column, LAST_ROW, column, &list)?;
        }
        for (row, filled) in (2u32..).zip(example.rows(section)) {
            let value = filled.cells.get(field.key).and_then(|cell| cell.value.as_ref());
            if let Some(value) = value {
                write(sheet, row, column, value, section, field.key)?;
            }
        }
    }
    Ok(())
}

/// Writes a value of the example as a spreadsheet's user would.
fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &RawValue,
    section: Section,
    key: &str,
) -> Result<(), XlsxError> {
    match value {
        RawValue::Text(text) => sheet.write(row, column, in_chinese(section, key, text))?,
        RawValue::Number(number) => sheet.write(row, column, *number as f64)?,
        RawValue::Bool(value) => sheet.write(row, column, if *value { "是" } else { "否" })?,
        RawValue::Date(date) => {
            let format = Format::new().set_num_format("yyyy-mm-dd");
            sheet.write_datetime_with_format(row, column, excel_date(*date)?, &format)?
        }
        RawValue::Other(name) => sheet.write(row, column, name.as_str())?,
    };
    Ok(())
}

fn excel_date(date: Date) -> Result<ExcelDateTime, XlsxError> {
    let part = |part: i8| u8::try_from(part).unwrap_or(1);
    let year = u16::try_from(date.year()).unwrap_or(1900);
    ExcelDateTime::from_ymd(year, part(date.month()), part(date.day()))
}

/// Returns the Chinese name of a choice; any other text as it is.
fn in_chinese<'t>(section: Section, key: &str, text: &'t str) -> &'t str {
    match (section, key) {
        (Section::Round, "kind") => text.parse().map_or(text, |it: RoundKind| it.zh()),
        (Section::Units, "kind") => text.parse().map_or(text, |it: UnitKind| it.zh()),
        (Section::Appointments, "role") => text.parse().map_or(text, |it: Role| it.zh()),
        _ => text,
    }
}

/// Returns what a cell of this column may hold, if that is a short list.
fn choices(section: Section, key: &str) -> Option<Vec<&'static str>> {
    match (section, key) {
        (Section::Round, "kind") => Some(RoundKind::ALL.iter().map(|kind| kind.zh()).collect()),
        (Section::Round, "training") => Some(vec!["是", "否"]),
        (Section::Units, "kind") => Some(UnitKind::ALL.iter().map(|kind| kind.zh()).collect()),
        (Section::Appointments, "role") => Some(Role::ALL.iter().map(|role| role.zh()).collect()),
        _ => None,
    }
}
