#![allow(clippy::unwrap_used)]
use shared::{
    crypto::hash,
    doc::{Labels, render},
    model::{
        Body, EvidenceId, ItemId, PersonId, Reading,
        consultation::{ConsultationReading, Position},
        interview::{InterviewReading, Interviewee, Statement, StatementTag},
        notice::NoticeReading,
        workpaper::{Fact, Severity, WorkpaperReading},
    },
    model::{DocId, DocKind, SpaceId, Timestamp, round::Role},
    workflow::{
        DocEvent, EntryMeta, Event, Pin, SpaceInfo, SpaceKind, SpaceState, Step,
        event::Meaning,
        fold,
        space::{GroupInfo, RoundInfo},
    },
};

use super::*;

const SUN: PersonId = PersonId::from_bytes([3; 16]);

fn text(body: Body) -> String {
    let reading =
        Reading { heads: Vec::new(), schema: 1, body, conflicts: Vec::new(), removed: Vec::new() };
    let labels = Labels {
        number: "2026R2-G3-WP-~b7K".into(),
        unit: "某市甲局".into(),
        persons: [(SUN, "孙某".to_owned())].into(),
        evidence: [(EvidenceId::from_bytes([5; 16]), "采购合同".to_owned())].into(),
    };
    render(&reading, &labels).text
}

fn workpaper() -> String {
    text(Body::Workpaper(WorkpaperReading {
        title: "三次拆分采购宣传品规避招标".into(),
        condition: "第一次4.1万元。\n　　第二次3.9万元。\n名称：不是字段".into(),
        facts: vec![Fact {
            id: ItemId::from_bytes([7; 16]),
            text: "三次均为同一供应商".into(),
            evidence: vec![EvidenceId::from_bytes([5; 16])],
            statements: Vec::new(),
            removed: None,
        }],
        amount_fen: Some(11_600_000),
        severity: Some(Severity::High),
        ..WorkpaperReading::default()
    }))
}

fn form(kind: FormKind, text: String) -> PaperForm {
    PaperForm {
        kind,
        text,
        number: "2026R2-G3-WP-017".into(),
        issuer: "第三巡察组".into(),
        signed: true,
        training: false,
        signatures: Vec::new(),
        remarks: Vec::new(),
    }
}

/// The parts of a document as text.
struct Parts {
    body: String,
    header: String,
    footer: String,
}

fn parts(form: &PaperForm) -> Parts {
    let mut built = layout::document(form).build();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Parts {
        body: text(built.document.clone()),
        header: text(built.headers.remove(0)),
        footer: text(built.footers.remove(0)),
    }
}

fn signature(role: SignedAs, name: &str, how: How) -> PaperSignature {
    PaperSignature { role, name: name.into(), at: "2026-05-12 16:20".into(), how, stand_in: None }
}

#[test]
fn every_page_carries_number_digits_and_page_x_of_y() {
    let form = form(FormKind::Workpaper, workpaper());
    let parts = parts(&form);
    assert!(parts.footer.contains("2026R2-G3-WP-017"));
    assert!(parts.footer.contains(&form.digest().short()));
    assert_eq!(form.digest().short().len(), 12);
    assert!(parts.footer.contains(">PAGE<") && parts.footer.contains(">NUMPAGES<"));
    let page = r#"<w:pgSz w:w="11906" w:h="16838" />"#;
    assert!(parts.body.contains(page), "{}", parts.body);
    assert!(parts.body.contains("footerReference") && parts.body.contains("headerReference"));
    assert!(parts.body.contains(&form.digest().to_string()));
}

#[test]
fn the_digits_are_those_of_the_text_shown() {
    let form = form(FormKind::Workpaper, workpaper());
    let mut other = form.clone();
    other.text = other.text.replace("4.1万元", "4.2万元");
    assert_ne!(form.digest(), other.digest());
    assert!(parts(&other).footer.contains(&other.digest().short()));
}

