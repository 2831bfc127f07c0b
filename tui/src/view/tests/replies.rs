//! The unit's reply on paper: two members enter it with the scan of what was signed.
use shared::{
    model::evidence::{Evidence, EvidenceKind},
    workflow::{Command, DocEvent, EntryMeta, Event, Matter, event::DeskStage, fold},
};

use super::{matrix, screen, sheets, sheets::act, zh};
use crate::{
    app::{
        Effect, Model, Snapshot,
        dialog::{Dialog, FormField, Intent, Label},
        fixture::{self, Length, at, say},
        verb::{self, OnPaper, Verb},
    },
    input::Action,
};

const REPLY: Verb = Verb::Paper(OnPaper::Reply);

/// A laptop of the group, with the scan and a photograph registered at the desk.
fn known() -> Snapshot {
    let mut known = fixture::snapshot(3, Length::Usual);
    let scan = known.spaces[0].state.evidence.values().find(|r| r.evidence.name == "张某核对签名");
    let scan = Evidence { name: "甲局整改回复".into(), ..scan.unwrap().evidence.clone() };
    let mut photo = Evidence { name: "新版办事指南照片".into(), ..scan.clone() };
    photo.id = shared::model::EvidenceId::from_bytes([7; 16]);
    photo.kind = EvidenceKind::Photo;
    photo.class = shared::model::evidence::EvidenceClass::Act;
    for (evidence, number) in [(scan, "2026R2-JIA-EV-001"), (photo, "2026R2-JIA-EV-002")] {
        let by = fixture::person(3);
        let event = Event::EvidenceRegistered { evidence, number: number.into(), by };
        say(&mut known.spaces[1], Some(fixture::doc(40)), event);
    }
    known
}

fn opened(known: Snapshot) -> Model {
    let mut model = sheets::opened(known, at(2, 40), None);
    let desk = model.desk_mut().unwrap();
    let fields = verb::fields(REPLY, &desk.about(at(2, 40)).unwrap());
    desk.dialog = Some(Dialog::new(Intent::Ask(at(2, 40), REPLY), fields));
    model
}

fn fields(model: &mut Model) -> &mut Vec<FormField> {
    &mut model.desk_mut().unwrap().dialog.as_mut().unwrap().fields
}

/// Writes a line in the `row`-th field of a label.
fn write(model: &mut Model, label: Label, row: usize, text: &str) {
    let field = fields(model).iter_mut().filter(|f| f.label == label).nth(row).unwrap();
    *field = FormField { optional: field.optional, ..FormField::line(label, text) };
}

fn tick(model: &mut Model, label: Label, row: usize, ticked: &[usize]) {
    let field = fields(model).iter_mut().filter(|f| f.label == label).nth(row).unwrap();
    let crate::app::dialog::Input::Ticks { on, .. } = &mut field.input else { panic!("{field:?}") };
    ticked.iter().for_each(|n| on[*n] = true);
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let dialog = model.desk_mut().unwrap().dialog.as_mut().unwrap();
    dialog.focus = dialog.fields.len();
    act(model, &[Action::Enter])
}

#[test]
fn two_members_enter_a_reply_with_its_scan() {
    let mut model = opened(known());
    let desk = |known: &Snapshot| {
        let record = known.spaces[1].state.record(fixture::doc(40)).unwrap();
        let Matter::Desk(desk) = &record.matter else { panic!("{record:?}") };
        desk.clone()
    };
    let rendering = desk(&model.desk().unwrap().known).notice.edition.rendering_hash;
    tick(&mut model, Label::Witnesses, 0, &[0, 1]);
    write(&mut model, Label::Printed, 0, "0123456789ab");
    write(&mut model, Label::Note, 1, "办事指南已修改");
    assert!(accept(&mut model).is_empty());
    let seen = screen(&mut model, &zh(), 80, 24);
    assert!(seen.contains("纸上签的不是现行版本"), "{seen}");
    write(&mut model, Label::Printed, 0, &rendering.to_string()[..12]);
    write(&mut model, Label::Note, 1, "");
    assert!(accept(&mut model).is_empty(), "the paper says nothing");
    write(&mut model, Label::Note, 1, "办事指南已修改");
    tick(&mut model, Label::Evidence, 1, &[0]);
    let effects = accept(&mut model);
    let [Effect::Ask { command, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let Command::ReplyOnPaper { on_paper, measures, reports, check } = command.as_ref() else {
        panic!("{command:?}")
    };
    assert_eq!((on_paper.rendering, on_paper.witnesses.len()), (rendering, 2));
    assert!(measures.is_empty() && !check);
    let [report] = reports.as_slice() else { panic!("{reports:?}") };
    assert_eq!((report.measure, report.evidence.len()), (fixture::item(42), 1));

    // What is recorded is marked as recorded on paper, with those who saw it.
    let mut known = known();
    let event = Event::ReplyRecorded { by: fixture::person(3), on_paper: on_paper.clone() };
    let view = &mut known.spaces[1];
    let meta = EntryMeta { pos: 99, at: fixture::NOW, envelope: None, by: None };
    fold(&mut view.state, &meta, &DocEvent { doc: Some(fixture::doc(40)), event });
    assert_eq!(desk(&known).replies.len(), 1);
    let seen = screen(&mut sheets::opened(known, at(2, 40), None), &zh(), 120, 40);
    let line = seen.lines().find(|l| l.contains("整改回复")).unwrap();
    assert!(line.contains("纸质"), "{line}");
}

#[test]
fn a_first_reply_brings_the_plan() {
    let first = || {
        let mut known = known();
        for record in known.spaces[1].state.records.values_mut() {
            if let Matter::Desk(desk) = &mut record.matter {
                desk.stage = DeskStage::Received;
                desk.measures.clear();
            }
        }
        opened(known)
    };
    matrix::snap_all("reply-on-paper", &[("plan", &first), ("report", &|| opened(known()))]);
    let mut model = first();
    let record = model.desk().unwrap().known.spaces[1].state.record(fixture::doc(40)).unwrap();
    let rendering = record.matter.desk().unwrap().notice.edition.rendering_hash;
    tick(&mut model, Label::Witnesses, 0, &[0, 1]);
    write(&mut model, Label::Printed, 0, &rendering.to_string()[..12]);
    assert!(accept(&mut model).is_empty(), "a plan has a measure");
    write(&mut model, Label::Measure, 0, "取消复印要求");
    write(&mut model, Label::Owner, 0, "刘某");
    write(&mut model, Label::Due, 0, "2026-05-15");
    let effects = accept(&mut model);
    let [Effect::Ask { command, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let Command::ReplyOnPaper { measures, reports, check, .. } = command.as_ref() else {
        panic!("{command:?}")
    };
    assert!(reports.is_empty() && !check);
    assert_eq!((measures.len(), &measures[0].owner[..]), (1, "刘某"));
}
