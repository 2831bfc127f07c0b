//! Invented data for tests of screens: a group at 甲局, with records at every stage.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use shared::{
    model::{
        Body, ChangeHash, Conflict, ConflictValue, DeviceId, Digest, DocId, DocKind, EngagementId,
        EvidenceId, FieldPath, GroupId, ItemId, PersonId, Reading, RoundId, SpaceId, Timestamp,
        UnitId, Value,
        consultation::{ConsultationReading, Position},
        edition::Edition,
        evidence::{Evidence, EvidenceClass, EvidenceKind, FileKey, FileRef},
        finding::Finding,
        interview::{InterviewReading, Interviewee, Statement, StatementTag},
        notice::{NoticeReading, PlannedMeasure},
        round::Role,
        workpaper::{Criterion, Fact, Severity, WorkpaperReading},
    },
    workflow::{
        AsideReason, Command, DocEvent, EntryMeta, Event, Pin, Refusal, SpaceInfo, SpaceKind,
        SpaceState, Step,
        calendar::Calendar,
        command::{FieldNote, Guest, TriageOutcome, Urgency},
        event::{
            DeskNotice, DeviceHeard, EngagementInfo, GroupInfo, Links, Meaning, RoundInfo, UnitInfo,
        },
        fold, rendering_digest,
        rule_pack::{RulePack, SHIPPED_CALENDAR, SHIPPED_PACK},
        stand_in::StandInWanted,
    },
};

use super::data::{
    Amount, Answer, DocLine, FilesLeft, LateChange, LateWhat, Link, Place, Present, Progress,
    RequestLine, Snapshot, SpaceView, Trouble,
};
use crate::{
    app::{Desk, Model, Phase},
    editor::Ambiguous,
};

/// 2026-05-12 10:40 in 某市.
pub(crate) const NOW: Timestamp = Timestamp(1_778_553_600_000);

pub(crate) fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

pub(crate) fn doc(n: u8) -> DocId {
    DocId::from_bytes([n; 16])
}

pub(crate) fn space(n: u8) -> SpaceId {
    SpaceId::from_bytes([n; 16])
}

pub(crate) fn item(n: u8) -> ItemId {
    ItemId::from_bytes([n; 16])
}

fn evidence(n: u8) -> EvidenceId {
    EvidenceId::from_bytes([100 + n; 16])
}

/// How long every text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// As people write.
    Usual,
    /// As long as a field allows.
    Longest,
}

impl Length {
    fn text(self, text: &str) -> String {
        match self {
            Self::Usual => text.to_owned(),
            Self::Longest => text.repeat(200 / text.chars().count().max(1) + 1),
        }
    }

    fn name(self, text: &str) -> String {
        match self {
            Self::Usual => text.to_owned(),
            Self::Longest => format!("{text}·阿卜杜热合曼·买买提依明江"),
        }
    }
}

/// Folds events, each in an entry of its own, a minute apart.
struct Folding {
    state: SpaceState,
    pos: u64,
}

impl Folding {
    fn new() -> Self {
        Self { state: SpaceState::default(), pos: 0 }
    }

    fn event(&mut self, doc: Option<DocId>, event: Event) {
        self.pos += 1;
        let at = Timestamp(NOW.0 - 2 * 3_600_000 + i64::try_from(self.pos).unwrap() * 60_000);
        let meta = EntryMeta { pos: self.pos, at, envelope: None, by: None };
        fold(&mut self.state, &meta, &DocEvent { doc, event });
    }

    fn open(&mut self, info: SpaceInfo, members: &[(u8, &str, Role)], length: Length) {
        self.event(None, Event::SpaceOpened(info));
        for (n, name, role) in members {
            self.event(
                None,
                Event::MemberSet {
                    person: person(*n),
                    name: length.name(name),
                    post: "干部".into(),
                    roles: vec![*role],
                    from: Timestamp(0),
                    until: None,
                },
            );
        }
        let pack = Box::new(RulePack::parse(SHIPPED_PACK).unwrap());
        self.event(None, Event::RulePackSet { pack });
        let calendar = Box::new(Calendar::parse(SHIPPED_CALENDAR).unwrap());
        self.event(None, Event::CalendarSet { calendar });
    }

