//! A round on the bench: every space's state, folded from decided events only.
use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::super::{
    calendar::Calendar,
    conflict::settle,
    event::{EngagementInfo, GroupInfo, Links, RoundInfo, UnitInfo},
    rule_pack::{RulePack, SHIPPED_CALENDAR, SHIPPED_PACK},
    *,
};
use crate::workflow::command::Guest;
use crate::{
    crypto::{Context, hash::hash},
    model::{
        Body, ChangeHash, Conflict, ConflictValue, DeviceId, Digest, DocId, DocKind, EngagementId,
        EvidenceId, FieldPath, GroupId, ItemId, PersonId, Reading, RoundId, SpaceId, Timestamp,
        Touch, TouchKind, Touched, UnitId, Value,
        evidence::{Evidence, EvidenceClass, EvidenceKind},
        interview::{InterviewReading, Interviewee, Statement, StatementTag},
        notice::NoticeReading,
        round::Role,
        workpaper::{Criterion, Fact, Severity, WorkpaperReading},
    },
};

pub(super) const fn p(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}
pub(super) const fn doc(n: u8) -> DocId {
    DocId::from_bytes([n; 16])
}
pub(super) const fn item(n: u8) -> ItemId {
    ItemId::from_bytes([n; 16])
}
pub(super) const fn ev(n: u8) -> EvidenceId {
    EvidenceId::from_bytes([n; 16])
}
pub(super) const fn space(n: u8) -> SpaceId {
    SpaceId::from_bytes([n; 16])
}

/// 第三组: 组长、副组长、组员.
pub(super) const ZHAO: PersonId = p(1);
pub(super) const QIAN: PersonId = p(2);
pub(super) const SUN: PersonId = p(3);
pub(super) const LI: PersonId = p(4);
pub(super) const ZHOU: PersonId = p(5);
/// 巡察办: 主任 (also the leading group's delegate)、干部.
pub(super) const WU: PersonId = p(6);
pub(super) const ZHENG: PersonId = p(7);
/// 甲局: 局长、联络员.
pub(super) const WANG: PersonId = p(8);
pub(super) const FENG: PersonId = p(9);
/// 第五组组长; 审计局专家.
pub(super) const CHEN: PersonId = p(10);
pub(super) const HE: PersonId = p(11);
/// Someone with no part in it.
pub(super) const NOBODY: PersonId = p(99);

pub(super) const OFFICE: SpaceId = space(1);
pub(super) const G3: SpaceId = space(2);
pub(super) const DESK: SpaceId = space(3);
pub(super) const G5: SpaceId = space(4);

pub(super) const EXIT: Date = date(2026, 5, 29);

pub(super) fn time(text: &str) -> Timestamp {
    let at: jiff::Timestamp = format!("2026-{text}:00+08:00").parse().expect("a moment");
    Timestamp(at.as_millisecond())
}

/// A round, and what its documents say in main.
#[derive(Clone)]
pub(super) struct Bench {
    pub(super) spaces: BTreeMap<SpaceId, SpaceState>,
    pub(super) docs: BTreeMap<DocId, Reading>,
    pub(super) now: Timestamp,
    pub(super) journal: Vec<(SpaceId, EntryMeta, DocEvent)>,
    asked: u64,
}

impl Bench {
    /// Opens the round on Monday 2026-05-11, 9:00.
    pub(super) fn new() -> Self {
        let mut bench = Self {
            spaces: BTreeMap::new(),
            docs: BTreeMap::new(),
            now: time("05-11T09:00"),
            journal: Vec::new(),
            asked: 0,
        };
        let office = [
            (WU, "吴某", &[Role::OfficeDirector, Role::Delegate][..]),
            (ZHENG, "郑某", &[Role::OfficeStaff][..]),
        ];
        let g3 = [
            (ZHAO, "赵某", &[Role::GroupLeader][..]),
            (QIAN, "钱某", &[Role::DeputyLeader][..]),
            (SUN, "孙某", &[Role::Member][..]),
            (LI, "李某", &[Role::Member][..]),
            (ZHOU, "周某", &[Role::Member][..]),
        ];
        let unit = [(WANG, "王某", &[Role::UnitHead][..]), (FENG, "冯某", &[Role::Liaison][..])];
        bench.open(OFFICE, SpaceKind::Office, "2026R2", &office);
        bench.open(G3, SpaceKind::Engagement, "2026R2-G3", &g3);
        bench.open(DESK, SpaceKind::UnitDesk, "2026R2-JIA", &[&g3[..], &unit[..]].concat());
        bench.open(G5, SpaceKind::Engagement, "2026R2-G5", &[(CHEN, "陈某", &[Role::GroupLeader])]);
        bench
    }

