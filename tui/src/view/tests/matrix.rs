//! Every screen: empty, full, with the longest values, offline and refused; at 80x24 in both
//! languages and at 120x40 in Chinese.
use shared::{
    model::{DocKind, Reading},
    workflow::{Matter, consultation::ExhibitEnd, event::DeskStage},
};

use super::{en, screen, sheets, zh};
use crate::{
    app::{
        Desk, Model, Snapshot, Tab,
        fixture::{self, Length, at},
        model::Phase,
    },
    input::Action,
};

/// Draws a model in the three ways, and compares with what was reviewed.
fn snap(name: &str, make: impl Fn() -> Model) {
    let (zh, en) = (zh(), en());
    let all = [
        screen(&mut make(), &zh, 80, 24),
        screen(&mut make(), &en, 80, 24),
        screen(&mut make(), &zh, 120, 40),
    ];
    insta::assert_snapshot!(name, all.join("\n========\n"));
}

/// Draws a screen in each of its states in the three ways, and compares all of it at once.
pub(super) fn snap_all(name: &str, states: &[(&str, &dyn Fn() -> Model)]) {
    let (zh, en) = (zh(), en());
    let mut all = Vec::new();
    for (state, make) in states {
        for (words, width, height) in [(&zh, 80, 24), (&en, 80, 24), (&zh, 120, 40)] {
            let seen = screen(&mut make(), words, width, height);
            all.push(format!("== {state} {width}x{height}\n{seen}"));
        }
    }
    insta::assert_snapshot!(name, all.join("\n"));
}

/// The states in which every screen is drawn.
fn states(me: u8) -> [(&'static str, Snapshot); 5] {
    let full = || fixture::snapshot(me, Length::Usual);
    [
        ("empty", fixture::nothing(me)),
        ("full", full()),
        ("longest", fixture::snapshot(me, Length::Longest)),
        ("offline", fixture::offline(full())),
        ("refused", fixture::refused(full())),
    ]
}

fn tab(name: &str, tab: Tab, me: u8) {
    for (state, known) in states(me) {
        snap(&format!("{name}-{state}"), || {
            let mut desk = Desk::new(known.clone());
            desk.tab = tab;
            let mut model = fixture::model(known.clone());
            model.phase = Phase::Open(Box::new(desk));
            model
        });
    }
}

#[test]
fn today() {
    tab("today", Tab::Today, 3);
}

#[test]
fn interviews() {
    tab("interviews", Tab::Interviews, 3);
}

#[test]
fn workpapers() {
    tab("workpapers", Tab::Workpapers, 2);
}

#[test]
fn consultations() {
    tab("consultations", Tab::Consultations, 1);
}

#[test]
fn notices() {
    tab("notices", Tab::Notices, 1);
}

#[test]
fn sync() {
    tab("sync", Tab::Sync, 3);
}

#[test]
fn board() {
    tab("board", Tab::Board, 20);
}

/// What a document says, by its length, and what one that was just begun says.
type Said = (fn(Length) -> Reading, Reading);

/// A record on the screen in each state; `empty` is one that was just begun.
fn record(name: &str, me: u8, (space, doc): (u8, u8), reading: Option<Said>) {
    // What has no document is never empty.
    for (state, known) in states(me).into_iter().skip(usize::from(reading.is_none())) {
        let reading = reading.as_ref().map(|(make, empty)| match state {
            "empty" => empty.clone(),
            "longest" => make(Length::Longest),
            _ => make(Length::Usual),
        });
        let doc = if state == "empty" { fixture::BEGUN } else { doc };
        let open = || sheets::opened(known.clone(), at(space, doc), reading.clone());
        snap(&format!("{name}-{state}"), open);
        if reading.is_some() {
            snap(&format!("{name}-panel-{state}"), || {
                let mut model = open();
                sheets::act(&mut model, &[Action::Panel]);
                model
            });
        }
    }
}

#[test]
fn interview() {
    record("interview", 3, (1, 10), Some((fixture::talk, fixture::blank(DocKind::Interview))));
}

#[test]
fn workpaper() {
    record("workpaper", 3, (1, 11), Some((fixture::paper, fixture::blank(DocKind::Workpaper))));
}

#[test]
fn signed_workpaper() {
    record("signed", 2, (1, 13), Some((fixture::paper, fixture::blank(DocKind::Workpaper))));
}

#[test]
fn consultation() {
    let blank = fixture::blank(DocKind::Consultation);
    record("consultation", 2, (3, 31), Some((fixture::session, blank)));
}

#[test]
fn notice() {
    record("notice", 1, (1, 14), Some((fixture::notice, fixture::blank(DocKind::Notice))));
}

#[test]
fn finding() {
    record("finding", 1, (1, 16), None);
}

#[test]
fn question() {
    record("question", 1, (1, 15), None);
}

#[test]
fn exhibit() {
    record("exhibit", 2, (3, 33), None);
}

#[test]
fn desk() {
    record("desk", 1, (2, 40), None);
}

#[test]
fn a_notice_the_unit_has_not_taken() {
    snap("desk-new", || {
        let mut known = fixture::snapshot(1, Length::Usual);
        for record in known.spaces[1].state.records.values_mut() {
            if let Matter::Desk(desk) = &mut record.matter {
                desk.stage = DeskStage::Issued;
                desk.acknowledged = None;
                desk.measures.clear();
            }
        }
        sheets::opened(known, at(2, 40), None)
    });
}

#[test]
fn an_exhibit_that_ended() {
    snap("exhibit-ended", || {
        let mut known = fixture::snapshot(2, Length::Usual);
        for record in known.spaces[2].state.records.values_mut() {
            if let Matter::Exhibit(exhibit) = &mut record.matter {
                exhibit.edition = None;
                exhibit.ended = Some((fixture::NOW, ExhibitEnd::Expired));
            }
        }
        sheets::opened(known, at(3, 33), None)
    });
}

#[test]
fn edition() {
    record("edition", 20, (9, 50), None);
}