    fn begin(&mut self, n: u8, kind: DocKind, by: u8, number: &str) {
        let provisional = Some(number.to_owned());
        self.event(Some(doc(n)), Event::RecordOpened { kind, by: person(by), provisional });
    }

    fn sign(&mut self, n: u8, by: u8, meaning: Meaning) {
        let pin = Pin {
            heads: vec![ChangeHash([n; 32])],
            rendering: rendering_digest("底稿"),
            text: Some("底稿".into()),
        };
        let event =
            Event::Signed { by: person(by), meaning, pin, stand_in: None, gate_override: None };
        self.event(Some(doc(n)), event);
    }
}

/// Records that interviewers confirmed a talk.
pub(crate) fn confirmed(view: &mut SpaceView, n: u8, by: &[u8], pin: &Pin) {
    let interviewers = by.iter().map(|n| person(*n)).collect();
    let fixed = Event::StatementsFixed { statements: Vec::new(), interviewers };
    let signed = by.iter().map(|by| Event::Signed {
        by: person(*by),
        meaning: Meaning::Interviewer,
        pin: pin.clone(),
        stand_in: None,
        gate_override: None,
    });
    for event in std::iter::once(fixed).chain(signed) {
        say(view, Some(doc(n)), event);
    }
}

/// Records an event after all others.
pub(crate) fn say(view: &mut SpaceView, doc: Option<DocId>, event: Event) {
    let (pos, at) = (view.state.pos + 1, view.state.at);
    let meta = EntryMeta { pos, at, envelope: None, by: None };
    fold(&mut view.state, &meta, &DocEvent { doc, event });
}

/// A paper that its makers have signed, the deputy among them: nobody may review it.
pub(crate) const UNREVIEWED: u8 = 17;
/// The group's request for a stand-in, before the office.
pub(crate) const REQUEST: u8 = 52;

/// The same laptop, where the deputy has signed a paper as one of its makers.
pub(crate) fn unreviewed(mut known: Snapshot) -> Snapshot {
    let view = &mut known.spaces[0];
    let provisional = Some("2026R2-G3-WP-~B7KF".to_owned());
    let by = person(3);
    let opened = Event::RecordOpened { kind: DocKind::Workpaper, by, provisional };
    say(view, Some(doc(UNREVIEWED)), opened);
    for by in [3, 2] {
        signed(view, by, Step::Maker, None);
    }
    let title = "接待费超标准报销".to_owned();
    let line = DocLine { kind: DocKind::Workpaper, title, conflicts: 0, items: 1 };
    view.lines.insert(doc(UNREVIEWED), line);
    known
}

/// Has somebody sign that paper.
pub(crate) fn signed(view: &mut SpaceView, by: u8, step: Step, stand_in: Option<&str>) {
    let pin = Pin {
        heads: vec![ChangeHash([11; 32])],
        rendering: rendering_digest("底稿"),
        text: Some("底稿".into()),
    };
    let event = Event::Signed {
        by: person(by),
        meaning: Meaning::Step(step),
        pin,
        stand_in: stand_in.map(str::to_owned),
        gate_override: None,
    };
    say(view, Some(doc(UNREVIEWED)), event);
}

/// What the group's request tells the office.
pub(crate) fn stand_in_wanted() -> Event {
    let people = GROUP.iter().filter(|(n, ..)| ![2, 3].contains(n));
    let people = people.map(|(n, name, role)| Guest {
        person: person(*n),
        name: (*name).into(),
        post: "干部".into(),
        roles: vec![*role],
    });
    let wanted = StandInWanted {
        space: space(1),
        stay: "第三组·甲局".into(),
        group: "G3".into(),
        paper: doc(UNREVIEWED),
        number: "2026R2-G3-WP-~B7KF".into(),
        step: Step::Deputy,
        people: people.collect(),
        by: person(3),
        name: "孙某".into(),
        reason: "副组长为承办人".into(),
    };
    Event::StandInWanted { wanted }
}

/// The office's answer to it: 周某, until the end of the stay.
pub(crate) fn stand_in_named() -> Event {
    Event::StandInNamed {
        step: Step::Deputy,
        person: person(5),
        from: Timestamp(0),
        until: Timestamp(NOW.0 + 8 * 24 * 3_600_000),
        reason: "副组长为承办人".into(),
        by: person(20),
    }
}

