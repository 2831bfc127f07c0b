//! Where everything is drawn: texts that do not fit end in a mark, nothing is cut silently.
//!
//! All drawing goes through here, so one place knows how wide a text is, which characters
//! this terminal can be trusted with, and where the cursor belongs.
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Modifier, Style},
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::editor::{Ambiguous, Editor};

/// Marks and lines. A terminal that draws `…` or `─` two columns wide gets plain ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// After a text that does not fit.
    pub more: &'static str,
    /// A horizontal line.
    pub line: &'static str,
    /// A vertical line.
    pub bar: &'static str,
}

impl Glyphs {
    /// Chooses by what the terminal does with characters of ambiguous width.
    pub const fn of(ambiguous: Ambiguous) -> Self {
        match ambiguous {
            Ambiguous::Narrow => Self { more: "…", line: "─", bar: "│" },
            Ambiguous::Wide => Self { more: "~", line: "-", bar: "|" },
        }
    }
}

/// How things look. Colour never says anything alone: a word always stands beside it.
pub mod look {
    use super::{Color, Modifier, Style};

    /// Plain text.
    pub const PLAIN: Style = Style::new();
    /// Labels and remarks.
    pub const DIM: Style = Style::new().fg(Color::DarkGray);
    /// Headings.
    pub const HEAD: Style = Style::new().add_modifier(Modifier::BOLD);
    /// The row or field with the cursor.
    pub const HERE: Style = Style::new().add_modifier(Modifier::REVERSED);
    /// What went wrong.
    pub const BAD: Style = Style::new().fg(Color::Red);
    /// What wants attention.
    pub const WARN: Style = Style::new().fg(Color::Yellow);
    /// What is in order.
    pub const GOOD: Style = Style::new().fg(Color::Green);
    /// The banner of a training round.
    pub const TRAINING: Style =
        Style::new().fg(Color::Black).bg(Color::Yellow).add_modifier(Modifier::BOLD);
    /// What was taken out.
    pub const GONE: Style = Style::new().add_modifier(Modifier::CROSSED_OUT);
}

/// A text as it was drawn, for the checks before a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Where.
    pub at: Position,
    /// What was put there.
    pub text: String,
    /// Whether it is less than was to be shown; then it ends in the mark for more.
    pub cut: bool,
}

/// The surface of one frame.
#[derive(Debug)]
pub struct Canvas<'a> {
    buf: &'a mut Buffer,
    /// Marks and lines.
    pub glyphs: Glyphs,
    /// How wide characters of ambiguous width are.
    pub ambiguous: Ambiguous,
    /// What was drawn and not covered since.
    pub drawn: Vec<Drawn>,
    /// Where the cursor belongs.
    pub cursor: Option<Position>,
    /// The field or row that the cursor is in.
    pub focus: Option<Rect>,
    /// Where editors were drawn.
    pub fields: Vec<Rect>,
}

/// Returns the columns a text takes.
pub(super) fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

impl<'a> Canvas<'a> {
    /// Draws on a buffer.
    pub fn new(buf: &'a mut Buffer, ambiguous: Ambiguous) -> Self {
        let glyphs = Glyphs::of(ambiguous);
        Self {
            buf,
            glyphs,
            ambiguous,
            drawn: Vec::new(),
            cursor: None,
            focus: None,
            fields: Vec::new(),
        }
    }

    /// Returns all there is.
    pub fn area(&self) -> Rect {
        self.buf.area
    }

    /// Draws one line of text in at most `room` columns, and returns how many it took.
    pub fn text(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        if room == 0 || !self.buf.area.contains(Position { x, y }) {
            return 0;
        }
        let room = room.min(self.buf.area.right().saturating_sub(x));
        let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let cut = width(&flat) > room;
        let shown = if cut { self.shortened(&flat, room) } else { flat };
        self.put(x, y, &shown, cut, style)
    }

    fn put(&mut self, x: u16, y: u16, shown: &str, cut: bool, style: Style) -> u16 {
        self.buf.set_stringn(x, y, shown, usize::from(u16::MAX), style);
        self.drawn.push(Drawn { at: Position { x, y }, text: shown.to_owned(), cut });
        width(shown)
    }

    fn shortened(&self, text: &str, room: u16) -> String {
        let keep = room.saturating_sub(width(self.glyphs.more));
        let mut out = String::new();
        let mut used = 0;
        for cluster in text.graphemes(true) {
            used += width(cluster);
            if used > keep {
                break;
            }
            out.push_str(cluster);
        }
        out + self.glyphs.more
    }

