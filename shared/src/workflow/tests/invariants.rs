//! Random people ask for random things: whatever is decided, the invariants of domain §5.4
//! hold, and folding the same journal gives the same state.
use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;

use super::{
    super::{
        command::{AgreedAction, DisputeOutcome, ReviewOutcome, Sample, TriageOutcome, Urgency},
        event::{DeskStage, Meaning},
        finding::FindingStage,
        notice::NoticeStage,
        record::Fell,
        *,
    },
    bench::*,
};
use crate::model::{
    Body, ChangeHash, DocId, PersonId, SpaceId,
    evidence::{EvidenceClass, EvidenceKind},
    notice::PlannedMeasure,
    round::Role,
};

const PEOPLE: [PersonId; 11] = [ZHAO, QIAN, SUN, LI, ZHOU, WU, ZHENG, WANG, FENG, CHEN, NOBODY];
const TALK: DocId = doc(10);
const WP: DocId = doc(20);
const NT: DocId = doc(40);

/// A round in which something of everything has begun.
fn begun() -> Bench {
    let mut bench = Bench::new();
    for n in [1, 2] {
        bench.register(G3, SUN, contract(n));
    }
    bench.register(DESK, FENG, of_class(13, EvidenceKind::Photo, EvidenceClass::Act));
    bench.born(G3, LI, TALK, Body::Interview(talk()));
    bench.born(G3, SUN, WP, Body::Workpaper(paper()));
    bench.born(G3, SUN, NT, Body::Notice(notice(&[WP])));
    bench
}

/// Picks a record that is there.
fn pick(bench: &Bench, n: usize) -> (SpaceId, DocId) {
    let all: Vec<_> =
        bench.spaces.iter().flat_map(|(s, state)| state.records.keys().map(|d| (*s, *d))).collect();
    all[n % all.len()]
}

fn command(bench: &Bench, space: SpaceId, id: DocId, n: u8, m: u32) -> Command {
    let reason = || "理由".to_owned();
    let pin = || {
        if bench.docs.contains_key(&id) && bench.spaces[&space].records.contains_key(&id) {
            bench.pin(space, id)
        } else {
            Pin { heads: vec![], rendering: Default::default(), text: None }
        }
    };
    let record = &bench.spaces[&space].records[&id];
    let late = || record.late_waiting().map(|l| l.envelope).collect();
    let rendering =
        || record.matter.desk().map(|d| d.notice.edition.rendering_hash).unwrap_or_default();
    let two = || vec![PEOPLE[m as usize % 5], PEOPLE[(m as usize + 1) % 5]];
    match n % 28 {
        0 => Command::ConfirmInterview { pin: pin() },
        1 => Command::RecordReview {
            outcome: ReviewOutcome::Declined,
            corrections: vec![],
            on_paper: None,
        },
        2 => Command::CloseInterview,
        3 | 4 => Command::Sign { step: Step::Maker, pin: pin(), gate_override: Some(reason()) },
        5 => Command::Sign { step: Step::Deputy, pin: pin(), gate_override: None },
        6 => Command::Sign { step: Step::Leader, pin: pin(), gate_override: None },
        7 => Command::Return { notes: vec![command::FieldNote { field: None, text: reason() }] },
        8 => Command::AdoptLate { envelopes: late() },
        // A dropped paper ends much of a walk, so it is dropped seldom.
        9 if m > 8 => Command::RequestCheck,
        9 => Command::Drop { reason: reason() },
        10 => Command::ApproveFinding,
        11 => Command::ProposeNotice { pin: pin() },
        12 => Command::ApproveNotice,
        13 if m > 20 => Command::IssueNotice { due: EXIT },
        13 => Command::IssueNotice { due: date(2026, 5, 12 + (m % 17) as i8) },
        14 => Command::Acknowledge { rendering: rendering(), on_paper: None },
        15 => Command::Dispute { reason: reason() },
        16 => Command::DecideDispute { outcome: DisputeOutcome::Upheld, reason: reason() },
        17 => Command::SetPlan {
            measures: vec![PlannedMeasure {
                id: item(1),
                act: "取消复印要求".into(),
                owner: "刘某".into(),
                due: "2026-05-12".into(),
            }],
        },
        18 => Command::ReportMeasure {
            measure: item(1),
            evidence: if m > 20 { vec![ev(13)] } else { vec![] },
            note: String::new(),
        },
        19 => Command::RequestCheck,
        20 => Command::Check {
            checkers: two(),
            sample: Sample { passed: m % 3, of: 2 },
            evidence: vec![],
            notes: String::new(),
        },
        21 => Command::ExtendDeadline { due: date(2026, 5, 13 + (m % 17) as i8), reason: reason() },
        22 => Command::Triage { outcome: TriageOutcome::Convened },
        23 => Command::Conclude {
            characterisation: reason(),
            sufficiency: reason(),
            disposition: reason(),
            actions: vec![AgreedAction { who: reason(), what: reason(), due: None }],
        },
        24 if m > 8 => Command::RequestCheck,
        24 => Command::WithdrawFinding { reason: reason() },
        25 => Command::NameStandIn {
            space: G3,
            step: Step::Deputy,
            person: PEOPLE[m as usize % 5],
            from: bench.now,
            until: bench.now.plus_millis(86_400_000),
            reason: reason(),
        },
        27 => Command::AskStandIn { step: Step::Deputy, reason: reason() },
        _ => Command::Raise { title: reason(), question: reason(), urgency: Urgency::Urgent },
    }
}

