//! Every dialogue: with nothing to choose from, as usual, with the longest values, without a
//! link and refused; each in the three ways in which screens are drawn.
use shared::{
    model::{DocKind, Reading, round::Role},
    workflow::{Refusal, Step},
};

use super::{matrix, sheets};
use crate::app::{
    Desk, Model, Snapshot, Tab,
    dialog::{Dialog, Found, Input, Intent, Label, Looked, Problem},
    fixture::{self, Length, at},
    verb::{self, OnPaper, Verb},
};

/// A record: whose laptop, where, and what its document says.
type Of = (u8, (u8, u8), Option<fn(Length) -> Reading>);

const TALK: Of = (3, (1, 10), Some(fixture::talk));
const PAPER: Of = (2, (1, 11), Some(fixture::paper));
const LATE: Of = (2, (1, 13), Some(fixture::paper));
const NOTICE: Of = (1, (1, 14), Some(fixture::notice));
const QUESTION: Of = (1, (1, 15), None);
const FINDING: Of = (1, (1, 16), None);
const DESK: Of = (1, (2, 40), None);
const SESSION: Of = (2, (3, 31), Some(fixture::session));
const EDITION: Of = (20, (9, 50), None);

/// Every step a person can take, and the record it is taken on here.
const STEPS: &[(&str, Verb, Of)] = &[
    ("confirm-interview", Verb::ConfirmInterview, TALK),
    ("record-review", Verb::RecordReview, TALK),
    ("paper-review", Verb::Paper(OnPaper::Review), TALK),
    ("close-interview", Verb::CloseInterview, TALK),
    ("cancel-interview", Verb::CancelInterview, TALK),
    ("register-evidence", Verb::RegisterEvidence, TALK),
    ("sign-maker", Verb::Sign(Step::Maker), PAPER),
    ("sign-deputy", Verb::Sign(Step::Deputy), PAPER),
    ("sign-leader", Verb::Sign(Step::Leader), PAPER),
    ("return", Verb::Return, PAPER),
    ("resolve", Verb::Resolve, PAPER),
    ("grant-exhibit", Verb::GrantExhibit, PAPER),
    ("drop", Verb::Drop, PAPER),
    ("adopt-late", Verb::AdoptLate, LATE),
    ("decline-late", Verb::DeclineLate, LATE),
    ("approve-finding", Verb::ApproveFinding, FINDING),
    ("withdraw-finding", Verb::WithdrawFinding, FINDING),
    ("propose-notice", Verb::ProposeNotice, NOTICE),
    ("approve-notice", Verb::ApproveNotice, EDITION),
    ("issue-notice", Verb::IssueNotice, NOTICE),
    ("comment", Verb::Comment, EDITION),
    ("acknowledge", Verb::Acknowledge, DESK),
    ("paper-acknowledgement", Verb::Paper(OnPaper::Acknowledgement), DESK),
    ("paper-reply", Verb::Paper(OnPaper::Reply), DESK),
    ("dispute", Verb::Dispute, DESK),
    ("decide-dispute", Verb::DecideDispute, DESK),
    ("set-plan", Verb::SetPlan, DESK),
    ("report-measure", Verb::ReportMeasure, DESK),
    ("request-check", Verb::RequestCheck, DESK),
    ("check", Verb::Check, DESK),
    ("extend-deadline", Verb::ExtendDeadline, DESK),
    ("raise", Verb::Raise, PAPER),
    ("triage", Verb::Triage, SESSION),
    ("invite", Verb::Invite, SESSION),
    ("revoke-exhibit", Verb::RevokeExhibit, QUESTION),
    ("conclude", Verb::Conclude, SESSION),
    ("dissent", Verb::Dissent, SESSION),
    ("sign-minutes", Verb::SignMinutes, SESSION),
    ("action-done", Verb::ActionDone, SESSION),
    ("close-consultation", Verb::CloseConsultation, SESSION),
];

/// Fills every field as far as it goes.
fn fill(dialog: &mut Dialog) {
    for field in &mut dialog.fields {
        match &mut field.input {
            Input::Line(e) | Input::Text(e) => {
                e.insert_str(&"服务大厅要求办事群众提交2024年已取消的复印件。".repeat(12), 0);
            }
            Input::Pick { options, at } => *at = options.len().saturating_sub(1),
            Input::Ticks { on, .. } => on.fill(true),
        }
    }
}

fn refuse(dialog: &mut Dialog) {
    let needs = vec![Role::GroupLeader, Role::DeputyLeader];
    dialog.problem = Some(Problem::Refused(Refusal::NotAllowed { needs }));
}