#[test]
fn the_four_forms_have_their_headings_and_signature_lines() {
    let talk = InterviewReading {
        interviewee: Interviewee {
            name: "张某".into(),
            post: "科员".into(),
            section: "财务科".into(),
        },
        interviewers: vec![SUN],
        statements: vec![Statement {
            id: ItemId::from_bytes([7; 16]),
            tag: Some(StatementTag::Fact),
            text: "三次付款均由本人经办".into(),
            who: String::new(),
            what: String::new(),
            when: String::new(),
            place: String::new(),
            how_known: String::new(),
            refs: Vec::new(),
            actor: String::new(),
            removed: None,
        }],
        ..InterviewReading::default()
    };
    let notice =
        NoticeReading { matter: "要求群众自带复印件".into(), ..NoticeReading::default() };
    let minutes = ConsultationReading {
        positions: vec![Position {
            id: ItemId::from_bytes([8; 16]),
            person: Some(SUN),
            text: "应定性为规避招标".into(),
            actor: String::new(),
            removed: None,
        }],
        ..ConsultationReading::default()
    };
    let expected: [(FormKind, String, &[&str]); 4] = [
        (
            FormKind::Interview,
            text(Body::Interview(talk)),
            &[
                "个别谈话记录",
                "谈话、记录人员",
                "谈话对象",
                "孙某",
                "三次付款均由本人经办",
                "陈述1",
            ],
        ),
        (
            FormKind::Workpaper,
            workpaper(),
            &["问题底稿", "承办人", "副组长审核", "组长审签", "116000.00 元", "严重", "采购合同"],
        ),
        (
            FormKind::Notice,
            text(Body::Notice(notice)),
            &["立行立改通知单", "批准人", "被巡察单位主要负责人签收", "要求群众自带复印件"],
        ),
        (
            FormKind::Consultation,
            text(Body::Consultation(minutes)),
            &["即时会商纪要", "参加会商人员", "应定性为规避招标", "孙某"],
        ),
    ];
    for (kind, text, words) in expected {
        let body = parts(&form(kind, text)).body;
        for word in words {
            assert!(body.contains(word), "{kind:?} without {word}");
        }
        assert!(body.contains("　　年　月　日"), "{kind:?} has no line to sign on");
        // Ids are for machines: people's names stand alone.
        assert!(!body.contains("0303030303030303"), "{kind:?}");
        assert!(body.contains("FangSong") || body.contains("SimSun"));
    }
}

#[test]
fn a_signature_says_how_it_was_given() {
    let mut form = form(FormKind::Workpaper, workpaper());
    let stand_in = Some("副组长公务回避".to_owned());
    form.signatures = vec![
        signature(SignedAs::Maker, "孙某", How::Device),
        signature(SignedAs::Maker, "李某", How::OnPaper { witnesses: vec!["周某".into()] }),
        PaperSignature { stand_in, ..signature(SignedAs::Deputy, "钱某", How::Device) },
    ];
    form.remarks = vec!["保留意见：严重程度应为一般（钱某）".into()];
    let body = parts(&form).body;
    for text in [
        "孙某（电子签名）",
        "李某（纸质签名，已存扫描件；在场：周某）",
        "（代行，理由：副组长公务回避）",
        "2026-05-12 16:20",
        "保留意见",
    ] {
        assert!(body.contains(text), "{text}");
    }
    // Two makers signed and the leader's line is still open.
    assert_eq!(body.matches("　　年　月　日").count(), 1);
}

#[test]
fn training_and_drafts_say_so_on_every_page() {
    let mut form = form(FormKind::Workpaper, workpaper());
    let header = parts(&form).header;
    assert!(!header.contains("演") && !header.contains("未签署稿"));
    form.training = true;
    assert!(parts(&form).header.contains("演　练"));
    form.signed = false;
    assert!(parts(&form).header.contains("未签署稿"));
}

#[test]
fn what_a_person_typed_never_becomes_a_row() {
    let lines = lines::Lines::of(&workpaper());
    let names: Vec<&str> = lines
        .rows
        .iter()
        .filter_map(|r| match r {
            lines::Row::Field { name, .. } => Some(name.as_str()),
            lines::Row::Item(_) => None,
        })
        .collect();
    assert_eq!(names.iter().filter(|n| **n == "名称").count(), 1);
    let condition = lines.rows.iter().find_map(|r| match r {
        lines::Row::Field { name, lines, .. } if name == "事实概述" => Some(lines.clone()),
        _ => None,
    });
    let expected = ["第一次4.1万元。", "　　第二次3.9万元。", "名称：不是字段"];
    assert_eq!(condition.unwrap(), expected);
}

