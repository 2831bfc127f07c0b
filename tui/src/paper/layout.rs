//! A form laid out: A4 by the margins of official papers, a table of fields, signature lines,
//! and on every page the number, the digits of the signed text and "page x of y".
use docx_rs::{
    AlignmentType, Docx, Footer, Header, LineSpacing, NumPages, PageMargin, PageNum, Paragraph,
    Run, RunFonts, Shading, Table, TableCell, TableLayoutType, TableRow, VAlignType, WidthType,
};

use super::{
    FormKind, How, PaperForm, PaperSignature, SignedAs,
    lines::{Lines, Row},
};

// Sizes in half points, lengths in twentieths of a point.
const A4: (u32, u32) = (11_906, 16_838);
const TEXT: usize = 24;
const TITLE: usize = 40;
const SMALL: usize = 18;
/// Width of the text between the margins, and of its columns.
const WIDTH: usize = 8_844;
const LABEL: usize = 2_000;
const ROLE: usize = 2_400;
const WHEN: usize = 2_200;

/// A line for signatures: as what, what is printed before it, and how many lines at least.
type Slot = (SignedAs, &'static str, usize);

/// Returns the signature lines of a form, whether signed yet or not.
const fn slots(kind: FormKind) -> &'static [Slot] {
    match kind {
        FormKind::Interview => {
            &[(SignedAs::Interviewer, "谈话、记录人员", 2), (SignedAs::Interviewee, "谈话对象", 1)]
        }
        FormKind::Workpaper => &[
            (SignedAs::Maker, "承办人", 2),
            (SignedAs::Deputy, "副组长审核", 1),
            (SignedAs::Leader, "组长审签", 1),
        ],
        FormKind::Notice => &[
            (SignedAs::Leader, "组长", 1),
            (SignedAs::Approver, "批准人", 1),
            (SignedAs::UnitHead, "被巡察单位主要负责人签收", 1),
        ],
        FormKind::Consultation => &[(SignedAs::Participant, "参加会商人员", 3)],
    }
}

/// Lays the form out.
pub(super) fn document(form: &PaperForm) -> Docx {
    let lines = Lines::of(&form.text);
    let mut docx = Docx::new()
        .page_size(A4.0, A4.1)
        .page_margin(
            PageMargin::new()
                .top(2_098)
                .bottom(1_984)
                .left(1_588)
                .right(1_474)
                .header(900)
                .footer(900)
                .gutter(0),
        )
        .default_fonts(body_font())
        .default_size(TEXT)
        .header(header(form))
        .footer(footer(form));
    if !form.issuer.is_empty() {
        docx = docx.add_paragraph(centred(&form.issuer, TEXT, title_font()));
    }
    docx = docx
        .add_paragraph(centred(&lines.title, TITLE, title_font()).outline_lvl(0))
        .add_paragraph(plain(&format!("编号：{}", form.number)).align(AlignmentType::Right))
        .add_table(fields(&lines));
    if !form.remarks.is_empty() {
        docx = docx.add_paragraph(heading("附记"));
        for remark in &form.remarks {
            docx = docx.add_paragraph(plain(remark));
        }
    }
    docx.add_paragraph(heading("签名").keep_next(true))
        .add_table(signatures(form))
        .add_paragraph(small(&format!("签字所认文本的校验码：{}{}", form.digest(), lines.version)))
}

fn header(form: &PaperForm) -> Header {
    let mut header = Header::new();
    if form.training {
        let run = Run::new().add_text("演　练").size(56).bold().color("B0B0B0");
        header = header
            .add_paragraph(Paragraph::new().align(AlignmentType::Center).add_run(run))
            .add_paragraph(small("演练数据，不得作为任何依据").align(AlignmentType::Center));
    }
    if !form.signed {
        header = header.add_paragraph(small("未签署稿").align(AlignmentType::Right));
    }
    if !form.training && form.signed {
        header = header.add_paragraph(small(""));
    }
    header
}

fn footer(form: &PaperForm) -> Footer {
    let line = format!("编号 {}　校验码 {}　第 ", form.number, form.digest().short());
    let run = |text: &str| Run::new().add_text(text).size(SMALL);
    Footer::new().add_paragraph(
        Paragraph::new()
            .align(AlignmentType::Center)
            .add_run(run(&line))
            .add_page_num(PageNum::new())
            .add_run(run(" 页　共 "))
            .add_num_pages(NumPages::new())
            .add_run(run(" 页")),
    )
}