    fn open(
        &mut self,
        id: SpaceId,
        kind: SpaceKind,
        prefix: &str,
        people: &[(PersonId, &str, &[Role])],
    ) {
        let inspected = kind == SpaceKind::Engagement;
        let guest = |person, name: &str, role| Guest {
            person,
            name: name.into(),
            post: String::new(),
            roles: vec![role],
        };
        let info = SpaceInfo {
            id,
            kind,
            title: prefix.into(),
            round: Some(RoundInfo {
                id: RoundId::from_bytes([1; 16]),
                code: "2026R2".into(),
                training: true,
            }),
            prefix: prefix.into(),
            group: inspected.then(|| GroupInfo {
                id: GroupId::from_bytes(*id.as_bytes()),
                code: prefix.rsplit('-').next().unwrap_or_default().into(),
                name: String::new(),
            }),
            unit: inspected.then(|| UnitInfo {
                id: UnitId::from_bytes([1; 16]),
                code: "JIA".into(),
                name: "甲局".into(),
            }),
            engagement: inspected.then(|| EngagementInfo {
                id: EngagementId::from_bytes(*id.as_bytes()),
                entry_on: date(2026, 5, 6),
                exit_on: EXIT,
            }),
            links: Links {
                office: Some(OFFICE),
                group: None,
                desk: (id == G3).then_some(DESK),
                engagements: vec![G3, G5],
            },
            office_people: vec![
                guest(WU, "吴某", Role::OfficeDirector),
                guest(ZHENG, "郑某", Role::OfficeStaff),
            ],
        };
        let mut events = vec![
            Event::SpaceOpened(info),
            Event::RulePackSet { pack: Box::new(RulePack::parse(SHIPPED_PACK).expect("pack")) },
            Event::CalendarSet {
                calendar: Box::new(Calendar::parse(SHIPPED_CALENDAR).expect("calendar")),
            },
        ];
        for (person, name, roles) in people {
            events.push(Event::MemberSet {
                person: *person,
                name: (*name).into(),
                post: String::new(),
                roles: roles.to_vec(),
                from: self.now,
                until: None,
            });
            events.push(Event::DeviceCertified {
                device: device(*person),
                key: [7; 32],
                person: *person,
                name: String::new(),
            });
        }
        for event in events {
            self.say(id, DocEvent::space(event));
        }
    }

    /// Records an event of the server's own.
    pub(super) fn say(&mut self, space: SpaceId, event: DocEvent) {
        self.record(space, event, None, None);
    }

    fn record(
        &mut self,
        space: SpaceId,
        event: DocEvent,
        envelope: Option<Digest>,
        by: Option<PersonId>,
    ) {
        // Every event travels as CBOR and prints as JSON.
        let cbor = minicbor_serde::to_vec(&event).expect("CBOR");
        let event: DocEvent = minicbor_serde::from_slice(&cbor).expect("reads its CBOR");
        let json = serde_json::to_string(&event).expect("JSON");
        assert_eq!(serde_json::from_str::<DocEvent>(&json).expect("reads its JSON"), event);
        let pos = self.journal.len() as u64 + 1;
        let meta = EntryMeta { pos, at: self.now, envelope, by };
        fold(self.spaces.entry(space).or_default(), &meta, &event);
        self.journal.push((space, meta, event));
    }

    pub(super) fn state(&self, space: SpaceId) -> &SpaceState {
        &self.spaces[&space]
    }

    pub(super) fn record_of(&self, space: SpaceId, doc: DocId) -> &Record {
        &self.spaces[&space].records[&doc]
    }

    /// Returns the document as `decide` is given it.
    pub(super) fn content(&self, space: SpaceId, doc: DocId) -> Option<Content> {
        let reading = self.docs.get(&doc)?.clone();
        let none = BTreeMap::new();
        let record = self.spaces.get(&space).and_then(|s| s.records.get(&doc));
        let settled = settle(&reading, record.map_or(&none, |r| &r.resolutions));
        Some(Content { rendering: rendering_digest(&text(&settled)), reading })
    }

    /// Returns a pin of what the document says now, with its text.
    pub(super) fn pin(&self, space: SpaceId, doc: DocId) -> Pin {
        let record = &self.spaces[&space].records[&doc];
        if let Some(standing) = record.standing() {
            let (heads, rendering) = (standing.heads.clone(), standing.rendering);
            return Pin { heads, rendering, text: None };
        }
        let content = self.content(space, doc).expect("content");
        let text = text(&settle(&content.reading, &record.resolutions));
        Pin { heads: content.reading.heads, rendering: content.rendering, text: Some(text) }
    }

