//! Screens on the way: keys go in, and what is seen and asked for comes out.
use shared::{doc::Edit, workflow::Step};

use super::{
    en, screen,
    sheets::{self, act, focus},
    zh,
};
use crate::{
    app::{
        Effect, Failure, Message, Model, News, Snapshot, Tab,
        fixture::{self, Length, at},
        offer::Deed,
        update,
        verb::Verb,
    },
    editor::Ambiguous,
    input::{Action, Context},
};

fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    update(model, Message::Text(text.into()))
}

fn known(me: u8) -> Snapshot {
    fixture::snapshot(me, Length::Usual)
}

/// Opens a record as the laptop would.
fn opened(me: u8, (space, doc): (u8, u8), reading: shared::model::Reading) -> Model {
    sheets::opened(known(me), at(space, doc), Some(reading))
}

fn see(model: &mut Model) -> String {
    screen(model, &zh(), 80, 24)
}

#[test]
fn unlocking() {
    let mut model = fixture::model(known(3));
    model.phase = crate::app::Phase::Locked(Default::default());
    let empty = see(&mut model);
    typed(&mut model, "correct horse");
    let full = see(&mut model);
    assert!(!full.contains("horse"), "a passphrase is never shown");
    let effects = act(&mut model, &[Action::Enter]);
    assert!(matches!(effects.as_slice(), [Effect::Unlock(p)] if p.as_str() == "correct horse"));
    update(&mut model, Message::Clock(fixture::NOW.plus_millis(2_500)));
    let busy = see(&mut model);
    update(&mut model, Message::Laptop(News::Failed(Failure::WrongPassphrase)));
    let refused = see(&mut model);
    let english = screen(&mut model, &en(), 80, 24);
    let wide = screen(&mut model, &zh(), 120, 40);
    let all = [empty, full, busy, refused, english, wide].join("\n========\n");
    insta::assert_snapshot!("unlock", all);
    update(&mut model, Message::Laptop(News::Snapshot(Box::new(known(3)))));
    assert_eq!(model.context(), Context::List);
}

#[test]
fn a_note_is_written_key_by_key_and_follows_others() {
    let mut model = opened(3, (1, 10), fixture::talk(Length::Usual));
    focus(&mut model, "note");
    act(&mut model, &[Action::Enter]);
    assert_eq!(model.context(), Context::Text);
    let effects = typed(&mut model, "对。");
    let Some(Effect::Edit { edits, edits_made: 1, .. }) = effects.first() else {
        panic!("{effects:?}")
    };
    let expected = Edit::SpliceText {
        field: shared::model::FieldPath::top("note"),
        at: 24,
        delete: 0,
        insert: "对。".into(),
    };
    assert_eq!(edits.as_slice(), [expected]);
    // Somebody else writes above, and the laptop has merged both.
    let mut merged = fixture::talk(Length::Usual);
    if let shared::model::Body::Interview(talk) = &mut merged.body {
        talk.note = format!("记录人李某。{}对。", talk.note);
    }
    let news = |edits| News::Reading {
        at: at(1, 10),
        reading: Box::new(merged.clone()),
        authors: Default::default(),
        edits,
    };
    update(&mut model, Message::Laptop(news(1)));
    insta::assert_snapshot!("writing-a-note", see(&mut model));
    // Leaving the field loses nothing.
    act(&mut model, &[Action::Back]);
    assert_eq!(model.context(), Context::Sheet);
}

#[test]
fn a_line_is_written_when_it_is_left() {
    let mut model = opened(3, (1, 11), fixture::paper(Length::Usual));
    focus(&mut model, "amount_fen");
    act(&mut model, &[Action::Enter]);
    for _ in 0..12 {
        act(&mut model, &[Action::Backspace]);
    }
    typed(&mut model, "约十万");
    act(&mut model, &[Action::Back]);
    assert_eq!(model.context(), Context::Line, "what is no amount stays in the field");
    assert!(see(&mut model).contains("金额写法不对"), "and that is said");
    for _ in 0..3 {
        act(&mut model, &[Action::Backspace]);
    }
    typed(&mut model, "11.4万");
    let effects = act(&mut model, &[Action::Enter]);
    let Some(Effect::Edit { edits, .. }) = effects.first() else { panic!("{effects:?}") };
    let value = shared::model::Value::Int(11_400_000);
    let field = shared::model::FieldPath::top("amount_fen");
    assert_eq!(edits.as_slice(), [Edit::SetField { field, value }]);
}

