//! The office's board, stamped as of when.
use ratatui::layout::Rect;

use super::{
    below,
    canvas::{Canvas, look},
    list,
};
use crate::{
    app::{
        Desk,
        board::{self, Board, SameBy},
        data,
    },
    words::{Words, t},
};

pub(super) fn draw(desk: &Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let board = board::board(&desk.known);
    let mut rest = area;
    if !board.groups.is_empty() {
        let at = data::stamp(&desk.known, board.as_of);
        canvas.text(rest.x, rest.y, rest.width, &t!(words, "as-of", at = at), look::HEAD);
        rest = below(rest, 1);
        rest = groups(desk, &board, words, canvas, rest);
        rest = gaps(desk, &board, words, canvas, rest);
        rest = same(&board, words, canvas, rest);
        canvas.text(rest.x, rest.y, rest.width / 2, &t!(words, "board-editions"), look::HEAD);
    }
    list::table(desk, &desk.rows(), words, canvas, rest);
}

fn groups(desk: &Desk, board: &Board, words: &Words, canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let head = [
        t!(words, "board-group"),
        t!(words, "board-workpapers"),
        t!(words, "board-notices"),
        t!(words, "board-for-approval"),
        t!(words, "board-comments"),
        t!(words, "board-newest"),
    ];
    columns(canvas, area, &head, look::DIM);
    let mut rest = below(area, 1);
    // At most half of the screen: the rest is for what stands in more than one group.
    let fit = usize::from(area.height / 2).saturating_sub(1);
    for group in board.groups.iter().take(fit) {
        let newest = data::stamp(&desk.known, group.newest);
        let newest =
            if group.silent { format!("{newest} {}", t!(words, "board-silent")) } else { newest };
        let cells = [
            group.group.clone(),
            group.workpapers.to_string(),
            group.notices.to_string(),
            group.for_approval.to_string(),
            group.comments.to_string(),
            newest,
        ];
        columns(canvas, rest, &cells, if group.silent { look::WARN } else { look::PLAIN });
        rest = below(rest, 1);
    }
    if board.groups.len() > fit {
        let more = t!(words, "more-below", n = (board.groups.len() - fit));
        canvas.text(rest.x, rest.y, rest.width, &more, look::DIM);
        rest = below(rest, 1);
    }
    rest
}

/// Draws which devices are silent, the longest first.
fn gaps(desk: &Desk, board: &Board, words: &Words, canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let mut rest = area;
    let fit = usize::from(area.height / 4).max(1);
    for gap in board.gaps.iter().take(fit) {
        let since = gap.heard.map(|at| data::stamp(&desk.known, at));
        let (group, who) = (
            gap.group.clone(),
            t!(words, "board-device", who = gap.person.clone(), device = gap.device.clone()),
        );
        let told = data::stamp(&desk.known, gap.told);
        let line = match since {
            Some(at) => t!(words, "board-gap", group = group, who = who, at = at, told = told),
            None => t!(words, "board-gap-never", group = group, who = who, told = told),
        };
        canvas.text(rest.x, rest.y, rest.width, &line, look::WARN);
        rest = below(rest, 1);
    }
    if board.gaps.len() > fit {
        let more = t!(words, "more-below", n = (board.gaps.len() - fit));
        canvas.text(rest.x, rest.y, rest.width, &more, look::DIM);
        rest = below(rest, 1);
    }
    rest
}

fn columns(canvas: &mut Canvas<'_>, area: Rect, cells: &[String; 6], style: ratatui::style::Style) {
    let mut x = area.x;
    for (at, cell) in cells.iter().enumerate() {
        let last = at + 1 == cells.len();
        let room = if last { area.right().saturating_sub(x) } else { 9 };
        canvas.text(x, area.y, room, cell, style);
        x += 10;
    }
}

fn same(board: &Board, words: &Words, canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    canvas.text(area.x, area.y, area.width, &t!(words, "board-same"), look::HEAD);
    let mut rest = below(area, 1);
    if board.same.is_empty() {
        canvas.text(rest.x + 2, rest.y, rest.width - 2, &t!(words, "board-none-same"), look::DIM);
        return below(rest, 1);
    }
    let fit = usize::from(rest.height / 2).max(1);
    for same in board.same.iter().take(fit) {
        let what = match &same.by {
            SameBy::Party(party) => t!(words, "board-same-party", what = party.clone()),
            SameBy::Article(instrument, article) => {
                t!(words, "board-same-article", what = format!("{instrument} {article}"))
            }
        };
        let found = words.join(same.found.iter().map(|(_, number, _)| number.clone()));
        let line = format!("{found}  {what}");
        canvas.text(rest.x + 2, rest.y, rest.width - 2, &line, look::WARN);
        rest = below(rest, 1);
    }
    if board.same.len() > fit {
        let more = t!(words, "more-below", n = (board.same.len() - fit));
        canvas.text(rest.x + 2, rest.y, rest.width - 2, &more, look::DIM);
        rest = below(rest, 1);
    }
    rest
}
