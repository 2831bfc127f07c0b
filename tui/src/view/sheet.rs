//! A record: its form, the text that is being written, and the panel beside them.
use ratatui::{layout::Rect, style::Style};
use shared::model::PersonId;

use super::{
    below,
    canvas::{Canvas, look, rows, width},
    panel,
};
use crate::{
    app::{
        Desk, data, list,
        model::OpenDoc,
        sheet::{FieldRow, FieldValue},
        update::adds,
    },
    words::{Words, t},
};

/// From this width on, form and panel stand side by side.
const WIDE: u16 = 110;
/// How many rows a field takes at most while it is not being written.
const TALL: u16 = 3;
/// The column of labels.
const LABELS: u16 = 15;

pub(super) fn draw(desk: &mut Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    heading(desk, words, canvas, Rect { height: 1, ..area });
    let area = below(area, 1);
    let lines = panel::lines(desk, words);
    let Some(mut open) = desk.open.take() else { return };
    let form = open.reading.is_some();
    let room = lines.len();
    if form && area.width >= WIDE {
        let left = area.width * 3 / 5;
        body(desk, &mut open, words, canvas, Rect { width: left - 1, ..area });
        canvas.bar(area.x + left, area.y, area.height);
        let right = Rect { x: area.x + left + 2, width: area.width - left - 2, ..area };
        let focused = open.panel;
        scroll(&mut open, &lines, focused, words, canvas, right);
    } else if form && !open.panel {
        body(desk, &mut open, words, canvas, area);
    } else {
        scroll(&mut open, &lines, true, words, canvas, area);
    }
    debug_assert!(room == lines.len());
    desk.open = Some(open);
}

fn heading(desk: &Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(open) = &desk.open else { return };
    let Some(space) = desk.known.space(open.at.space) else { return };
    let record = space.state.record(open.at.doc);
    let mark = space.mark(open.at.doc).map(|m| words.mark(m)).unwrap_or_default();
    let right = area.right() - width(&mark);
    canvas.text(right, area.y, width(&mark), &mark, look::DIM);
    let title = match (&open.reading, record) {
        (Some(reading), _) => reading.title().to_owned(),
        (None, Some(record)) => list::title(space, record),
        (None, None) => space.lines.get(&open.at.doc).map(|l| l.title.clone()).unwrap_or_default(),
    };
    let number = record.and_then(|r| r.number()).unwrap_or_default();
    let text = format!("{number}  {title}");
    canvas.text(area.x, area.y, right.saturating_sub(area.x + 1), text.trim(), look::HEAD);
}

fn body(desk: &Desk, open: &mut OpenDoc, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    if let Some(edit) = open.edit.as_mut().filter(|e| e.long) {
        canvas.text(area.x, area.y, area.width, &words.field(&edit.path), look::HEAD);
        canvas.editor(below(area, 1), &mut edit.editor, true);
        return;
    }
    form(desk, open, words, canvas, area);
}

/// Draws the form around the row with the cursor.
fn form(desk: &Desk, open: &mut OpenDoc, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let fields = open.rows();
    let shown: Vec<(String, Vec<String>, Style)> =
        fields.iter().map(|row| present(desk, open, row, words, canvas, area.width)).collect();
    let heights: Vec<u16> = shown
        .iter()
        .map(|(_, text, _)| u16::try_from(text.len()).unwrap_or(TALL).clamp(1, TALL))
        .collect();
    let focus = open.focus.min(fields.len().saturating_sub(1));
    let mut top = focus;
    let mut used = heights.get(focus).copied().unwrap_or(1);
    while top > 0 && used + heights[top - 1] < area.height {
        top -= 1;
        used += heights[top];
    }
    let mut rest = area;
    for at in top..fields.len() {
        if rest.height < heights[at] || (rest.height == 1 && at + 1 < fields.len()) {
            let more = t!(words, "more-below", n = (fields.len() - at));
            canvas.text(rest.x, rest.y, rest.width, &more, look::DIM);
            break;
        }
        let place = Rect { height: heights[at], ..rest };
        let here = at == focus;
        let (label, text, style) = &shown[at];
        one(
            canvas,
            place,
            label,
            text,
            if here { look::HERE } else { *style },
            here && !open.panel,
        );
        if here && let Some(edit) = &mut open.edit {
            let field = Rect { x: place.x + LABELS, width: place.width - LABELS, ..place };
            canvas.clear(field);
            canvas.editor(field, &mut edit.editor, true);
        }
        rest = below(rest, heights[at]);
    }
}

fn one(
    canvas: &mut Canvas<'_>,
    area: Rect,
    label: &str,
    text: &[String],
    style: Style,
    here: bool,
) {
    canvas.text(area.x, area.y, LABELS - 1, label, if here { look::HERE } else { look::DIM });
    let field = Rect { x: area.x + LABELS, width: area.width - LABELS, ..area };
    canvas.paint(field, style);
    canvas.wrapped(field, &text.join("\n"), style);
    if here {
        canvas.point(field);
    }
}

