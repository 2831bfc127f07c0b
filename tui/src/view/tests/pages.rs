//! What stands before or beside the main screens: unlocking, help, filter, search, history and
//! the menu of steps, in each of their states.
use shared::{
    model::{Digest, round::Role},
    workflow::{Event, Refusal, event::Meaning},
};

use super::{
    matrix::snap_all,
    sheets::{act, opened},
};
use crate::{
    app::{
        Failure, Happening, Hit, Message, Model, News, Outcome, Phase, Snapshot,
        data::Mark,
        fixture::{self, Length, at},
        update,
    },
    input::Action,
};

fn full() -> Snapshot {
    fixture::snapshot(3, Length::Usual)
}

fn heard(model: &mut Model, news: News) {
    update(model, Message::Laptop(news));
}

#[test]
fn unlock() {
    let locked = || {
        let mut model = fixture::model(full());
        model.phase = Phase::Locked(Default::default());
        model
    };
    let typed = |text: &str| {
        let mut model = locked();
        update(&mut model, Message::Text(text.into()));
        model
    };
    let refused = |failure: Failure| {
        let mut model = typed("correct horse");
        act(&mut model, &[Action::Enter]);
        heard(&mut model, News::Failed(failure));
        model
    };
    snap_all(
        "unlock-states",
        &[
            ("empty", &locked),
            ("full", &|| typed("correct horse")),
            ("longest", &|| typed(&"correct horse ".repeat(40))),
            ("in use", &|| refused(Failure::InUse)),
            ("refused", &|| refused(Failure::WrongPassphrase)),
        ],
    );
}

#[test]
fn help() {
    let at_row = |rows: usize, known: Snapshot| {
        let mut model = fixture::model(known);
        act(&mut model, &[Action::Help]);
        act(&mut model, &vec![Action::PageDown; rows]);
        model
    };
    snap_all(
        "help-pages",
        &[
            ("first", &|| at_row(0, full())),
            ("next", &|| at_row(2, full())),
            ("last", &|| at_row(20, full())),
            ("offline", &|| at_row(0, fixture::offline(full()))),
        ],
    );
}

#[test]
fn search() {
    let sought = |text: &str, hits: Option<Vec<Hit>>, known: Snapshot| {
        let mut model = fixture::model(known);
        act(&mut model, &[Action::Search]);
        if !text.is_empty() {
            update(&mut model, Message::Text(text.into()));
        }
        if let Some(hits) = hits {
            heard(&mut model, News::Hits { text: text.into(), hits });
        }
        model
    };
    let hit = |doc: u8, number: &str, title: &str, excerpt: &str| Hit {
        at: at(1, doc),
        number: number.into(),
        title: title.into(),
        excerpt: excerpt.into(),
    };
    let some = || {
        vec![
            hit(11, "2026R2-G3-WP-~B7KB", "甲局2025年三次拆分采购宣传品", "合计11.6万元，规避招标"),
            hit(10, "2026R2-G3-IN-~B7KA", "张某", "听说合同是补签的，未招标"),
        ]
    };
    let many = || {
        (0..40)
            .map(|_| hit(11, &"2026R2-G3-WP-".repeat(9), &"甲局".repeat(90), &"招标".repeat(90)))
            .collect()
    };
    snap_all(
        "search-states",
        &[
            ("empty", &|| sought("", None, full())),
            ("under way", &|| sought("招标", None, full())),
            ("full", &|| sought("招标", Some(some()), full())),
            ("longest", &|| sought(&"招标".repeat(90), Some(many()), full())),
            ("offline", &|| sought("招标", Some(some()), fixture::offline(full()))),
            ("nothing", &|| sought("没有这样的话", Some(Vec::new()), full())),
        ],
    );
}

#[test]
fn history() {
    let happened = |happened: Option<Vec<Happening>>, known: Snapshot| {
        let mut model = opened(known, at(1, 11), Some(fixture::paper(Length::Usual)));
        act(&mut model, &[Action::Steps]);
        let menu = model.desk_mut().unwrap().menu.as_mut().unwrap();
        let last = crate::app::offer::Deed::History;
        menu.selected = menu.offers.iter().position(|o| o.deed == last).unwrap();
        act(&mut model, &[Action::Enter]);
        if let Some(happened) = happened {
            heard(&mut model, News::History { at: at(1, 11), happened });
        }
        model
    };
    let one = |minutes: i64, by: Option<u8>, outcome: Outcome| Happening {
        at: fixture::NOW.plus_millis(minutes * 60_000),
        by: by.map(fixture::person),
        outcome,
    };
    let signed = || Event::Signed {
        by: fixture::person(3),
        meaning: Meaning::Step(shared::workflow::Step::Maker),
        pin: shared::workflow::Pin { heads: Vec::new(), rendering: Digest([1; 32]), text: None },
        stand_in: Some("副组长公务回避".into()),
        gate_override: None,
    };
    let refusal = || Refusal::NotAllowed { needs: vec![Role::GroupLeader] };
    let some = || {
        vec![
            one(-90, Some(3), Outcome::Written),
            one(-60, Some(3), Outcome::Events(vec![signed()])),
            one(-30, None, Outcome::Events(vec![Event::ExhibitExpired])),
            one(-20, Some(4), Outcome::Refused(refusal())),
            one(-10, Some(4), Outcome::Malformed),
            one(0, Some(3), Outcome::Waits(Mark::Saved)),
        ]
    };
    let long = || {
        let reason = "金额和次数都已核实，".repeat(40);
        let dropped = Event::Dropped { by: fixture::person(2), reason };
        (0..30).map(|n| one(n, Some(2), Outcome::Events(vec![dropped.clone()]))).collect()
    };
    snap_all(
        "history-states",
        &[
            ("under way", &|| happened(None, full())),
            ("empty", &|| happened(Some(Vec::new()), full())),
            ("full", &|| happened(Some(some()), full())),
            ("longest", &|| happened(Some(long()), full())),
            ("offline", &|| happened(Some(some()), fixture::offline(full()))),
        ],
    );
}

#[test]
fn menu() {
    let steps = |me: u8, known: Snapshot, doc: u8, length: Length| {
        let reading = if doc == 10 { fixture::talk(length) } else { fixture::paper(length) };
        let mut model =
            opened(Snapshot { me: fixture::person(me), ..known }, at(1, doc), Some(reading));
        act(&mut model, &[Action::Steps]);
        model
    };
    let refused = || {
        let mut model = steps(4, full(), 11, Length::Usual);
        act(&mut model, &[Action::Last]);
        model
    };
    snap_all(
        "menu-states",
        &[
            ("talk", &|| steps(3, full(), 10, Length::Usual)),
            ("full", &|| steps(2, full(), 11, Length::Usual)),
            ("longest", &|| steps(2, fixture::snapshot(2, Length::Longest), 11, Length::Longest)),
            ("offline", &|| steps(2, fixture::offline(full()), 11, Length::Usual)),
            ("refused", &refused),
        ],
    );
}