#[test]
fn a_statement_is_added_with_its_tag() {
    let mut model = opened(3, (1, 10), fixture::talk(Length::Usual));
    focus(&mut model, "statements");
    act(&mut model, &[Action::AddItem, Action::Right]);
    let choosing = see(&mut model);
    act(&mut model, &[Action::NextField]);
    typed(&mut model, "听说合同是补签的。");
    // Left by mistake, and opened again: the text is there.
    act(&mut model, &[Action::Back, Action::AddItem]);
    let writing = see(&mut model);
    insta::assert_snapshot!("adding-a-statement", [choosing, writing].join("\n========\n"));
    let effects = act(&mut model, &[Action::NextField, Action::Enter]);
    let Some(Effect::Edit { edits, .. }) = effects.first() else { panic!("{effects:?}") };
    assert!(matches!(edits.as_slice(), [Edit::AddItem { fields, .. }] if fields.len() == 2));
}

#[test]
fn steps_are_offered_with_the_reason_for_which_they_are_refused() {
    let mut model = opened(2, (1, 11), fixture::paper(Length::Usual));
    act(&mut model, &[Action::Steps]);
    let menu = see(&mut model);
    let english = screen(&mut model, &en(), 80, 24);
    act(&mut model, &[Action::Enter]);
    let resolving = see(&mut model);
    insta::assert_snapshot!("steps", [menu, english, resolving].join("\n========\n"));
    act(&mut model, &[Action::NextField]);
    typed(&mut model, "金额和次数都已核实");
    let effects = act(&mut model, &[Action::NextField, Action::Enter]);
    assert!(matches!(effects.as_slice(), [Effect::Ask { .. }]), "{effects:?}");
}

#[test]
fn a_returned_paper_is_signed_again_only_over_its_gate() {
    let mut model = opened(3, (1, 11), {
        let mut paper = fixture::paper(Length::Usual);
        paper.conflicts.clear();
        paper
    });
    act(&mut model, &[Action::Steps, Action::Enter]);
    assert_eq!(model.context(), Context::DialogText);
    let before = see(&mut model);
    let effects = act(&mut model, &[Action::NextField, Action::Enter]);
    assert!(effects.is_empty(), "the gate is red, and no reason was given");
    let after = see(&mut model);
    insta::assert_snapshot!("gate-refuses", [before, after].join("\n========\n"));
}

#[test]
fn what_waits_for_a_person_is_the_first_step_of_the_menu() {
    // Two makers have signed. A deputy who took the makers' step could not review any more.
    let mut known = known(2);
    known.spaces[0].state.records.get_mut(&fixture::doc(13)).unwrap().late.clear();
    let mut paper = fixture::paper(Length::Usual);
    paper.conflicts.clear();
    let mut model = sheets::opened(known, at(1, 13), Some(paper));
    act(&mut model, &[Action::Steps]);
    let menu = model.desk().unwrap().menu.as_ref().unwrap();
    assert_eq!(menu.offers[0].deed, Deed::Step(Verb::Sign(Step::Deputy)), "{:?}", menu.offers);
}

#[test]
fn a_refused_signature_asks_for_its_reason_and_says_still_what_is_missing() {
    let mut model = opened(3, (1, 11), {
        let mut paper = fixture::paper(Length::Usual);
        paper.conflicts.clear();
        paper
    });
    act(&mut model, &[Action::Steps, Action::Enter, Action::NextField, Action::Enter]);
    assert_eq!(model.context(), Context::DialogText, "the cursor is where the reason goes");
    let seen = see(&mut model);
    assert!(seen.contains("缺 ") && seen.contains("- "), "{seen}");
    typed(&mut model, "现场先行固定");
    for (width, height) in [(80, 24), (80, 20), (80, 18), (60, 16)] {
        let seen = screen(&mut model, &zh(), width, height);
        assert!(seen.contains("现场先行固定"), "{width}x{height}\n{seen}");
    }
    act(&mut model, &[Action::Back, Action::Steps, Action::Enter]);
    let seen = see(&mut model);
    assert!(seen.contains("填写的内容还在") && seen.contains("现场先行固定"), "{seen}");
}

