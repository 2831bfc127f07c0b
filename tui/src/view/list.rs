//! A list: number, line, how far it has come, and the word for what is on this laptop.
use ratatui::{layout::Rect, style::Style};

use super::{
    below,
    canvas::{Canvas, look, width},
};
use crate::{
    app::{
        Desk, Tab, data,
        list::{Row, Sort, What},
        model::ListState,
    },
    words::{Words, t},
};

pub(super) fn draw(desk: &Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let rows = desk.rows();
    table(desk, &rows, words, canvas, area);
}

/// Draws rows with what narrows them, or what to do when there are none.
pub(super) fn table(desk: &Desk, rows: &[Row], words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let list = desk.list();
    let area = narrowed(list, rows.len(), words, canvas, area);
    if rows.is_empty() {
        let text = if list.filter.is_empty() {
            empty(desk, words)
        } else {
            t!(words, "filtered-empty", text = list.filter.clone())
        };
        let place = Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: 3 };
        canvas.wrapped(place.intersection(area), &text, look::PLAIN);
        if !list.filtering {
            canvas.point(Rect { height: 1, ..place });
        }
        return;
    }
    let fit = usize::from(area.height);
    let most = if area.width >= 110 { 44 } else { 30 };
    let stages: Vec<String> = rows.iter().map(|row| what(desk, row, words)).collect();
    let column = stages.iter().map(|s| width(s)).max().unwrap_or_default().min(most);
    let numbered = rows.iter().map(|r| width(&r.number)).max().unwrap_or_default();
    let columns = (numbered.clamp(20, if area.width >= 100 { 30 } else { 22 }), column);
    let top = if list.selected < fit { 0 } else { list.selected + 1 - fit };
    for (at, row) in rows.iter().enumerate().skip(top).take(fit) {
        let y = area.y + u16::try_from(at - top).unwrap_or(0);
        let here = at == list.selected;
        let place = Rect { y, height: 1, ..area };
        let style = if here { look::HERE } else { look::PLAIN };
        line(row, &stages[at], columns, words, canvas, (place, style));
        if here && !list.filtering {
            canvas.point(place);
        }
    }
}

/// Draws what the list is narrowed to, and where the cursor is in it.
fn narrowed(
    list: &ListState,
    rows: usize,
    words: &Words,
    canvas: &mut Canvas<'_>,
    area: Rect,
) -> Rect {
    let place = t!(words, "position", at = (list.selected + 1).min(rows), of = rows);
    let room = width(&place);
    canvas.text(area.right() - room, area.y, room, &place, look::DIM);
    let left = area.width.saturating_sub(room + 1);
    if list.filtering || !list.filter.is_empty() {
        let text = t!(words, "filter-is", text = list.filter.clone());
        let used = canvas.text(area.x, area.y, left, &text, look::HEAD);
        if list.filtering {
            let field = Rect { height: 1, width: left + 1, ..area };
            canvas.focus = Some(field);
            canvas.cursor = Some(ratatui::layout::Position { x: area.x + used, y: area.y });
        }
    }
    below(area, 1)
}

/// Draws a row; the numbers and the stages of all rows each stand in one column.
fn line(
    row: &Row,
    stage: &str,
    (numbered, column): (u16, u16),
    words: &Words,
    canvas: &mut Canvas<'_>,
    (area, style): (Rect, Style),
) {
    canvas.paint(area, style);
    let mut right = area.right();
    let mark = if row.asked {
        t!(words, "asked")
    } else {
        row.mark.map(|m| words.mark(m)).unwrap_or_default()
    };
    let room = 9.min(area.width / 8).max(6);
    right -= room;
    canvas.text(right, area.y, room, &mark, style);
    right -= column + 1;
    canvas.text(right, area.y, column, stage, style);
    right -= 1;
    let mut x = area.x;
    let number = if row.number.is_empty() { words_of_kind(row, words) } else { row.number.clone() };
    canvas.text(x, area.y, numbered, &number, style);
    x += numbered + 1;
    canvas.text(x, area.y, right.saturating_sub(x), &row.title, style);
}

fn words_of_kind(row: &Row, words: &Words) -> String {
    match row.sort {
        Some(Sort::Document(kind)) => words.kind(kind),
        Some(Sort::Question) => t!(words, "kind-question"),
        Some(Sort::Exhibit) => t!(words, "exhibit"),
        Some(Sort::Finding) => t!(words, "finding"),
        Some(Sort::Edition) => t!(words, "kind-edition"),
        Some(Sort::StandIn) => t!(words, "kind-stand-in"),
        None => String::new(),
    }
}