fn info(n: u8, kind: SpaceKind, title: &str) -> SpaceInfo {
    let date = |d: &str| d.parse().unwrap();
    SpaceInfo {
        id: space(n),
        kind,
        title: title.into(),
        round: Some(RoundInfo {
            id: RoundId::from_bytes([1; 16]),
            code: "2026R2".into(),
            training: true,
        }),
        prefix: "2026R2-G3".into(),
        group: Some(GroupInfo {
            id: GroupId::from_bytes([3; 16]),
            code: "G3".into(),
            name: "第三组".into(),
        }),
        unit: Some(UnitInfo {
            id: UnitId::from_bytes([1; 16]),
            code: "JIA".into(),
            name: "甲局".into(),
        }),
        engagement: Some(EngagementInfo {
            id: EngagementId::from_bytes([1; 16]),
            entry_on: date("2026-04-20"),
            exit_on: date("2026-05-29"),
        }),
        links: Links {
            office: Some(space(9)),
            group: None,
            desk: Some(space(2)),
            engagements: Vec::new(),
        },
        office_people: vec![Guest {
            person: person(20),
            name: "吴某".into(),
            post: "主任".into(),
            roles: vec![Role::OfficeDirector],
        }],
    }
}

const GROUP: &[(u8, &str, Role)] = &[
    (1, "赵某", Role::GroupLeader),
    (2, "钱某", Role::DeputyLeader),
    (3, "孙某", Role::Member),
    (4, "李某", Role::Member),
    (5, "周某", Role::Member),
];

/// A talk with statements of every kind.
pub(crate) fn talk(length: Length) -> Reading {
    let said = [
        (StatementTag::Procedural, "已说明谈话目的，宣读保密要求。"),
        (StatementTag::Fact, "去年三次宣传品采购都由我经手，合同金额分别为4.1万、3.9万、3.6万元。"),
        (StatementTag::Hearsay, "听科里人说供应商是局里介绍来的。"),
        (StatementTag::Opinion, "我觉得分三次做更方便。"),
        (StatementTag::Pointer, "合同和发票在财务科档案柜第二层。"),
    ];
    let statements = said
        .into_iter()
        .enumerate()
        .map(|(i, (tag, text))| Statement {
            id: item(u8::try_from(i).unwrap() + 1),
            tag: Some(tag),
            text: length.text(text),
            who: "张某".into(),
            what: String::new(),
            when: String::new(),
            place: String::new(),
            how_known: String::new(),
            refs: Vec::new(),
            actor: "aa".into(),
            removed: (i == 3).then(|| "重复".to_owned()),
        })
        .collect();
    let body = InterviewReading {
        interviewee: Interviewee {
            name: length.name("张某"),
            post: "财务科科长".into(),
            section: "甲局财务科".into(),
        },
        interviewers: vec![person(3), person(4)],
        place: "甲局二楼会议室".into(),
        started: "2026-05-12 09:00".into(),
        ended: String::new(),
        outline: "O-财务-03".into(),
        notice_read: true,
        purpose: "了解宣传品采购情况".into(),
        note: length.text("问：三次采购是谁定的？答：科里商量后报分管局长。"),
        statements,
    };
    reading(10, Body::Interview(body), Vec::new())
}

fn reading(n: u8, body: Body, conflicts: Vec<Conflict>) -> Reading {
    Reading { heads: vec![ChangeHash([n; 32])], schema: 1, body, conflicts, removed: Vec::new() }
}

