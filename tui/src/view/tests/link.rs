//! The link in words: text only, what the server would not store, a long file on its way.
use super::{matrix, screen, sheets, sheets::act, zh};
use crate::{
    app::{
        Effect, Failure, Message, Model, News, Said, Snapshot, Tab,
        data::{Fetching, NotTaken},
        dialog::FormField,
        fixture::{self, Length, at},
        offer::Deed,
        update,
    },
    input::{Action, Context},
};

fn known() -> Snapshot {
    fixture::snapshot(3, Length::Usual)
}

fn on_sync(known: Snapshot) -> Model {
    let mut model = fixture::model(known);
    model.desk_mut().unwrap().tab = Tab::Sync;
    model
}

fn see(model: &mut Model) -> String {
    screen(model, &zh(), 80, 24)
}

#[test]
fn only_text_travels_while_the_switch_is_on_and_the_screen_says_so() {
    let mut model = on_sync(known());
    assert!(!see(&mut model).contains("只传文字："));
    let effects = act(&mut model, &[Action::TextOnly]);
    assert!(matches!(effects.as_slice(), [Effect::TextOnly(true)]), "{effects:?}");
    assert!(see(&mut model).contains("只传文字："));
    let effects = act(&mut model, &[Action::TextOnly]);
    assert!(matches!(effects.as_slice(), [Effect::TextOnly(false)]), "{effects:?}");
    // Only where its state is seen.
    act(&mut model, &[Action::Screen(1)]);
    assert!(act(&mut model, &[Action::TextOnly]).is_empty());
}

#[test]
fn what_the_server_would_not_store_is_said_with_what_to_do() {
    let held_up = |full| {
        let mut known = known();
        known.link.not_taken = Some(NotTaken { full, at: fixture::NOW, envelopes: 7 });
        known.link.text_only = full;
        known.link.fetching = (!full).then(|| fetching(70_000_000));
        on_sync(known)
    };
    matrix::snap_all(
        "sync-not-taken",
        &[("quota", &|| held_up(false)), ("full", &|| held_up(true))],
    );
}

fn fetching(got: u64) -> Fetching {
    let evidence = shared::model::EvidenceId::from_bytes([2; 16]);
    Fetching { evidence, name: "张某谈话录音".into(), got, of: 190_000_000 }
}

/// Asks for a file that is not here; the laptop begins to fetch it.
fn waiting(known: Snapshot) -> Model {
    let mut model = sheets::opened(known, at(1, 11), Some(fixture::paper(Length::Usual)));
    act(&mut model, &[Action::Steps]);
    let menu = model.desk_mut().unwrap().menu.as_mut().unwrap();
    menu.selected = menu.offers.iter().position(|o| o.deed == Deed::SaveFile).unwrap();
    act(&mut model, &[Action::Enter]);
    let dialog = model.desk_mut().unwrap().dialog.as_mut().unwrap();
    let label = dialog.fields[1].label;
    dialog.fields[1] = FormField::line(label, "录音.m4a");
    dialog.focus = dialog.fields.len();
    let effects = act(&mut model, &[Action::Enter]);
    assert!(matches!(effects.as_slice(), [Effect::SaveFile { .. }]), "{effects:?}");
    update(&mut model, Message::Laptop(News::Fetching(Some(fetching(0)))));
    model
}

fn offline(text_only: bool) -> Model {
    let mut known = if text_only { known() } else { fixture::offline(known()) };
    known.link.text_only = text_only;
    waiting(known)
}

#[test]
fn a_long_file_is_waited_for_with_its_progress_or_in_the_background() {
    matrix::snap_all(
        "fetching",
        &[
            ("begun", &|| waiting(known())),
            ("on", &|| {
                let mut model = waiting(known());
                let now = News::Fetching(Some(fetching(70_000_000)));
                update(&mut model, Message::Laptop(now));
                model
            }),
            ("offline", &|| offline(false)),
            ("text-only", &|| offline(true)),
            ("cut", &|| {
                let mut model = waiting(known());
                let failure = Failure::FetchCut {
                    name: "张某谈话录音".into(),
                    why: "timed out".into(),
                };
                update(&mut model, Message::Laptop(News::Failed(failure)));
                model
            }),
        ],
    );
    let mut model = waiting(known());
    let now = News::Fetching(Some(fetching(70_000_000)));
    update(&mut model, Message::Laptop(now));
    assert!(see(&mut model).contains("66.7 MB / 181.1 MB（36%）"));
    assert!(act(&mut model, &[Action::Back]).is_empty(), "it goes on");
    assert_eq!(model.context(), Context::Sheet);
    assert!(see(&mut model).contains("转到后台"));
    act(&mut model, &[Action::Back]);
    model.desk_mut().unwrap().tab = Tab::Sync;
    assert!(see(&mut model).contains("正在取回 张某谈话录音"));
    update(&mut model, Message::Laptop(News::Said(Said::Written("录音.m4a".into()))));
    update(&mut model, Message::Laptop(News::Fetching(None)));
    let seen = see(&mut model);
    assert!(seen.contains("录音.m4a") && !seen.contains("正在取回"), "{seen}");
}

#[test]
fn what_is_fetched_is_given_up_or_ends_the_waiting() {
    let mut model = waiting(known());
    let effects = act(&mut model, &[Action::Enter]);
    assert!(matches!(effects.as_slice(), [Effect::StopFetch(_)]), "{effects:?}");
    update(&mut model, Message::Laptop(News::Fetching(None)));
    let stopped = Said::FetchStopped("张某谈话录音".into());
    update(&mut model, Message::Laptop(News::Said(stopped)));
    assert_eq!(model.context(), Context::Sheet);
    assert!(see(&mut model).contains("已取消"));
    // While somebody waits, the end of it closes the dialogue.
    let mut model = waiting(known());
    update(&mut model, Message::Laptop(News::Said(Said::Written("录音.m4a".into()))));
    assert_eq!(model.context(), Context::Sheet);
}

#[test]
fn hundredths_never_pass_the_whole() {
    assert_eq!(fetching(0).percent(), 0);
    assert_eq!(fetching(190_000_000).percent(), 100);
    assert_eq!(Fetching { of: 0, ..fetching(5) }.percent(), 0);
}