#[test]
fn the_cursor_stays_on_its_record_when_rows_come() {
    let mut model = fixture::model(known(3));
    model.desk_mut().unwrap().tab = Tab::Workpapers;
    act(&mut model, &[Action::Down]);
    let on = model.desk().unwrap().place();
    let mut fewer = known(3);
    let first = model.desk().unwrap().rows()[0].at;
    fewer.spaces[0].state.records.remove(&first.doc);
    fewer.spaces[0].lines.remove(&first.doc);
    update(&mut model, Message::Laptop(News::Snapshot(Box::new(fewer))));
    assert_eq!(model.desk().unwrap().place(), on);
    update(&mut model, Message::Laptop(News::Snapshot(Box::new(known(3)))));
    assert_eq!(model.desk().unwrap().place(), on);
}

#[test]
fn coming_back_to_a_consultation_says_what_was_missed() {
    let mut model = opened(2, (3, 31), fixture::session(Length::Usual));
    let gone = fixture::offline(known(2));
    update(&mut model, Message::Laptop(News::Snapshot(Box::new(gone))));
    let later = fixture::NOW.plus_millis(6 * 60_000);
    let mut back = known(2);
    back.now = later;
    update(&mut model, Message::Laptop(News::Snapshot(Box::new(back))));
    let mut session = fixture::session(Length::Usual);
    if let shared::model::Body::Consultation(c) = &mut session.body {
        let more = c.positions.clone();
        c.positions.extend(more.into_iter().enumerate().map(|(i, mut p)| {
            p.id = fixture::item(60 + u8::try_from(i).unwrap());
            p
        }));
    }
    let news = News::Reading {
        at: at(3, 31),
        reading: Box::new(session),
        authors: Default::default(),
        edits: 0,
    };
    update(&mut model, Message::Laptop(news));
    let seen = screen(&mut model, &zh(), 120, 40);
    assert!(seen.contains("您离开了 6 分钟：新增 2 条意见"), "{seen}");
}

#[test]
fn what_is_signed_is_not_written_over() {
    let mut model = opened(3, (1, 13), fixture::paper(Length::Usual));
    focus(&mut model, "cause");
    act(&mut model, &[Action::Enter]);
    assert_eq!(model.context(), Context::Sheet);
    assert!(see(&mut model).contains("不能改：已签字"));
}

#[test]
fn a_full_disk_is_said_before_leaving() {
    let mut full = known(3);
    full.link.not_saved = 4;
    let mut model = fixture::model(full);
    let seen = see(&mut model);
    assert!(seen.contains("4 处改动仅在内存"), "{seen}");
    assert!(act(&mut model, &[Action::Quit]).is_empty());
    assert!(matches!(act(&mut model, &[Action::Quit]).as_slice(), [Effect::Quit]));
}

#[test]
fn a_laptop_nobody_uses_locks_by_itself() {
    const MINUTE: i64 = 60_000;
    let clock = |model: &mut Model, minutes| {
        let now = fixture::NOW.plus_millis(minutes * MINUTE);
        update(model, Message::Clock(now))
    };
    let mut model = opened(3, (1, 10), fixture::talk(Length::Usual));
    focus(&mut model, "place");
    act(&mut model, &[Action::Enter]);
    typed(&mut model, "三号");
    assert!(clock(&mut model, 9).is_empty());
    typed(&mut model, "楼");
    assert!(clock(&mut model, 18).is_empty(), "nine minutes after the last key");
    // What stands in a field is written before the lock.
    let effects = clock(&mut model, 19);
    let locks = [effects.first(), effects.last()];
    assert!(matches!(locks, [Some(Effect::Edit { .. }), Some(Effect::Lock)]), "{effects:?}");
    assert!(clock(&mut model, 20).is_empty(), "it is asked once");

    let mut model = fixture::model(known(3));
    model.desk_mut().unwrap().known.link.not_saved = 4;
    assert!(clock(&mut model, 60).is_empty(), "changes are in memory only");
    let mut model = opened(3, (1, 10), fixture::talk(Length::Usual));
    focus(&mut model, "statements");
    act(&mut model, &[Action::AddItem, Action::NextField]);
    typed(&mut model, "听说合同是补签的。");
    assert!(clock(&mut model, 60).is_empty(), "nobody's words are thrown away");
}