/// A workpaper in which two people differ on the severity.
pub(crate) fn paper(length: Length) -> Reading {
    let body = WorkpaperReading {
        title: length.text("甲局2025年三次拆分采购宣传品规避招标"),
        source: vec!["个别谈话".into()],
        condition: length.text("2025年3月至6月，甲局分三次采购宣传品，合计11.6万元。"),
        criteria: vec![Criterion {
            id: item(21),
            instrument: length.text("某市采购限额办法"),
            article: "第九条".into(),
            version: String::new(),
            removed: None,
        }],
        cause: "内控制度未要求合并计算。".into(),
        effect: length.text("规避公开招标，采购价格偏高。"),
        facts: vec![Fact {
            id: item(22),
            text: length.text("三次采购为同一供应商"),
            evidence: Vec::new(),
            statements: Vec::new(),
            removed: None,
        }],
        responsible: "甲局财务科".into(),
        party: "某文化公司".into(),
        when: "2025年3月至6月".into(),
        place: "甲局".into(),
        method: "查阅合同、个别谈话".into(),
        amount_fen: Some(11_600_000),
        exculpatory: String::new(),
        extent_check: String::new(),
        communication: String::new(),
        severity: Some(Severity::High),
        characterisation: "规避招标".into(),
        themes: vec!["采购".into()],
        evidence: vec![evidence(1)],
    };
    let value = |op: &str, name: &str, actor: &str| ConflictValue {
        op: op.into(),
        value: Value::Text(name.into()),
        actor: actor.into(),
        change: ChangeHash([7; 32]),
    };
    let conflict = Conflict {
        field: FieldPath::top("severity"),
        values: vec![value("1@aa", "high", "aa"), value("1@bb", "medium", "bb")],
    };
    reading(11, Body::Workpaper(body), vec![conflict])
}

/// A consultation with two positions.
pub(crate) fn session(length: Length) -> Reading {
    let position = |n: u8, text: &str| Position {
        id: item(n),
        person: Some(person(n)),
        text: length.text(text),
        actor: "aa".into(),
        removed: None,
    };
    let body = ConsultationReading {
        title: length.text("拆分采购如何定性"),
        question: length.text("是违规采购，还是以权谋私？"),
        positions: vec![
            position(2, "属规避招标；无证据证明谋私。"),
            position(3, "建议调取银行流水后再定。"),
        ],
        rules: "某市采购限额办法第九条".into(),
        characterisation: "规避招标".into(),
        ..Default::default()
    };
    reading(31, Body::Consultation(body), Vec::new())
}

/// A document that was just begun: nothing is filled in.
pub(crate) fn blank(kind: DocKind) -> Reading {
    let body = match kind {
        DocKind::Interview => Body::Interview(InterviewReading::default()),
        DocKind::Workpaper => Body::Workpaper(WorkpaperReading::default()),
        DocKind::Consultation => Body::Consultation(ConsultationReading::default()),
        DocKind::Notice => Body::Notice(NoticeReading::default()),
    };
    reading(BEGUN, body, Vec::new())
}

/// A document of which the rules know nothing yet.
pub(crate) const BEGUN: u8 = 70;

/// A notice being written.
pub(crate) fn notice(length: Length) -> Reading {
    let body = NoticeReading {
        title: length.text("服务大厅仍要求提交已取消的复印件"),
        matter: length.text("服务大厅要求办事群众提交2024年已取消的复印件。"),
        rule_breached: "某市证明事项清理目录（2024年）".into(),
        request: length.text("立即取消复印要求，修改办事指南，培训窗口人员。"),
        contact: "孙某".into(),
        workpapers: vec![doc(12)],
    };
    reading(14, Body::Notice(body), Vec::new())
}