/// Returns the command by which a task is done, as [`command`] counts them.
fn answer(record: &Record, kind: TaskKind, m: u32) -> u8 {
    match kind {
        TaskKind::Returned | TaskKind::SignAgain | TaskKind::SignMaker => match &record.matter {
            Matter::Interview(_) => 0,
            Matter::Notice(_) => 11,
            _ => 3,
        },
        TaskKind::ConfirmInterview => 0,
        TaskKind::RecordReview => 1,
        TaskKind::CloseInterview => 2,
        TaskKind::SignDeputy => 5,
        TaskKind::SignLeader => 6,
        TaskKind::ApproveFinding => 10,
        TaskKind::LateArrivals => 8,
        TaskKind::ApproveNotice => 12,
        TaskKind::IssueNotice => 13,
        TaskKind::Acknowledge => 14,
        TaskKind::SetPlan => 17,
        TaskKind::ReportMeasures => 18 + (m % 2) as u8,
        TaskKind::Check => 20,
        TaskKind::DecideDispute => 16,
        TaskKind::Triage => 22,
        TaskKind::NameStandIn => 25,
        TaskKind::AskStandIn => 27,
        _ => 23,
    }
}

/// Does what waits for someone, or begins something.
fn willing(bench: &mut Bench, (who, at, m): (usize, usize, u32)) {
    let who = PEOPLE[who % PEOPLE.len()];
    if m % 16 == 5 && at < 16 {
        let _ = bench.write(G3, who, [TALK, WP, NT][at % 3], edit("cause"));
        return;
    }
    let tasks: Vec<_> = bench
        .spaces
        .iter()
        .flat_map(|(space, state)| {
            waiting_for(state, who, bench.now).into_iter().map(|task| (*space, task))
        })
        .collect();
    let (space, id, n) = match tasks.get(at % (tasks.len() + 1)) {
        Some((space, task)) => {
            (*space, task.doc, answer(bench.record_of(*space, task.doc), task.kind, m))
        }
        None => [(G3, TALK, 0), (G3, WP, 3), (G3, NT, 11)][at % 3],
    };
    let asked = command(bench, space, id, n, m);
    let _ = bench.try_as(space, person(who), id, asked);
}

fn step(bench: &mut Bench, (who, at, n, m): (usize, usize, u8, u32)) {
    bench.now = bench.now.plus_millis(i64::from(m % 4) * 1_800_000);
    if n >= 60 {
        return willing(bench, (who, at, m));
    }
    let (space, id) = pick(bench, at);
    match n % 31 {
        30 => {
            let _ = bench.write(space, PEOPLE[who % PEOPLE.len()], id, edit("cause"));
        }
        28 => {
            let free = bench.record_of(space, id).standing().is_none();
            if let Some(reading) = bench.docs.get_mut(&id).filter(|_| free) {
                reading.heads = vec![ChangeHash([m as u8; 32])];
            }
        }
        29 => {
            bench.timers();
        }
        n => {
            let asked = command(bench, space, id, n, m);
            let id = if n == 26 { doc(100 + (m % 3) as u8) } else { id };
            let before = bench.spaces.clone();
            if bench.try_as(space, person(PEOPLE[who % PEOPLE.len()]), id, asked).is_err() {
                assert!(before == bench.spaces, "a refusal changes nothing");
            }
        }
    }
}

