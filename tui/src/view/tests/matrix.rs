//! Every screen: empty, full, with the longest values, offline and refused; at 80x24 in both
//! languages and at 120x40 in Chinese.
use super::{en, screen, zh};
use crate::app::{
    Desk, Model, Snapshot, Tab,
    fixture::{self, Length, at},
    model::{OpenDoc, Phase},
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

/// A record on the screen, in each state in which there is one.
fn record(
    name: &str,
    me: u8,
    (space, doc): (u8, u8),
    reading: Option<fn(Length) -> shared::model::Reading>,
) {
    for (state, known) in states(me).into_iter().skip(1) {
        let length = if state == "longest" { Length::Longest } else { Length::Usual };
        snap(&format!("{name}-{state}"), || {
            let mut model = fixture::model(known.clone());
            if let Some(desk) = model.desk_mut() {
                let mut open = OpenDoc::new(at(space, doc));
                open.reading = reading.map(|make| make(length));
                open.authors.insert("aa".into(), fixture::person(4));
                open.authors.insert("bb".into(), fixture::person(5));
                desk.open = Some(open);
            }
            model
        });
    }
}

#[test]
fn interview() {
    record("interview", 3, (1, 10), Some(fixture::talk));
}

#[test]
fn workpaper() {
    record("workpaper", 3, (1, 11), Some(fixture::paper));
}

#[test]
fn workpaper_panel() {
    snap("workpaper-panel", || {
        let mut model = fixture::model(fixture::snapshot(2, Length::Usual));
        if let Some(desk) = model.desk_mut() {
            let mut open = OpenDoc::new(at(1, 11));
            open.reading = Some(fixture::paper(Length::Usual));
            open.panel = true;
            desk.open = Some(open);
        }
        model
    });
}

#[test]
fn consultation() {
    record("consultation", 2, (3, 31), Some(fixture::session));
}

#[test]
fn exhibit() {
    record("exhibit", 2, (3, 33), None);
}

#[test]
fn notice() {
    record("notice", 1, (1, 14), Some(fixture::notice));
}

#[test]
fn desk() {
    record("desk", 1, (2, 40), None);
}

#[test]
fn edition() {
    record("edition", 20, (9, 50), None);
}