#[test]
fn a_form_is_a_file_that_an_office_program_opens() {
    let form = form(FormKind::Workpaper, workpaper());
    let bytes = docx(&form);
    assert_eq!(bytes[..4], *b"PK\x03\x04");
    assert!(docx_rs::read_docx(&bytes).is_ok());
}

/// A space of a training round with one workpaper, whose text two makers signed.
fn space(signed: Option<&str>) -> (SpaceState, DocId) {
    let (doc, li) = (DocId::from_bytes([9; 16]), PersonId::from_bytes([1; 16]));
    let info = SpaceInfo {
        id: SpaceId::from_bytes([4; 16]),
        kind: SpaceKind::Engagement,
        title: "第三组·甲局".into(),
        round: Some(RoundInfo {
            id: shared::model::RoundId::from_bytes([1; 16]),
            code: "2026R2".into(),
            training: true,
        }),
        prefix: "2026R2-G3".into(),
        group: Some(GroupInfo {
            id: shared::model::GroupId::from_bytes([1; 16]),
            code: "G3".into(),
            name: "第三巡察组".into(),
        }),
        unit: None,
        engagement: None,
        links: Default::default(),
        office_people: Vec::new(),
    };
    let member = |person, name: &str| {
        DocEvent::space(Event::MemberSet {
            person,
            name: name.into(),
            post: String::new(),
            roles: vec![Role::Member],
            from: Timestamp(0),
            until: None,
        })
    };
    let provisional = Some("2026R2-G3-WP-~b7K".into());
    let mut events = vec![
        DocEvent::space(Event::SpaceOpened(info)),
        member(SUN, "孙某"),
        member(li, "李某"),
        DocEvent::of(doc, Event::RecordOpened { kind: DocKind::Workpaper, by: SUN, provisional }),
    ];
    if let Some(text) = signed {
        for (by, first) in [(SUN, true), (li, false)] {
            let pin = Pin {
                heads: Vec::new(),
                rendering: hash::rendering(text),
                text: first.then(|| text.to_owned()),
            };
            let meaning = Meaning::Step(Step::Maker);
            let (stand_in, gate_override) = (None, None);
            let event = Event::Signed { by, meaning, pin, stand_in, gate_override };
            events.push(DocEvent::of(doc, event));
        }
    }
    let mut state = SpaceState::default();
    for (pos, event) in events.iter().enumerate() {
        let at = Timestamp(1_778_573_000_000);
        fold(&mut state, &EntryMeta { pos: pos as u64 + 1, at, envelope: None, by: None }, event);
    }
    (state, doc)
}

#[test]
fn what_was_signed_is_printed_whatever_the_document_says_now() {
    let text = workpaper();
    let (state, doc) = space(Some(&text));
    let now = text.replace("4.1万元", "9.9万元");
    let form = form_of(&state, doc, Some(&now)).unwrap();
    assert_eq!((form.text.as_str(), form.signed, form.training), (text.as_str(), true, true));
    assert_eq!((form.number.as_str(), form.issuer.as_str()), ("2026R2-G3-WP-~b7K", "第三巡察组"));
    let signers: Vec<_> = form.signatures.iter().map(|s| (s.role, s.name.as_str())).collect();
    assert_eq!(signers, [(SignedAs::Maker, "孙某"), (SignedAs::Maker, "李某")]);
    let parts = parts(&form);
    assert!(parts.body.contains("孙某（电子签名）") && !parts.body.contains("9.9万元"));
}

#[test]
fn without_a_signature_the_draft_is_printed_and_called_one() {
    let text = workpaper();
    let (state, doc) = space(None);
    assert_eq!(form_of(&state, doc, None), None);
    let form = form_of(&state, doc, Some(&text)).unwrap();
    assert!(!form.signed && form.signatures.is_empty());
    assert!(parts(&form).header.contains("未签署稿"));
    let early = PaperForm::draft(&state, DocKind::Workpaper, text);
    assert!(early.training && !early.signed && early.number.is_empty());
}