/// The fields, a row each. The number stands above the table, official if there is one.
fn fields(lines: &Lines) -> Table {
    let mut rows = Vec::new();
    for row in &lines.rows {
        match row {
            Row::Field { name, .. } if name == "编号" => {}
            Row::Field { depth, name, lines } => {
                let label = format!("{}{name}", "　".repeat(*depth));
                rows.push(TableRow::new(vec![
                    cell(LABEL, std::slice::from_ref(&label)).vertical_align(VAlignType::Center),
                    cell(WIDTH - LABEL, lines),
                ]));
            }
            Row::Item(name) => {
                let shade = Shading::new().fill("EDEDED");
                let cell = cell(WIDTH, std::slice::from_ref(name)).grid_span(2).shading(shade);
                rows.push(TableRow::new(vec![cell]));
            }
        }
    }
    table(rows, vec![LABEL, WIDTH - LABEL])
}

/// The signature lines: those given, and blank ones up to what the form asks.
fn signatures(form: &PaperForm) -> Table {
    let mut rows = Vec::new();
    for (role, label, least) in slots(form.kind) {
        let given: Vec<_> = form.signatures.iter().filter(|s| s.role == *role).collect();
        for n in 0..given.len().max(*least) {
            let (who, when) =
                given.get(n).map_or((String::new(), "　　年　月　日".into()), |s| {
                    (who(s), s.at.clone())
                });
            let row = TableRow::new(vec![
                cell(ROLE, &[(*label).into()]).vertical_align(VAlignType::Center),
                cell(WIDTH - ROLE - WHEN, &[who]),
                cell(WHEN, &[when]).vertical_align(VAlignType::Center),
            ]);
            // A signature never stands on another page than its line.
            rows.push(row.row_height(700.0).cant_split());
        }
    }
    table(rows, vec![ROLE, WIDTH - ROLE - WHEN, WHEN])
}

/// Says who signed and how.
fn who(signature: &PaperSignature) -> String {
    let mut text = signature.name.clone();
    match &signature.how {
        How::Device => text.push_str("（电子签名）"),
        How::OnPaper { witnesses } => {
            text.push_str("（纸质签名，已存扫描件");
            if !witnesses.is_empty() {
                text.push_str("；在场：");
                text.push_str(&witnesses.join("、"));
            }
            text.push('）');
        }
        How::Not { why } => text.push_str(&format!("（{why}）")),
    }
    if let Some(reason) = &signature.stand_in {
        text.push_str(&format!("（代行，理由：{reason}）"));
    }
    text
}

fn table(rows: Vec<TableRow>, grid: Vec<usize>) -> Table {
    Table::new(rows).set_grid(grid).width(WIDTH, WidthType::Dxa).layout(TableLayoutType::Fixed)
}

fn cell(width: usize, lines: &[String]) -> TableCell {
    let cell = TableCell::new().width(width, WidthType::Dxa);
    lines.iter().fold(cell, |cell, line| cell.add_paragraph(plain(line)))
}

fn plain(text: &str) -> Paragraph {
    let spacing = LineSpacing::new().line(320);
    Paragraph::new().add_run(Run::new().add_text(text)).line_spacing(spacing)
}

fn small(text: &str) -> Paragraph {
    Paragraph::new().add_run(Run::new().add_text(text).size(SMALL))
}

fn heading(text: &str) -> Paragraph {
    let run = Run::new().add_text(text).bold().fonts(title_font());
    Paragraph::new()
        .add_run(run)
        .outline_lvl(1)
        .line_spacing(LineSpacing::new().before(200).after(80))
}

fn centred(text: &str, size: usize, fonts: RunFonts) -> Paragraph {
    let run = Run::new().add_text(text).size(size).bold().fonts(fonts);
    Paragraph::new()
        .add_run(run)
        .align(AlignmentType::Center)
        .line_spacing(LineSpacing::new().after(160))
}

fn body_font() -> RunFonts {
    RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").east_asia("FangSong")
}

fn title_font() -> RunFonts {
    RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").east_asia("SimSun")
}