/// Puts a row of the form into words.
fn present(
    desk: &Desk,
    open: &OpenDoc,
    row: &FieldRow,
    words: &Words,
    canvas: &Canvas<'_>,
    room: u16,
) -> (String, Vec<String>, Style) {
    let name = |id: &str| id.parse::<PersonId>().ok().map(|p| words.person(&desk.known, p));
    let mut style = look::PLAIN;
    let inner = row.item().is_some() && !matches!(row.value, FieldValue::Item { .. });
    let mut label = words.field_key(row.key);
    if inner {
        label = format!("  {label}");
    }
    let text = match &row.value {
        FieldValue::Line(text) | FieldValue::Text(text) => text.clone(),
        FieldValue::Choice { value, .. } => {
            value.as_deref().map(|v| words.choice_name(v)).unwrap_or_default()
        }
        FieldValue::Amount(fen) => fen.map(data::yuan).unwrap_or_default(),
        FieldValue::Bool(yes) => words.yes_no(*yes),
        FieldValue::Person(person) => {
            person.as_deref().and_then(name).unwrap_or_else(|| t!(words, "person-unknown"))
        }
        FieldValue::Members { members, .. } => {
            words.join(members.iter().map(|m| member(desk, open, (row.key, m), words)))
        }
        FieldValue::List(n) => {
            style = look::DIM;
            if adds(desk, open, row) {
                t!(words, "list-count", n = n.to_owned())
            } else {
                t!(words, "list-count-only", n = n.to_owned())
            }
        }
        FieldValue::Item { index, choice, text, carried, removed, actor, .. } => {
            label = format!("  {index}.");
            let mut out = String::new();
            if let Some(choice) = choice {
                out += &format!("[{}] ", words.choice_name(choice));
            }
            let author = actor.as_ref().and_then(|a| open.authors.get(a));
            if let Some(author) = author {
                let who = words.person(&desk.known, *author);
                out += &t!(words, "said-by", who = who, text = text.clone());
            } else {
                out += text;
            }
            if *carried > 0 {
                out = words.bracketed(out, t!(words, "item-carried", n = carried.to_owned()));
            }
            if let Some(why) = removed {
                style = look::GONE;
                out = words.bracketed(out, t!(words, "item-removed", why = why.clone()));
            }
            out
        }
    };
    let text = match &row.conflict {
        Some(conflict) => {
            style = look::BAD;
            let values = words.join(conflict.values.iter().map(|v| {
                let value = words.value(&v.value);
                let who = open.authors.get(&v.actor).map(|p| words.person(&desk.known, *p));
                who.map_or_else(|| value.clone(), |who| words.bracketed(&value, who))
            }));
            format!("[{}] {}", t!(words, "in-conflict"), values)
        }
        None => text,
    };
    let room = room.saturating_sub(LABELS);
    (label, rows(&text, room, canvas.ambiguous), style)
}

/// Names a member of a set: a person, an item of evidence, a workpaper, or the label itself.
fn member(desk: &Desk, open: &OpenDoc, (key, member): (&str, &str), words: &Words) -> String {
    let Some(space) = desk.known.space(open.at.space) else { return member.to_owned() };
    if key == "interviewers" {
        let person = member.parse::<PersonId>();
        return person.map_or_else(|_| words.unknown(member), |p| words.person(&desk.known, p));
    }
    if let Some(item) = member.parse().ok().and_then(|e| space.state.evidence.get(&e)) {
        return format!("{} {}", item.number, item.evidence.name);
    }
    if let Some(record) = member.parse().ok().and_then(|d| space.state.record(d)) {
        let number = record.number().unwrap_or_default();
        return format!("{number} {}", list::title(space, record));
    }
    member.to_owned()
}

/// Draws the panel from where it is scrolled to.
fn scroll(
    open: &mut OpenDoc,
    lines: &[panel::PanelLine],
    focused: bool,
    words: &Words,
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let broken: Vec<(String, Style)> = lines
        .iter()
        .flat_map(|(text, style)| {
            let margin = if *style == look::HEAD { "" } else { "  " };
            let room = area.width - width(margin);
            let parts = rows(text, room, canvas.ambiguous);
            parts.into_iter().map(move |part| (format!("{margin}{part}"), *style))
        })
        .collect();
    let fit = usize::from(area.height);
    let most = broken.len().saturating_sub(fit.saturating_sub(1).max(1));
    open.scroll = if broken.len() <= fit { 0 } else { open.scroll.min(most) };
    let left = broken.len() - open.scroll;
    let fit = if open.scroll > 0 || left > fit { fit - 1 } else { fit };
    for (at, (text, style)) in broken.iter().skip(open.scroll).take(fit).enumerate() {
        let y = area.y + u16::try_from(at).unwrap_or(0);
        canvas.text(area.x, y, area.width, text, *style);
    }
    open.beyond = open.scroll > 0 || left > fit;
    if open.beyond {
        let (above, below) = (open.scroll, left.saturating_sub(fit));
        let more = t!(words, "history-more", above = above, below = below);
        canvas.text(area.x, area.bottom() - 1, area.width, &more, look::DIM);
    }
    if focused {
        canvas.point(Rect { height: 1, ..area });
    }
}