/// Draws a dialogue in every state. `make` opens it on a laptop that knows so much.
fn all(name: &str, me: u8, make: impl Fn(Snapshot, Length) -> Model) {
    let changed = |known, length, change: fn(&mut Dialog)| {
        let mut model = make(known, length);
        let dialog = model.desk_mut().unwrap().dialog.as_mut();
        change(dialog.unwrap_or_else(|| panic!("{name} is not open")));
        model
    };
    let full = || fixture::snapshot(me, Length::Usual);
    let bare = |mut known: Snapshot| {
        for space in &mut known.spaces {
            space.state.evidence.clear();
            space.state.members.clear();
        }
        known
    };
    let longest = || fixture::snapshot(me, Length::Longest);
    matrix::snap_all(
        &format!("dialog-{name}"),
        &[
            ("empty", &|| make(bare(full()), Length::Usual)),
            ("full", &|| make(full(), Length::Usual)),
            ("longest", &|| changed(longest(), Length::Longest, fill)),
            ("offline", &|| make(fixture::offline(full()), Length::Usual)),
            ("refused", &|| changed(full(), Length::Usual, refuse)),
        ],
    );
}

#[test]
fn every_step() {
    for (name, verb, (me, (space, doc), reading)) in STEPS {
        all(name, *me, |known, length| {
            let reading = reading.map(|make| make(length));
            let mut model = sheets::opened(known, at(*space, *doc), reading);
            let desk = model.desk_mut().unwrap();
            let place = desk.place().unwrap();
            let fields = verb::fields(*verb, &desk.about(place).unwrap());
            desk.dialog = Some(Dialog::new(Intent::Ask(place, *verb), fields));
            model
        });
    }
}

#[test]
fn every_kind_of_record_is_begun() {
    for (name, tab, kind) in [
        ("begin-interview", Tab::Interviews, DocKind::Interview),
        ("begin-workpaper", Tab::Workpapers, DocKind::Workpaper),
        ("begin-notice", Tab::Notices, DocKind::Notice),
    ] {
        all(name, 1, |known, _| {
            let space = known.spaces[0].id;
            let mut desk = Desk::new(known.clone());
            desk.tab = tab;
            let mut model = fixture::model(known);
            model.phase = crate::app::Phase::Open(Box::new(desk));
            sheets::act(&mut model, &[crate::input::Action::New]);
            let desk = model.desk_mut().unwrap();
            // Without members nobody may begin: the dialogue is what somebody left open.
            let empty = || Dialog::new(Intent::Begin(space, kind), Vec::new());
            desk.dialog.get_or_insert_with(empty);
            model
        });
    }
}

#[test]
fn every_field_is_changed() {
    use crate::input::Action::{AddItem, Enter, RemoveItem};
    for (name, (me, (space, doc), reading), path, action) in [
        ("add-statement", TALK, "statements", AddItem),
        ("add-fact", PAPER, "facts", AddItem),
        ("add-criterion", PAPER, "criteria", AddItem),
        ("add-label", PAPER, "themes", AddItem),
        ("add-evidence", PAPER, "evidence", AddItem),
        ("add-position", SESSION, "positions", AddItem),
        ("add-action", SESSION, "actions", AddItem),
        ("remove-member", PAPER, "themes", RemoveItem),
        ("choose", PAPER, "severity", Enter),
    ] {
        all(name, me, |known, length| {
            let members = known.spaces.iter().map(|s| s.state.members.clone()).collect::<Vec<_>>();
            let mut whole = fixture::snapshot(me, length);
            whole.link.clone_from(&known.link);
            let mut reading = reading.map(|make| make(length)).unwrap();
            reading.conflicts.clear();
            let mut model = sheets::opened(whole, at(space, doc), Some(reading));
            sheets::focus(&mut model, path);
            sheets::act(&mut model, &[action]);
            // What there is to choose from is asked where nobody is left.
            if members.iter().all(|m| m.is_empty())
                && let Some(dialog) = model.desk_mut().unwrap().dialog.as_mut()
            {
                for field in &mut dialog.fields {
                    if let Input::Pick { options, .. } = &mut field.input {
                        options.clear();
                    }
                }
            }
            model
        });
    }
}

#[test]
fn every_file() {
    for (name, label, intent) in [
        ("export", Label::File, Intent::Export),
        ("import", Label::File, Intent::Import),
        ("print", Label::SaveAs, Intent::Print(at(1, 11))),
    ] {
        all(name, 2, |known, _| {
            let mut model = sheets::opened(known, at(1, 11), Some(fixture::paper(Length::Usual)));
            let field = crate::app::dialog::FormField::line(label, "底稿.docx");
            let mut dialog = Dialog::new(intent.clone(), vec![field]);
            let found = Found::Names {
                completed: "底稿.docx".into(),
                names: vec!["底稿.docx".into(), "底稿附件/".into()],
                all: 9,
            };
            dialog.looked = Some(Looked { path: "底稿.docx".into(), found });
            model.desk_mut().unwrap().dialog = Some(dialog);
            model
        });
    }
    all("save-file", 2, |known, _| {
        use crate::{app::offer::Deed, input::Action};
        let mut model = sheets::opened(
            fixture::snapshot(2, Length::Usual),
            at(1, 11),
            Some(fixture::paper(Length::Usual)),
        );
        sheets::act(&mut model, &[Action::Steps]);
        let menu = model.desk_mut().unwrap().menu.as_mut().unwrap();
        menu.selected = menu.offers.iter().position(|o| o.deed == Deed::SaveFile).unwrap();
        sheets::act(&mut model, &[Action::Enter]);
        model.desk_mut().unwrap().known.link = known.link.clone();
        model
    });
}