fn check(bench: &Bench) {
    for (space, state) in &bench.spaces {
        for record in state.records.values() {
            for version in &record.versions {
                // I1: no signature covers content other than its hash.
                assert_eq!(rendering_digest(&version.text), version.rendering);
                let step = |s| version.signers(Meaning::Step(s)).collect::<Vec<_>>();
                if !step(Step::Deputy).is_empty() {
                    assert!(step(Step::Maker).len() >= 2);
                }
                assert!(step(Step::Leader).is_empty() || !step(Step::Deputy).is_empty());
            }
            // I2: nobody reviews their own work, in whatever version of the record.
            let mut taken = BTreeSet::new();
            for signature in record.versions.iter().flat_map(|v| &v.signatures) {
                taken.insert((signature.person, signature.meaning));
            }
            let people: BTreeSet<_> = taken.iter().map(|(person, _)| person).collect();
            assert_eq!(taken.len(), people.len(), "nobody takes two steps");
            if let Some(desk) = record.matter.desk() {
                desk_holds(state, desk);
            }
            if let Some(notice) = record.matter.notice()
                && notice.stage == NoticeStage::Issued
            {
                // I4: issued, so someone with authority approved.
                assert_eq!(notice.approved.map(|(_, role, _)| role), Some(Role::Delegate));
            }
            if let Some(finding) = record.matter.finding() {
                // I10: every finding has a next holder or is terminal.
                let over = finding.stage == FindingStage::Withdrawn;
                assert_eq!(next_holder(record) == Holder::Nobody, over);
            }
        }
        assert!(state.info.as_ref().is_none_or(|i| i.id == *space));
    }
}

fn desk_holds(state: &SpaceState, desk: &super::super::notice::DeskState) {
    if desk.stage == DeskStage::Done {
        // I3: closed, so there is a review by two of the group, and at least one act.
        let last = desk.checks.last().expect("a check");
        assert!(last.done && last.checkers.len() >= 2);
        let shown = desk.measures.iter().flat_map(|m| &m.reports).flat_map(|r| &r.evidence);
        let act = |id| state.evidence[id].evidence.class == EvidenceClass::Act;
        assert!(shown.chain(&last.evidence).any(act));
    }
    // I9: the original day is always visible.
    assert_eq!(desk.original_due(), desk.notice.due);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_the_invariants_hold(
        steps in prop::collection::vec((0..64usize, 0..64usize, any::<u8>(), 0..64u32), 0..240)
    ) {
        let mut bench = begun();
        for one in steps {
            step(&mut bench, one);
            check(&bench);
        }
        // Folding the same journal gives the same states.
        let mut again = std::collections::BTreeMap::<SpaceId, SpaceState>::new();
        for (space, meta, event) in &bench.journal {
            fold(again.entry(*space).or_default(), meta, event);
        }
        prop_assert!(again == bench.spaces);
    }
}

/// A random walk is no proof of anything if it never gets anywhere.
#[test]
fn random_walks_reach_every_end() {
    let mut reached = BTreeSet::new();
    let mut seed = 7u64;
    let mut next = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    for _ in 0..30 {
        let mut bench = begun();
        for _ in 0..800 {
            step(
                &mut bench,
                (next(64) as usize, next(64) as usize, next(256) as u8, next(64) as u32),
            );
        }
        check(&bench);
        let records = bench.spaces.values().flat_map(|s| s.records.values());
        for record in records {
            if record.versions.iter().any(|v| matches!(v.fell, Some(Fell::Amended { .. }))) {
                reached.insert("amended");
            }
            match &record.matter {
                Matter::Interview(i) if i.closed.is_some() => reached.insert("interview closed"),
                Matter::Finding(_) => reached.insert("finding"),
                Matter::Desk(d) => reached.insert(d.stage.name()),
                Matter::Consultation(c) => reached.insert(c.stage.name()),
                _ => false,
            };
        }
    }
    for end in ["interview closed", "amended", "finding", "done", "concluded"] {
        assert!(reached.contains(end), "{end} not in {reached:?}");
    }
}