/// Says what a row is, and how far it has come.
fn what(desk: &Desk, row: &Row, words: &Words) -> String {
    let known = &desk.known;
    let space = known.space(row.at.space);
    let at = |moment| space.map(|s| data::local(s, moment, known.now)).unwrap_or_default();
    match &row.what {
        What::Task { kind, due, level } => {
            let mut parts: Vec<String> = Vec::new();
            parts.extend(level.map(|l| words.level(l)).filter(|l| !l.is_empty()));
            parts.push(words.task(*kind));
            parts.extend(due.map(|due| t!(words, "due", at = at(due))));
            parts.join(" ")
        }
        What::Conflict(n) => t!(words, "task-conflict", n = n.to_owned()),
        What::Refused(verb, _) => t!(words, "task-refused", what = words.verb(*verb)),
        What::Talk(stage, n) => {
            format!("{} {}", words.talk(*stage), t!(words, "talk-statements", n = n.to_owned()))
        }
        What::Paper(stage, conflicts, late) => {
            let mut text = words.paper(*stage);
            if *conflicts > 0 {
                text += &format!(" {}", t!(words, "paper-conflicts", n = conflicts.to_owned()));
            }
            if *late > 0 {
                text += &format!(" {}", t!(words, "paper-late", n = late.to_owned()));
            }
            text
        }
        What::Finding(stage) => format!("{} {}", t!(words, "finding"), words.finding(stage)),
        What::Notice(stage, on_desk, _) => match on_desk {
            Some(desk) => words.desk(*desk),
            None => words.notice(*stage),
        },
        What::Desk(stage, due, first) => {
            let due_text = if due == first {
                t!(words, "desk-due", due = due.to_string())
            } else {
                t!(words, "desk-due-moved", due = due.to_string(), was = first.to_string())
            };
            format!("{} {due_text}", words.desk(*stage))
        }
        What::Question(closed) => words.question(*closed),
        What::Consultation(stage) => words.session(*stage),
        What::Exhibit(_, Some(end)) => words.exhibit_end(*end),
        What::Exhibit(until, None) => t!(words, "exhibit-until", at = at(*until)),
        What::Sync(p) => {
            t!(words, "sync-counts", saved = p.saved, received = p.received, decided = p.decided)
        }
        What::Aside(reason) => t!(words, "aside", why = words.aside(reason)),
        What::Edition(kind, stage, comments) => {
            let mut text = format!("{} {}", words.kind(*kind), words.edition(*stage));
            if *comments > 0 {
                text += &format!(" {}", t!(words, "edition-comments", n = comments.to_owned()));
            }
            text
        }
        What::StandIn(step, false) => t!(words, "stand-in-wanted", step = words.step(*step)),
        What::StandIn(step, true) => {
            format!("{} {}", words.step(*step), t!(words, "stand-in-named"))
        }
        What::Text(_) => t!(words, "text-new"),
    }
}

/// Says what to do where there is nothing.
fn empty(desk: &Desk, words: &Words) -> String {
    use shared::model::DocKind;
    let writes = |kind| crate::app::list::home_of(&desk.known, kind).is_some();
    match desk.tab {
        Tab::Today => t!(words, "empty-today"),
        Tab::Interviews if writes(DocKind::Interview) => t!(words, "empty-interviews"),
        Tab::Interviews => t!(words, "empty-interviews-ro"),
        Tab::Workpapers if writes(DocKind::Workpaper) => t!(words, "empty-workpapers"),
        Tab::Workpapers => t!(words, "empty-workpapers-ro"),
        Tab::Consultations if writes(DocKind::Workpaper) => t!(words, "empty-consultations"),
        Tab::Consultations => t!(words, "empty-consultations-ro"),
        Tab::Notices if writes(DocKind::Notice) => t!(words, "empty-notices"),
        Tab::Notices => t!(words, "empty-notices-ro"),
        Tab::Sync => t!(words, "empty-sync"),
        Tab::Board if crate::app::list::in_office(&desk.known) => t!(words, "empty-board"),
        Tab::Board => t!(words, "board-not-office"),
    }
}