fn engagement(length: Length) -> SpaceView {
    let mut f = Folding::new();
    f.open(info(1, SpaceKind::Engagement, "第三组·甲局"), GROUP, length);
    let item = Evidence {
        id: evidence(1),
        name: length.text("宣传品采购合同"),
        kind: EvidenceKind::Document,
        class: EvidenceClass::Base,
        origin: "甲局财务科".into(),
        obtained_by: vec![person(3)],
        obtained_on: "2026-05-11".into(),
        original_kept_at: "财务科档案柜".into(),
        conclusive: false,
        size: 0,
        content: None,
        file: None,
    };
    let number = "2026R2-G3-EV-001".to_owned();
    let scan = Evidence {
        id: evidence(2),
        name: length.text("张某核对签名"),
        kind: EvidenceKind::Scan,
        obtained_by: vec![person(3), person(4)],
        size: 3_400_000,
        content: Some(Digest([2; 32])),
        file: Some(FileRef {
            address: Digest([2; 32]),
            key: FileKey::from_bytes([2; 32]),
            len: 3_400_000,
            chunk: 16,
            content: Digest([2; 32]),
            sealed: Digest([2; 32]),
        }),
        ..item.clone()
    };
    f.begin(10, DocKind::Interview, 4, "2026R2-G3-IN-~B7KA");
    f.begin(11, DocKind::Workpaper, 3, "2026R2-G3-WP-~B7KB");
    let registered = Event::EvidenceRegistered { evidence: item, number, by: person(3) };
    f.event(Some(doc(11)), registered);
    let number = "2026R2-G3-EV-002".to_owned();
    f.event(Some(doc(10)), Event::EvidenceRegistered { evidence: scan, number, by: person(3) });
    f.begin(12, DocKind::Workpaper, 3, "2026R2-G3-WP-~B7KC");
    f.sign(12, 3, Meaning::Step(Step::Maker));
    f.sign(12, 4, Meaning::Step(Step::Maker));
    let note = FieldNote {
        field: Some(FieldPath::top("when")),
        text: length.text("请核实时间，合同日期与谈话不一致。"),
    };
    f.event(Some(doc(12)), Event::Returned { by: person(2), notes: vec![note] });
    f.begin(13, DocKind::Workpaper, 3, "2026R2-G3-WP-~B7KD");
    f.sign(13, 3, Meaning::Step(Step::Maker));
    f.sign(13, 4, Meaning::Step(Step::Maker));
    f.event(
        Some(doc(13)),
        Event::ContentAside {
            envelope: Digest([5; 32]),
            by: person(5),
            reason: AsideReason::Late,
            rests_on: Vec::new(),
            birth: None,
        },
    );
    f.begin(14, DocKind::Notice, 1, "2026R2-G3-NT-~B7KE");
    let finding = Finding {
        id: doc(16),
        workpapers: vec![doc(13)],
        title: length.text("公车使用登记不全"),
        severity: Some(Severity::Low),
        characterisation: "管理不严".into(),
    };
    f.event(Some(doc(16)), Event::FindingOpened { finding });
    f.event(
        Some(doc(15)),
        Event::QuestionRaised {
            by: person(1),
            title: length.text("拆分采购如何定性"),
            question: length.text("是违规采购，还是以权谋私？"),
            urgency: Urgency::Urgent,
            space: space(3),
            consultation: doc(31),
        },
    );
    let mut view = SpaceView::new(space(1), f.state);
    let line = |kind, title: &str, conflicts, items| DocLine {
        kind,
        title: length.text(title),
        conflicts,
        items,
    };
    view.lines.insert(doc(10), line(DocKind::Interview, "张某", 0, 5));
    view.lines.insert(doc(11), line(DocKind::Workpaper, "甲局2025年三次拆分采购宣传品", 1, 1));
    view.lines.insert(doc(12), line(DocKind::Workpaper, "服务大厅违规要求复印件", 0, 2));
    view.lines.insert(doc(13), line(DocKind::Workpaper, "公车使用登记不全", 0, 2));
    view.lines.insert(doc(14), line(DocKind::Notice, "服务大厅仍要求提交复印件", 0, 1));
    view.progress.insert(doc(10), Progress { saved: 4, received: 2, decided: 2 });
    view.progress.insert(doc(11), Progress { saved: 3, received: 3, decided: 1 });
    view.progress.insert(doc(13), Progress { saved: 5, received: 5, decided: 5 });
    let to = Value::Text(length.text("2025年3月至7月公车使用登记缺12次。"));
    let late = LateChange { field: FieldPath::top("condition"), what: LateWhat::Now(to) };
    view.late.insert(Digest([5; 32]), vec![late]);
    view.present = vec![Present { person: person(4), doc: doc(10), field: "note".into() }];
    view
}