#[test]
fn lists_are_narrowed_by_typing() {
    let mut model = fixture::model(known(3));
    act(&mut model, &[Action::Screen(3), Action::Filter]);
    typed(&mut model, "公车");
    let some = see(&mut model);
    typed(&mut model, "没有");
    let none = see(&mut model);
    insta::assert_snapshot!("filter", [some, none].join("\n========\n"));
    act(&mut model, &[Action::Back]);
    assert!(model.desk().unwrap().rows().len() > 1);
}

#[test]
fn a_notice_on_the_desk_is_one_row() {
    use crate::app::{Tab, list::rows};
    use shared::workflow::Matter;
    let number = |rows: Vec<crate::app::list::Row>| {
        rows.into_iter().map(|r| (r.at.space, r.at.doc)).collect::<Vec<_>>()
    };
    let mut known = known(1);
    let draft = (fixture::space(1), fixture::doc(14));
    let desk = (fixture::space(2), fixture::doc(40));
    assert_eq!(number(rows(&known, Tab::Notices, "")), [draft, desk], "two matters");
    // The desk's is the very notice that was issued here.
    for record in known.spaces[1].state.records.values_mut() {
        if let Matter::Desk(state) = &mut record.matter {
            state.notice.edition.source = fixture::doc(14);
        }
    }
    assert_eq!(number(rows(&known, Tab::Notices, "")), [desk]);
    // Whoever has no desk here sees it where it was written.
    known.spaces.remove(1);
    assert_eq!(number(rows(&known, Tab::Notices, "")), [draft]);
}

#[test]
fn help_names_every_key() {
    let mut model = fixture::model(known(3));
    act(&mut model, &[Action::Help]);
    let first = see(&mut model);
    act(&mut model, &[Action::PageDown]);
    let next = screen(&mut model, &en(), 80, 24);
    insta::assert_snapshot!("help", [first, next].join("\n========\n"));
}

#[test]
fn a_terminal_with_wide_marks_gets_plain_ones() {
    let mut model = fixture::model(fixture::snapshot(3, Length::Longest));
    model.ambiguous = Ambiguous::Wide;
    act(&mut model, &[Action::Screen(3)]);
    let seen = see(&mut model);
    assert!(!seen.contains(['…', '─', '│']), "{seen}");
}