    /// Decides and records.
    pub(super) fn try_as(
        &mut self,
        space: SpaceId,
        actor: Actor,
        doc: DocId,
        command: Command,
    ) -> Result<Digest, Refusal> {
        self.asked += 1;
        let envelope = hash(Context("xunji test envelope"), &[&self.asked.to_le_bytes()]);
        let request = Request { basis: Vec::new(), command };
        let cbor = minicbor_serde::to_vec(&request).expect("CBOR");
        let request: Request = minicbor_serde::from_slice(&cbor).expect("reads its CBOR");
        let content = request.command.needs_content().then(|| self.content(space, doc)).flatten();
        let asked = Asked { doc, envelope, request: &request, claimed_at: self.now };
        let decision = decide(&self.spaces[&space], &actor, &asked, content.as_ref(), self.now)?;
        for new in decision.opens {
            for event in new.events {
                self.record(new.id, event, None, None);
            }
        }
        for event in decision.events {
            self.record(space, event, Some(envelope), actor.who());
        }
        for (space, events) in decision.elsewhere {
            for event in events {
                self.record(space, event, None, None);
            }
        }
        Ok(envelope)
    }

    /// Asks, and expects that it is decided.
    pub(super) fn ask(
        &mut self,
        space: SpaceId,
        who: PersonId,
        doc: DocId,
        command: Command,
    ) -> Digest {
        let asked = format!("{command:?}");
        match self.try_as(space, person(who), doc, command) {
            Ok(envelope) => envelope,
            Err(refusal) => panic!("{refusal:?} to {asked}"),
        }
    }

    /// Asks, and expects the refusal with this code; nothing changes.
    pub(super) fn refused(
        &mut self,
        space: SpaceId,
        who: PersonId,
        doc: DocId,
        command: Command,
        code: &str,
    ) -> Refusal {
        let asked = format!("{command:?}");
        let before = self.spaces.clone();
        let refusal = match self.try_as(space, person(who), doc, command) {
            Ok(_) => panic!("not refused: {asked}"),
            Err(refusal) => refusal,
        };
        assert_eq!(refusal.code(), code, "{refusal:?} to {asked}");
        assert!(self.spaces == before, "a refusal changes nothing");
        let json = serde_json::to_string(&refusal).expect("JSON");
        assert_eq!(serde_json::from_str::<Refusal>(&json).expect("reads its JSON"), refusal);
        refusal
    }

    /// Writes text: into the document, or aside.
    pub(super) fn write(
        &mut self,
        space: SpaceId,
        who: PersonId,
        doc: DocId,
        touched: Touched,
    ) -> Result<(), AsideReason> {
        match decide_content(&self.spaces[&space], &person(who), doc, &touched) {
            Ok(events) => {
                for event in events {
                    self.say(space, event);
                }
                Ok(())
            }
            Err(reason) => {
                self.asked += 1;
                let envelope = hash(Context("xunji test envelope"), &[&self.asked.to_le_bytes()]);
                let event = Event::ContentAside {
                    envelope,
                    by: who,
                    reason: reason.clone(),
                    rests_on: Vec::new(),
                    birth: touched.birth,
                };
                self.say(space, DocEvent::of(doc, event));
                Err(reason)
            }
        }
    }

    /// Opens a document that says this.
    pub(super) fn born(&mut self, space: SpaceId, who: PersonId, doc: DocId, body: Body) {
        let reading = reading(1, body);
        let birth = Some(reading.kind());
        self.docs.insert(doc, reading);
        self.write(space, who, doc, Touched { birth, touches: vec![] }).expect("may be born");
    }

    /// Lets the server ask for what is due, until nothing is.
    pub(super) fn timers(&mut self) -> Vec<Command> {
        let mut all = Vec::new();
        for space in self.spaces.keys().copied().collect::<Vec<_>>() {
            for (doc, command) in due(&self.spaces[&space], self.now) {
                self.try_as(space, Actor::Server, doc, command.clone()).expect("is due");
                all.push(command);
            }
            assert_eq!(due(&self.spaces[&space], self.now), vec![], "asked once");
        }
        all
    }

    /// Registers an item for the record.
    pub(super) fn register(&mut self, space: SpaceId, who: PersonId, evidence: Evidence) {
        self.ask(space, who, doc(200), Command::RegisterEvidence { evidence });
    }

    /// Brings a workpaper of 孙某 through the three steps.
    pub(super) fn approved_workpaper(&mut self, id: DocId) {
        for n in [1, 2] {
            if !self.spaces[&G3].evidence.contains_key(&ev(n)) {
                self.register(G3, SUN, contract(n));
            }
        }
        self.born(G3, SUN, id, Body::Workpaper(paper()));
        for (who, step) in
            [(SUN, Step::Maker), (LI, Step::Maker), (QIAN, Step::Deputy), (ZHAO, Step::Leader)]
        {
            let sign = self.sign(G3, id, step);
            self.ask(G3, who, id, sign);
        }
    }

    /// Makes a signature of what the document says now.
    pub(super) fn sign(&self, space: SpaceId, doc: DocId, step: Step) -> Command {
        Command::Sign { step, pin: self.pin(space, doc), gate_override: None }
    }
}

