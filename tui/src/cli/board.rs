//! `xunji board`: the round as the office sees it, through editions alone; the same board as on
//! the screen.
use serde_json::json;

use super::{failure::Failure, session::Session, shown::Shown};
use crate::{
    app::{
        board::{SameBy, board as make},
        data::stamp,
    },
    runtime,
    words::t,
};

/// Totals for each group, groups that are silent, and matters that several groups share.
pub(super) async fn board(s: &mut Session) -> Result<Shown, Failure> {
    let known = runtime::snapshot(&mut s.node).await?;
    let board = make(&known);
    let when = |at| stamp(&known, at);
    let mut lines = vec![s.say.board_as_of(when(board.as_of))];
    let mut groups = Vec::new();
    for g in &board.groups {
        lines.push(s.say.board_group(&g.group, g.workpapers, g.notices, g.comments));
        groups.push(json!({
            "group": g.group, "workpapers": g.workpapers, "notices": g.notices,
            "for_approval": g.for_approval, "comments": g.comments, "newest": g.newest,
            "silent": g.silent,
        }));
    }
    for g in board.groups.iter().filter(|g| g.silent) {
        lines.push(s.say.board_silent(&g.group, when(g.newest)));
    }
    let mut gaps = Vec::new();
    for g in &board.gaps {
        lines.push(match g.heard {
            Some(heard) => s.say.board_gap(&g.group, &g.device, &g.person, when(heard)),
            None => s.say.board_gap_never(&g.group, &g.device, &g.person),
        });
        gaps.push(json!({
            "group": g.group, "device": g.device, "person": g.person, "heard": g.heard,
            "told": g.told,
        }));
    }
    let mut same = Vec::new();
    for m in &board.same {
        let words = &s.say.words;
        let (by, what, said) = match &m.by {
            SameBy::Party(what) => {
                ("party", what.clone(), t!(words, "board-same-party", what = what.clone()))
            }
            SameBy::Article(instrument, article) => {
                let what = format!("{instrument} {article}");
                ("article", what.clone(), t!(words, "board-same-article", what = what))
            }
        };
        let numbers: Vec<&String> = m.found.iter().map(|(_, number, _)| number).collect();
        lines.push(format!("{said}  {}", words.join(numbers.iter().map(|n| (*n).clone()))));
        same.push(json!({ "by": by, "what": what, "papers": numbers }));
    }
    let value =
        json!({ "as_of": board.as_of, "groups": groups, "gaps": gaps, "same_matter": same });
    Ok(Shown::new(value, lines))
}