#[test]
fn a_file_is_attached_and_what_was_filled_in_survives_a_failure() {
    use crate::app::{
        Said,
        dialog::{Found, Label, Looked},
        offer::Deed,
        verb::Verb,
    };
    let mut model = opened(3, (1, 11), fixture::paper(Length::Usual));
    act(&mut model, &[Action::Steps]);
    let menu = model.desk_mut().unwrap().menu.as_mut().unwrap();
    let wanted = Deed::Step(Verb::RegisterEvidence);
    menu.selected = menu.offers.iter().position(|o| o.deed == wanted).unwrap();
    act(&mut model, &[Action::Enter]);
    let looked = typed(&mut model, "/媒介/合");
    assert!(matches!(looked.as_slice(), [Effect::Look { path }] if path == "/媒介/合"));
    let names = vec!["合同.pdf".to_owned()];
    let found = Found::Names { completed: "/媒介/合同.pdf".into(), names, all: 1 };
    let news = |path: &str, found| News::Looked(Looked { path: path.into(), found });
    update(&mut model, Message::Laptop(news("/媒介/合", found)));
    assert!(see(&mut model).contains("合同.pdf"), "what could be meant is shown");
    // Right goes on as a shell would.
    let looked = act(&mut model, &[Action::Right]);
    assert!(matches!(looked.as_slice(), [Effect::Look { path }] if path == "/媒介/合同.pdf"));
    let file = Found::File(3_565_158);
    update(&mut model, Message::Laptop(news("/媒介/合同.pdf", file)));
    let sized = see(&mut model);
    assert!(sized.contains("3.3 MB") && sized.contains("合同.pdf"), "{sized}");
    let fill = |model: &mut Model, label: Label, text: &str| {
        let dialog = model.desk_mut().unwrap().dialog.as_mut().unwrap();
        dialog.focus = dialog.fields.iter().position(|f| f.label == label).unwrap();
        typed(model, text);
    };
    fill(&mut model, Label::Origin, "甲局财务科");
    let dialog = model.desk_mut().unwrap().dialog.as_mut().unwrap();
    dialog.focus = dialog.fields.iter().position(|f| f.label == Label::ObtainedBy).unwrap();
    act(&mut model, &[Action::Down, Action::Toggle]);
    let button = |model: &mut Model| {
        let dialog = model.desk_mut().unwrap().dialog.as_mut().unwrap();
        dialog.focus = dialog.fields.len();
        act(model, &[Action::Enter])
    };
    let effects = button(&mut model);
    let [Effect::Attach { evidence, file, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((evidence.name.as_str(), file.as_str()), ("合同.pdf", "/媒介/合同.pdf"));
    assert_eq!(evidence.obtained_by.len(), 2);
    // The stick was drawn out too early.
    update(&mut model, Message::Laptop(News::Failed(Failure::NoFile)));
    let again = see(&mut model);
    assert!(again.contains("没有这个文件"), "{again}");
    assert!(matches!(button(&mut model).as_slice(), [Effect::Attach { .. }]), "nothing is lost");
    let said = Said::Attached { name: "合同.pdf".into(), size: 3_565_158 };
    update(&mut model, Message::Laptop(News::Said(said)));
    assert_eq!(model.context(), Context::Sheet);
    assert!(see(&mut model).contains("已密封并登记：合同.pdf（3.3 MB）"));
}

#[test]
fn a_paper_that_shows_another_version_is_refused() {
    use crate::app::{
        dialog::{Dialog, Intent, Label},
        verb::{self, OnPaper, Verb},
    };
    use shared::workflow::{Command, Pin};
    let mut known = known(3);
    let text = "个别谈话记录";
    let rendering = shared::workflow::rendering_digest(text);
    let pin = Pin { heads: Vec::new(), rendering, text: Some(text.into()) };
    fixture::confirmed(&mut known.spaces[0], 10, &[3, 4], &pin);
    let mut model = sheets::opened(known, at(1, 10), Some(fixture::talk(Length::Usual)));
    let verb = Verb::Paper(OnPaper::Review);
    let desk = model.desk_mut().unwrap();
    let fields = verb::fields(verb, &desk.about(at(1, 10)).unwrap());
    desk.dialog = Some(Dialog::new(Intent::Ask(at(1, 10), verb), fields));
    let sign = |model: &mut Model, digits: &str, witnesses: &[Action]| {
        let dialog = model.desk_mut().unwrap().dialog.as_mut().unwrap();
        let place = |label| dialog.fields.iter().position(|f| f.label == label).unwrap();
        let (printed, seen) = (place(Label::Printed), place(Label::Witnesses));
        let field = crate::app::dialog::FormField::line(Label::Printed, digits);
        dialog.fields[printed] = field;
        dialog.focus = seen;
        act(model, witnesses);
        let dialog = model.desk_mut().unwrap().dialog.as_mut().unwrap();
        dialog.focus = dialog.fields.len();
        act(model, &[Action::Enter])
    };
    let two = [Action::Toggle, Action::Down, Action::Toggle];
    assert!(sign(&mut model, "0123", &two).is_empty());
    assert!(see(&mut model).contains("12 位"), "too few digits are no version");
    assert!(sign(&mut model, "0123 4567 89ab", &[]).is_empty());
    assert!(see(&mut model).contains("纸上签的不是现行版本"));
    let right = &rendering.to_string()[..12];
    let effects = sign(&mut model, right, &[]);
    let [Effect::Ask { command, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let Command::RecordReview { on_paper: Some(paper), .. } = command.as_ref() else {
        panic!("{command:?}")
    };
    assert_eq!((paper.rendering, paper.witnesses.len()), (rendering, 2));
}

#[test]
fn a_dialogue_left_with_text_comes_back_with_what_there_is_to_choose_now() {
    use crate::app::{
        dialog::{Input, Label},
        offer::Deed,
        verb::Verb,
    };
    let mut model = opened(3, (1, 10), fixture::talk(Length::Usual));
    let begin = |model: &mut Model| {
        act(model, &[Action::Steps]);
        let menu = model.desk_mut().unwrap().menu.as_mut().unwrap();
        let wanted = Deed::Step(Verb::RegisterEvidence);
        menu.selected = menu.offers.iter().position(|o| o.deed == wanted).unwrap();
        act(model, &[Action::Enter]);
    };
    begin(&mut model);
    act(&mut model, &[Action::NextField]);
    typed(&mut model, "合同");
    act(&mut model, &[Action::Back]);
    // Somebody joined the group meanwhile.
    let joined = fixture::person(6);
    let members = &mut model.desk_mut().unwrap().known.spaces[0].state.members;
    let mut zheng = members[&fixture::person(5)].clone();
    zheng.person = joined;
    zheng.name = "郑某".into();
    members.insert(joined, zheng);
    begin(&mut model);
    let dialog = model.desk().unwrap().dialog.as_ref().unwrap();
    assert_eq!(dialog.fields[1].value(), "合同");
    let people = dialog.fields.iter().find(|f| f.label == Label::ObtainedBy).unwrap();
    let Input::Ticks { options, .. } = &people.input else { panic!("{people:?}") };
    assert!(options.iter().any(|o| o.value == joined.to_string()));
}

#[test]
fn a_hit_is_opened_and_left_again() {
    use crate::app::Hit;
    let mut model = fixture::model(known(3));
    act(&mut model, &[Action::Search]);
    typed(&mut model, "招");
    let effects = typed(&mut model, "标");
    assert!(matches!(effects.as_slice(), [Effect::Search { text }] if text == "招标"));
    let hits = |text: &str| News::Hits {
        text: text.into(),
        hits: vec![Hit {
            at: at(1, 11),
            number: String::new(),
            title: "甲局".into(),
            excerpt: "招标".into(),
        }],
    };
    update(&mut model, Message::Laptop(hits("招")));
    assert!(act(&mut model, &[Action::Enter]).is_empty(), "that is not what is sought now");
    update(&mut model, Message::Laptop(hits("招标")));
    let effects = act(&mut model, &[Action::Enter]);
    assert!(matches!(effects.as_slice(), [Effect::Open(p), ..] if *p == at(1, 11)));
    act(&mut model, &[Action::Back]);
    assert_eq!(model.context(), Context::Search, "the other hits are still there");
    act(&mut model, &[Action::Back]);
    assert_eq!(model.context(), Context::List);
}

#[test]
fn whoever_calls_a_session_begins_its_text() {
    use crate::app::{
        dialog::{Dialog, Intent},
        verb::{self, Verb},
    };
    use shared::workflow::{Matter, consultation::ConsultationStage};
    let mut known = known(20);
    let session = known.spaces[1].state.records.get_mut(&fixture::doc(31)).unwrap();
    session.text = None;
    let Matter::Consultation(state) = &mut session.matter else { panic!("{session:?}") };
    (state.stage, state.triage) = (ConsultationStage::Raised, None);
    let mut model = sheets::opened(known, at(3, 31), None);
    let desk = model.desk_mut().unwrap();
    let fields = verb::fields(Verb::Triage, &desk.about(at(3, 31)).unwrap());
    let mut dialog = Dialog::new(Intent::Ask(at(3, 31), Verb::Triage), fields);
    dialog.focus = dialog.fields.len();
    desk.dialog = Some(dialog);
    let effects = act(&mut model, &[Action::Enter]);
    let [Effect::BeginText { at: begun, .. }, Effect::Ask { .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(*begun, at(3, 31));
}

#[test]
fn a_training_rounds_clock_runs_on_where_it_stands() {
    let far = fixture::NOW.plus_millis(200 * 24 * 3_600_000);
    let mut model = fixture::model(known(3));
    model.now = far;
    update(&mut model, Message::Clock(far.plus_millis(1_000)));
    assert_eq!(model.desk().unwrap().known.now, fixture::NOW.plus_millis(1_000));
    // Somebody set the laptop's own clock back.
    update(&mut model, Message::Clock(far.plus_millis(-60_000)));
    assert_eq!(model.desk().unwrap().known.now, fixture::NOW.plus_millis(1_000));
}

#[test]
fn at_a_units_desk_its_own_people_hand_things_in() {
    use crate::app::{
        dialog::{Input, Label},
        verb::{self, Verb},
    };
    let mut known = known(31);
    known.me = fixture::person(31);
    let mut model = sheets::opened(known, at(2, 40), None);
    let desk = model.desk_mut().unwrap();
    let fields = verb::fields(Verb::RegisterEvidence, &desk.about(at(2, 40)).unwrap());
    let by = fields.iter().find(|f| f.label == Label::ObtainedBy).unwrap();
    let Input::Ticks { options, .. } = &by.input else { panic!("{by:?}") };
    assert!(options.iter().any(|o| o.value == fixture::person(31).to_string()));
    assert_eq!(by.ticked(), [fixture::person(31).to_string()], "whoever hands it in");
}