pub(super) fn device(person: PersonId) -> DeviceId {
    DeviceId::from_bytes(*person.as_bytes())
}

pub(super) fn person(person: PersonId) -> Actor {
    Actor::Person { person, device: Some(device(person)) }
}

/// Stands in for the renderer: any text that follows from the reading will do. Like the
/// renderer it leaves out which papers are behind a notice.
pub(super) fn text(reading: &Reading) -> String {
    let mut shown = reading.clone();
    if let Body::Notice(notice) = &mut shown.body {
        notice.workpapers.clear();
    }
    format!("{shown:?}")
}

pub(super) fn reading(head: u8, body: Body) -> Reading {
    Reading {
        heads: vec![ChangeHash([head; 32])],
        schema: 1,
        body,
        conflicts: vec![],
        removed: vec![],
    }
}

pub(super) fn edit(field: &str) -> Touched {
    let field = FieldPath(field.into());
    Touched { birth: None, touches: vec![Touch { field, kind: TouchKind::Splice }] }
}

pub(super) fn conflict_of(field: &str, values: &[(&str, &str)]) -> Conflict {
    Conflict {
        field: FieldPath::top(field),
        values: values
            .iter()
            .map(|(op, value)| ConflictValue {
                op: (*op).into(),
                value: Value::Text((*value).into()),
                actor: String::new(),
                change: ChangeHash::default(),
            })
            .collect(),
    }
}

pub(super) fn contract(n: u8) -> Evidence {
    Evidence {
        id: ev(n),
        name: format!("宣传品采购合同{n}"),
        kind: EvidenceKind::Document,
        class: EvidenceClass::Base,
        origin: "甲局财务科".into(),
        obtained_by: vec![SUN],
        obtained_on: "2026-05-11".into(),
        original_kept_at: String::new(),
        conclusive: false,
        size: 1,
        content: Some(Digest([n; 32])),
        file: None,
    }
}

pub(super) fn of_class(n: u8, kind: EvidenceKind, class: EvidenceClass) -> Evidence {
    Evidence { kind, class, ..contract(n) }
}

pub(super) fn fact(n: u8, text: &str, evidence: &[u8]) -> Fact {
    Fact {
        id: item(n),
        text: text.into(),
        evidence: evidence.iter().map(|n| ev(*n)).collect(),
        statements: vec![],
        removed: None,
    }
}

/// 甲局 2025年三次拆分采购宣传品, with what the gate asks for.
pub(super) fn paper() -> WorkpaperReading {
    WorkpaperReading {
        title: "甲局2025年三次拆分采购宣传品规避招标".into(),
        condition: "三次采购共11.6万元,均未招标。".into(),
        criteria: vec![Criterion {
            id: item(60),
            instrument: "某市采购限额办法".into(),
            article: "第九条".into(),
            version: "v2024".into(),
            removed: None,
        }],
        facts: vec![fact(61, "三次采购同一供应商", &[1, 2])],
        responsible: "甲局办公室".into(),
        when: "2025年".into(),
        place: "甲局".into(),
        method: "查阅合同".into(),
        exculpatory: "甲局称三次活动相互独立".into(),
        severity: Some(Severity::Medium),
        ..WorkpaperReading::default()
    }
}

pub(super) fn statement(n: u8, tag: StatementTag, text: &str) -> Statement {
    Statement {
        id: item(n),
        tag: Some(tag),
        text: text.into(),
        who: String::new(),
        what: String::new(),
        when: String::new(),
        place: String::new(),
        how_known: String::new(),
        refs: vec![],
        actor: String::new(),
        removed: None,
    }
}

/// 与甲局财务科张某的谈话, two interviewers.
pub(super) fn talk() -> InterviewReading {
    InterviewReading {
        interviewee: Interviewee {
            name: "张某".into(),
            post: "出纳".into(),
            section: "甲局财务科".into(),
        },
        interviewers: vec![SUN, LI],
        statements: vec![
            statement(1, StatementTag::Fact, "金额是3.2万元"),
            statement(2, StatementTag::Opinion, "我觉得不合适"),
        ],
        ..InterviewReading::default()
    }
}

/// 取消已废止的复印要求.
pub(super) fn notice(papers: &[DocId]) -> NoticeReading {
    NoticeReading {
        title: "服务大厅仍要求提交复印件".into(),
        matter: "2024年已取消的复印件仍在收取".into(),
        rule_breached: "某市便民规定 第三条".into(),
        request: "立即取消复印要求".into(),
        contact: "孙某".into(),
        workpapers: papers.to_vec(),
    }
}

pub(super) const KINDS: [DocKind; 3] = [DocKind::Interview, DocKind::Workpaper, DocKind::Notice];