fn desk(length: Length) -> SpaceView {
    let mut f = Folding::new();
    let members: Vec<_> = GROUP
        .iter()
        .copied()
        .chain([(30, "王某", Role::UnitHead), (31, "冯某", Role::Liaison)])
        .collect();
    f.open(info(2, SpaceKind::UnitDesk, "甲局整改台"), &members, length);
    let text = format!(
        "立行立改通知单\n编号：2026R2-G3-NT-~B7KE\n被巡察单位：甲局\n事项：{}\n发现问题：{}\n",
        length.text("服务大厅仍要求提交复印件"),
        length.text("服务大厅要求办事群众提交已取消的复印件。")
    );
    let edition = Edition {
        id: doc(40),
        source_space: space(1),
        source: doc(16),
        kind: DocKind::Notice,
        number: "2026R2-G3-NT-003".into(),
        group: "G3".into(),
        rendering_hash: rendering_digest(&text),
        rendering: text,
        reading: None,
        masked: false,
    };
    let hash = edition.rendering_hash;
    let placed = DeskNotice {
        edition,
        number: "2026R2-G3-NT-003".into(),
        engagement: EngagementId::from_bytes([1; 16]),
        exit_on: "2026-05-29".parse().unwrap(),
        due: "2026-05-29".parse().unwrap(),
        severity: Some(Severity::Medium),
        issued_by: person(1),
    };
    f.event(Some(doc(40)), Event::NoticePlaced(placed));
    f.event(Some(doc(40)), Event::Acknowledged { by: person(30), rendering: hash, on_paper: None });
    let measure = |n: u8, act: &str, owner: &str, due: &str| {
        let planned = PlannedMeasure {
            id: item(n),
            act: length.text(act),
            owner: length.name(owner),
            due: due.into(),
        };
        (planned, format!("2026R2-G3-MS-00{}", n - 40))
    };
    let measures = vec![
        measure(41, "取消复印要求", "刘某", "2026-05-15"),
        measure(42, "修改办事指南", "冯某", "2026-05-18"),
    ];
    f.event(Some(doc(40)), Event::PlanSet { by: person(31), measures });
    SpaceView::new(space(2), f.state)
}

fn consultation(length: Length) -> SpaceView {
    let mut f = Folding::new();
    let members = &[
        (1, "赵某", Role::GroupLeader),
        (2, "钱某", Role::DeputyLeader),
        (3, "孙某", Role::Member),
        (20, "吴某", Role::OfficeDirector),
        (21, "何某", Role::Expert),
    ];
    f.open(info(3, SpaceKind::Consultation, "会商：拆分采购如何定性"), members, length);
    f.event(
        Some(doc(31)),
        Event::ConsultationOpened {
            by: person(1),
            group: "G3".into(),
            title: length.text("拆分采购如何定性"),
            question: length.text("是违规采购，还是以权谋私？"),
            urgency: Urgency::Urgent,
            source_space: space(1),
            source: doc(15),
            number: "2026R2-CF-001".into(),
        },
    );
    let text =
        Event::RecordOpened { kind: DocKind::Consultation, by: person(20), provisional: None };
    f.event(Some(doc(31)), text);
    f.event(Some(doc(31)), Event::Triaged { by: person(20), outcome: TriageOutcome::Convened });
    let text = format!("问题底稿\n名称：{}\n", length.text("某甲三次拆分采购"));
    let edition = Edition {
        id: doc(33),
        source_space: space(1),
        source: doc(13),
        kind: DocKind::Workpaper,
        number: "2026R2-G3-WP-~B7KD".into(),
        group: "G3".into(),
        rendering_hash: rendering_digest(&text),
        rendering: text,
        reading: None,
        masked: true,
    };
    let until = Timestamp(NOW.0 + 7 * 3_600_000 + 20 * 60_000);
    f.event(Some(doc(33)), Event::ExhibitPlaced { edition, until, by: person(1) });
    let mut view = SpaceView::new(space(3), f.state);
    view.lines.insert(
        doc(31),
        DocLine {
            kind: DocKind::Consultation,
            title: length.text("拆分采购如何定性"),
            conflicts: 0,
            items: 2,
        },
    );
    view.present = vec![
        Present { person: person(2), doc: doc(31), field: "minutes".into() },
        Present { person: person(21), doc: doc(31), field: String::new() },
    ];
    view
}

fn office(length: Length) -> SpaceView {
    let mut f = Folding::new();
    let members = &[(20, "吴某", Role::OfficeDirector), (22, "郑某", Role::OfficeStaff)];
    let office = SpaceInfo {
        unit: None,
        engagement: None,
        group: None,
        ..info(9, SpaceKind::Office, "某市巡察办")
    };
    f.open(office, members, length);
    for (n, group, number) in [(50, "G3", "2026R2-G3-WP-017"), (51, "G5", "2026R2-G5-WP-004")] {
        let edition = Edition {
            id: doc(n),
            source_space: space(n),
            source: doc(n),
            kind: DocKind::Workpaper,
            number: number.into(),
            group: group.into(),
            rendering: "问题底稿\n".into(),
            rendering_hash: rendering_digest("问题底稿\n"),
            reading: Some(Reading { conflicts: Vec::new(), ..paper(length) }),
            masked: false,
        };
        f.event(
            Some(doc(n)),
            Event::EditionPlaced { edition, for_approval: false, replaces: None, by: person(1) },
        );
    }
    let heard = |n: u8, name: &str, days: Option<i64>| DeviceHeard {
        device: DeviceId::from_bytes([n; 16]),
        person: person(n),
        name: length.name(name),
        heard_at: days.map(|d| Timestamp(NOW.0 - d * 24 * 3_600_000)),
    };
    let devices =
        vec![heard(3, "孙某", Some(0)), heard(4, "李某", Some(6)), heard(5, "周某", None)];
    f.event(None, Event::DevicesHeard { group: "G3".into(), devices });
    SpaceView::new(space(9), f.state)
}