    /// Draws a text over as many rows as `area` has, broken as Chinese is, and returns how
    /// many it took. What does not fit ends in the mark for more.
    pub fn wrapped(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        if area.width < 2 || area.height == 0 {
            return 0;
        }
        let rows = rows(text, area.width, self.ambiguous);
        let fit = usize::from(area.height);
        for (at, row) in rows.iter().take(fit).enumerate() {
            let y = area.y + u16::try_from(at).unwrap_or(0);
            if at + 1 == fit && rows.len() > fit {
                let room = area.width;
                let more = format!("{row}{}", self.glyphs.more);
                let last = if width(&more) <= room { more } else { self.shortened(row, room) };
                self.put(area.x, y, &last, true, style);
            } else {
                self.text(area.x, y, area.width, row, style);
            }
        }
        u16::try_from(rows.len().min(fit)).unwrap_or(area.height)
    }

    /// Draws a horizontal line.
    pub fn line(&mut self, x: u16, y: u16, room: u16) {
        let line = self.glyphs.line.repeat(usize::from(room));
        self.buf.set_stringn(x, y, line, usize::from(room), look::DIM);
    }

    /// Draws a vertical line.
    pub fn bar(&mut self, x: u16, y: u16, height: u16) {
        for row in y..y.saturating_add(height) {
            self.buf.set_string(x, row, self.glyphs.bar, look::DIM);
        }
    }

    /// Paints over an area without drawing text.
    pub fn paint(&mut self, area: Rect, style: Style) {
        self.buf.set_style(area.intersection(self.buf.area), style);
    }

    /// Clears an area for something before it.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buf.area);
        for y in area.top()..area.bottom() {
            // A wide character that begins left of the area would reach into it.
            if let Some(left) = area.left().checked_sub(1)
                && self.buf[(left, y)].symbol().width() > 1
            {
                self.buf[(left, y)].reset();
            }
            for x in area.left()..area.right() {
                self.buf[(x, y)].reset();
            }
        }
        self.drawn.retain(|d| {
            let row = Rect::new(d.at.x, d.at.y, width(&d.text).max(1), 1);
            !row.intersects(area)
        });
    }

    /// Draws an editor's text with its cursor, and returns the rows it took.
    pub fn editor(&mut self, area: Rect, editor: &mut Editor, focused: bool) -> u16 {
        if area.width < 3 || area.height == 0 {
            return 0;
        }
        // The cursor at the end of a full row stands in the last column.
        editor.layout(usize::from(area.width - 1), self.ambiguous);
        self.fields.push(area);
        let seen = editor.viewport(usize::from(area.height));
        let selected = editor.selection();
        let first = seen.rows.start;
        let column = |n: usize| area.x.saturating_add(u16::try_from(n).unwrap_or(u16::MAX));
        let line = |n: usize| area.y.saturating_add(u16::try_from(n - first).unwrap_or(u16::MAX));
        for number in seen.rows.clone() {
            let row = editor.row(number);
            let y = line(number);
            let buf = &mut *self.buf;
            editor.each_cell(&row, |cell| {
                let inside = selected.as_ref().is_some_and(|s| s.contains(&cell.range.start));
                let style = if inside { look::HERE } else { look::PLAIN };
                buf.set_stringn(column(cell.column), y, cell.text, cell.width.max(1), style);
            });
        }
        if focused {
            self.focus = Some(area);
            self.cursor =
                seen.caret.map(|caret| Position { x: column(caret.column), y: line(caret.row) });
        }
        u16::try_from(seen.rows.len()).unwrap_or(area.height)
    }

    /// Puts the cursor on a row of a list: input methods show their window there.
    pub fn point(&mut self, row: Rect) {
        self.focus = Some(row);
        self.cursor = Some(Position { x: row.x, y: row.y });
    }
}

/// Breaks a text into rows of at most `room` columns.
pub(super) fn rows(text: &str, room: u16, ambiguous: Ambiguous) -> Vec<String> {
    let mut editor = Editor::new(text.trim_end_matches('\n'));
    editor.layout(usize::from(room.max(2)), ambiguous);
    (0..editor.row_count())
        .map(|n| editor.slice(editor.row(n).range).trim_end_matches([' ', '\u{3000}']).to_owned())
        .collect()
}