/// Who somebody is, and where they work.
fn me_as(me: u8) -> (&'static str, &'static str) {
    match me {
        20 => ("吴某", "某市巡察办"),
        30 => ("王某", "甲局整改台"),
        31 => ("冯某", "甲局整改台"),
        n => {
            let name = GROUP.iter().find(|(id, ..)| *id == n).map_or("孙某", |(_, name, _)| name);
            (name, "第三组·甲局")
        }
    }
}

/// What a laptop of `me` knows: 孙某 is 3, 吴某 of the office 20.
pub(crate) fn snapshot(me: u8, length: Length) -> Snapshot {
    let spaces = if me == 20 {
        vec![office(length), consultation(length)]
    } else {
        vec![engagement(length), desk(length), consultation(length)]
    };
    Snapshot {
        me: person(me),
        name: me_as(me).0.into(),
        device: "B7K".into(),
        now: NOW,
        round: format!("2026R2 {}", me_as(me).1),
        training: true,
        spaces,
        link: Link { last_contact: Some(NOW), online: true, files: FILES, ..Link::default() },
    }
}

/// Two scans on their way, a recording that nobody has asked for.
const FILES: FilesLeft = FilesLeft {
    up: Amount { files: 2, bytes: 12_900_000 },
    down: Amount { files: 1, bytes: 700_000 },
    on_demand: Amount { files: 1, bytes: 190_000_000 },
};

/// A laptop on which nothing was written yet.
pub(crate) fn nothing(me: u8) -> Snapshot {
    let mut f = Folding::new();
    let known = snapshot(me, Length::Usual);
    let view = if me == 20 {
        let office = SpaceInfo { group: None, ..info(9, SpaceKind::Office, "某市巡察办") };
        f.open(office, &[(20, "吴某", Role::OfficeDirector)], Length::Usual);
        SpaceView::new(space(9), f.state)
    } else {
        f.open(info(1, SpaceKind::Engagement, "第三组·甲局"), GROUP, Length::Usual);
        SpaceView::new(space(1), f.state)
    };
    let link = Link { files: FilesLeft::default(), ..known.link };
    Snapshot { spaces: vec![view], link, ..known }
}

/// The same laptop without a link, with a full disk.
pub(crate) fn offline(mut known: Snapshot) -> Snapshot {
    known.link = Link {
        online: false,
        last_contact: Some(Timestamp(NOW.0 - 2 * 24 * 3_600_000)),
        not_saved: 0,
        trouble: Some(Trouble::Unreachable),
        files: FILES,
        ..Link::default()
    };
    known
}

/// The same laptop with requests that were refused.
pub(crate) fn refused(mut known: Snapshot) -> Snapshot {
    for view in &mut known.spaces {
        let docs: Vec<DocId> = view.state.records.keys().copied().collect();
        for doc in docs {
            view.requests.push(RequestLine {
                doc,
                envelope: Digest([8; 32]),
                command: Command::Drop { reason: "重复".into() },
                asked_at: NOW,
                answer: Answer::Refused(Refusal::NotAllowed { needs: vec![Role::GroupLeader] }),
            });
        }
    }
    known
}

pub(crate) fn model(known: Snapshot) -> Model {
    let rng = ChaCha20Rng::from_seed([1; 32]);
    let mut model = Model::new(NOW, Ambiguous::Narrow, rng);
    model.phase = Phase::Open(Box::new(Desk::new(known)));
    model
}

pub(crate) fn at(space_n: u8, doc_n: u8) -> Place {
    Place { space: space(space_n), doc: doc(doc_n) }
}
