#![allow(clippy::unwrap_used, clippy::panic)]
use std::{
    fs,
    io::{Cursor as Bytes, Read as _},
    path::PathBuf,
};

use shared::{
    api::{enrol::Enrolled, session::Hex32},
    bundle::{BundleError, Damage, Foreign},
    crypto::{Secret, SigningKey},
    doc::{Birth, Edit},
    journal::{
        Table, Write,
        entry::{Cursor, Entry, Epoch, EventRecord, Saying, Verdict},
        frame::{Down, Item, Up},
        laptop::Courier,
    },
    model::{
        Body, DeviceId, Digest, DocId, DocKind, EvidenceId, FieldPath, PersonId, SpaceId,
        Timestamp,
        evidence::{Evidence, EvidenceClass, EvidenceKind},
        round::Role,
    },
    workflow::{Command, DocEvent, Event, SpaceInfo, SpaceKind},
};
use tempfile::TempDir;

use super::*;
use crate::laptop::{FieldNode, Identity, evidence, handover::HeldBack};

const SPACE: SpaceId = SpaceId::from_bytes([0x51; 16]);
const SMALL: SpaceId = SpaceId::from_bytes([0x52; 16]);
/// Whose key is filled with this number, and so is the person's id.
const LI: u8 = 1;
const ZHOU: u8 = 2;
const SUN: u8 = 3;
const SERVER: u8 = 9;

fn key(fill: u8) -> SigningKey {
    SigningKey::from_secret(&Secret::copy_from(&[fill; 32]))
}

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

fn device(n: u8) -> DeviceId {
    key(n).verifying_key().device_id()
}

fn name(n: u8) -> &'static str {
    match n {
        LI => "李某",
        ZHOU => "周某",
        SUN => "孙某",
        _ => "何某",
    }
}

/// The server, as far as a courier meets it: what it signed.
#[derive(Default)]
struct Journal {
    items: Vec<Item>,
}

impl Journal {
    /// A space whose members are those people.
    fn of(space: SpaceId, people: &[u8]) -> Self {
        let mut journal = Self::default();
        let info = SpaceInfo {
            id: space,
            kind: SpaceKind::Engagement,
            title: "第三组·甲局".into(),
            round: None,
            prefix: "2026R2-G3".into(),
            group: None,
            unit: None,
            engagement: None,
            links: Default::default(),
            office_people: Vec::new(),
        };
        journal.say(space, vec![Event::SpaceOpened(info)]);
        for n in people {
            let member = Event::MemberSet {
                person: person(*n),
                name: name(*n).into(),
                post: String::new(),
                roles: vec![Role::Member],
                from: Timestamp(0),
                until: None,
            };
            let certified = Event::DeviceCertified {
                device: device(*n),
                key: *key(*n).verifying_key().as_bytes(),
                person: person(*n),
                name: format!("{}的笔记本", name(*n)),
            };
            journal.say(space, vec![member, certified]);
        }
        journal
    }

    fn say(&mut self, space: SpaceId, events: Vec<Event>) {
        self.entry(space, None, Verdict::Own, events.into_iter().map(DocEvent::space).collect());
    }

    fn entry(
        &mut self,
        space: SpaceId,
        envelope: Option<shared::journal::envelope::Envelope>,
        verdict: Verdict,
        events: Vec<DocEvent>,
    ) {
        let after = self.items.last().map_or(Cursor::default(), |i| i.entry.cursor());
        let saying = Saying {
            epoch: Epoch::default(),
            space,
            after,
            at: Timestamp(1_000),
            envelope: envelope.as_ref().map(|e| e.hash()),
            verdict,
            events: events.iter().map(EventRecord::of).collect(),
        };
        self.items.push(Item { entry: Entry::sign(saying, &key(SERVER)), envelope });
    }
}

struct Laptop {
    _dir: TempDir,
    node: FieldNode,
}

/// Makes an enrolled laptop of a round that holds what journals say.
async fn laptop_of(n: u8, server: u8, training: bool, journals: &[&Journal]) -> Laptop {
    let dir = TempDir::new().unwrap();
    let home = dir.path().join("home");
    let enrolled = Enrolled {
        person: person(n),
        name: name(n).into(),
        device: device(n),
        server_key: Hex32(*key(server).verifying_key().as_bytes()),
        certificate: Digest([0; 32]),
        control_space: SpaceId::from_bytes([n; 16]),
        training,
        now: Timestamp(0),
    };
    let identity = Identity::new(&enrolled, "https://10.0.0.1:8443", &key(n));
    let pass = "开启甲组".into();
    FieldNode::create(&home, &pass, &identity).await.unwrap();
    let mut node = FieldNode::open(&home, &pass).await.unwrap();
    for journal in journals {
        let courier = Courier { items: journal.items.clone(), envelopes: Vec::new() };
        node.courier(courier).await.unwrap();
    }
    Laptop { _dir: dir, node }
}

async fn laptop(n: u8, journals: &[&Journal]) -> Laptop {
    laptop_of(n, SERVER, true, journals).await
}

impl Laptop {
    /// Begins a talk and writes `texts` into it, each as a change and an envelope of its own.
    async fn write(&mut self, texts: &[&str]) -> DocId {
        let birth = Birth::new().text("note", "开场");
        let doc = self.node.begin(SPACE, DocKind::Interview, &birth).await.unwrap();
        self.node.seal().await.unwrap();
        for text in texts {
            self.add(doc, text).await;
        }
        doc
    }

    async fn add(&mut self, doc: DocId, text: &str) {
        let field = FieldPath::top("note");
        let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: (*text).into() };
        self.node.edit(SPACE, doc, &[edit]).await.unwrap();
        self.node.seal().await.unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self._dir.path().join(name)
    }

    async fn export(&mut self, name: &str) -> PathBuf {
        let path = self.path(name);
        let what = Export { spaces: vec![SPACE], ..Export::default() };
        export(&mut self.node, &what, &path).await.unwrap();
        path
    }

    /// Everything undecided here, by hash: what a sync with the server would bring.
    fn undecided(&self) -> Vec<Digest> {
        let space = self.node.space(SPACE).unwrap();
        let mut hashes: Vec<Digest> = space.undecided().map(|(h, _)| *h).collect();
        hashes.sort_unstable();
        hashes
    }
}

/// Where the records of a bundle begin, the manifest first, and the length of the file.
fn cuts(bytes: &[u8], readers: usize) -> Vec<usize> {
    let mut at = 18 + readers * shared::crypto::envelope_to::SLOT_LEN;
    let mut cuts = vec![at];
    while at < bytes.len() {
        at += 4 + u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        cuts.push(at);
    }
    cuts
}

#[tokio::test]
async fn two_laptops_without_a_server_pass_everything_on_and_twice_changes_nothing() {
    let journal = Journal::of(SPACE, &[LI, ZHOU, SUN]);
    let (mut li, mut zhou) = (laptop(LI, &[&journal]).await, laptop(ZHOU, &[&journal]).await);
    li.write(&["张某陈述一。", "张某陈述二。"]).await;
    let path = li.export("李.xunji").await;
    let report = import(&mut zhou.node, &path).await.unwrap();
    assert_eq!((report.new, report.known), (3, 4), "{report:?}");
    assert_eq!((report.maker, report.maker_name.as_str()), (device(LI), "李某"));
    assert_eq!((report.gaps.len(), report.truncated), (0, None));
    assert_eq!(zhou.undecided(), li.undecided());

    let again = import(&mut zhou.node, &path).await.unwrap();
    assert_eq!((again.new, again.known), (0, 7));
    assert!(again.set_aside.is_empty() && again.gaps.is_empty());
    assert_eq!(zhou.undecided(), li.undecided());

    // 周某 passes 李某's words on to the server, as if they were his own.
    zhou.node.connected().await.unwrap();
    let welcome = Down::Welcome { epoch: Epoch::default(), now: Timestamp(1) };
    zhou.node.heard(welcome).await.unwrap();
    let pushed: usize = zhou
        .node
        .take_outgoing()
        .iter()
        .map(|up| if let Up::Push { envelopes } = up { envelopes.len() } else { 0 })
        .sum();
    assert_eq!(pushed, 3);
    // And by stick to a third.
    let mut sun = laptop(SUN, &[&journal]).await;
    let path = zhou.export("周.xunji").await;
    assert_eq!(import(&mut sun.node, &path).await.unwrap().new, 3);
}

#[tokio::test]
async fn what_comes_with_its_entry_reaches_a_document_that_is_open() {
    let mut journal = Journal::of(SPACE, &[LI, ZHOU]);
    let (mut li, mut zhou) = (laptop(LI, &[&journal]).await, laptop(ZHOU, &[&journal]).await);
    let doc = li.write(&[]).await;
    for text in ["甲。", "乙。"] {
        let before = journal.items.len();
        for envelope in li.node.undecided(SPACE).await.unwrap() {
            journal.entry(SPACE, Some(envelope), Verdict::Main, Vec::new());
        }
        let items = journal.items[before..].to_vec();
        for laptop in [&mut li, &mut zhou] {
            let entries = Down::Entries { space: SPACE, items: items.clone() };
            laptop.node.heard(entries).await.unwrap();
        }
        // From the first reading on 周某 holds the document in memory.
        let here = li.node.reading(SPACE, doc).await.unwrap();
        assert_eq!(zhou.node.reading(SPACE, doc).await.unwrap().body, here.body);
        li.add(doc, text).await;
    }
}

#[tokio::test]
async fn a_laptop_that_knows_nothing_yet_gets_the_space_and_the_decided_text() {
    let mut journal = Journal::of(SPACE, &[LI, ZHOU]);
    let mut li = laptop(LI, &[&journal]).await;
    let doc = li.write(&["张某陈述一。"]).await;
    let before = journal.items.len();
    for envelope in li.node.undecided(SPACE).await.unwrap() {
        let birth = journal.items.len() == before;
        let opened = Event::RecordOpened {
            kind: DocKind::Interview,
            by: person(LI),
            provisional: Some("2026R2-G3-IN-~7".into()),
        };
        let events = if birth { vec![DocEvent::of(doc, opened)] } else { Vec::new() };
        journal.entry(SPACE, Some(envelope), Verdict::Main, events);
    }
    let items = journal.items[before..].to_vec();
    li.node.courier(Courier { items, envelopes: Vec::new() }).await.unwrap();
    assert!(li.undecided().is_empty());
    let path = li.export("李.xunji").await;
    let mut zhou = laptop(ZHOU, &[]).await;
    let report = import(&mut zhou.node, &path).await.unwrap();
    assert_eq!((report.new, report.entries_missing.len()), (5, 0));
    let reading = zhou.node.reading(SPACE, doc).await.unwrap();
    assert!(matches!(&reading.body, Body::Interview(r) if r.note == "张某陈述一。开场"));

    // 李某 now knows what 周某 has: the next file holds what is new.
    let back = zhou.export("周.xunji").await;
    import(&mut li.node, &back).await.unwrap();
    li.add(doc, "补充。").await;
    let path = li.path("李二.xunji");
    let mut what = Export { spaces: vec![SPACE], ..Export::default() };
    let exported = export(&mut li.node, &what, &path).await.unwrap();
    assert_eq!((exported.entries, exported.envelopes), (0, 1));
    what.whole = true;
    let exported = export(&mut li.node, &what, &path).await.unwrap();
    assert_eq!((exported.entries, exported.envelopes), (5, 1));
    assert_eq!(import(&mut zhou.node, &path).await.unwrap().new, 1);
}

#[tokio::test]
async fn a_file_cut_short_says_how_many_changes_of_whom_are_missing_and_the_whole_one_mends_it() {
    let journal = Journal::of(SPACE, &[LI, ZHOU, SUN]);
    let (mut li, mut zhou) = (laptop(LI, &[&journal]).await, laptop(ZHOU, &[&journal]).await);
    zhou.write(&["甲。", "乙。", "丙。", "丁。"]).await;
    let path = zhou.export("周.xunji").await;
    let bytes = fs::read(&path).unwrap();
    let cuts = cuts(&bytes, 2);
    // Manifest, four entries, the birth and one of the four texts.
    let cut = li.path("断.xunji");
    fs::write(&cut, &bytes[..cuts[7] + 10]).unwrap();
    let report = import(&mut li.node, &cut).await.unwrap();
    assert_eq!(report.truncated, Some(BundleError::Truncated { have: 6, of: Some(9) }));
    assert_eq!((report.new, report.known), (2, 4));
    let [gap] = &report.gaps[..] else { panic!("{report:?}") };
    assert_eq!((gap.missing, gap.device, gap.space), (3, device(ZHOU), SPACE));
    assert_eq!((gap.person_name.as_str(), gap.device_name.as_str()), ("周某", "周某的笔记本"));

    let report = import(&mut li.node, &path).await.unwrap();
    assert_eq!((report.new, report.known, report.gaps.len()), (3, 6, 0));
    assert_eq!(report.truncated, None);
    assert_eq!(li.undecided(), zhou.undecided());
}

#[tokio::test]
async fn every_cut_is_a_clear_answer_and_loses_nothing() {
    let journal = Journal::of(SPACE, &[LI, ZHOU]);
    let (mut li, mut zhou) = (laptop(LI, &[&journal]).await, laptop(ZHOU, &[&journal]).await);
    zhou.write(&["甲。", "乙。"]).await;
    li.write(&["自己的。"]).await;
    let own = li.undecided();
    let path = zhou.export("周.xunji").await;
    let bytes = fs::read(&path).unwrap();
    let cut = li.path("断.xunji");
    let cuts = cuts(&bytes, 1);
    for (n, at) in cuts[..cuts.len() - 1].iter().enumerate() {
        fs::write(&cut, &bytes[..at + 2]).unwrap();
        let have = n.saturating_sub(1) as u64;
        match import(&mut li.node, &cut).await {
            Ok(report) => {
                let truncated = BundleError::Truncated { have, of: Some(6) };
                assert_eq!(report.truncated, Some(truncated), "cut {n}");
            }
            Err(CourierError::Bundle(BundleError::Truncated { have: 0, of: None })) => {
                assert_eq!(n, 0);
            }
            Err(error) => panic!("{error}"),
        }
        assert!(own.iter().all(|h| li.undecided().contains(h)));
    }
    import(&mut li.node, &path).await.unwrap();
    assert_eq!(li.undecided().len(), 5);
}

#[tokio::test]
async fn bundles_in_reverse_order_show_the_gap_and_then_close_it() {
    let journal = Journal::of(SPACE, &[LI, ZHOU]);
    let (mut li, mut zhou) = (laptop(LI, &[&journal]).await, laptop(ZHOU, &[&journal]).await);
    let doc = zhou.write(&["甲。"]).await;
    let first = zhou.export("一.xunji").await;
    // What the server has decided leaves the next file, as far as readers are known to have it.
    let mut decided = Journal { items: journal.items.clone() };
    let before = decided.items.len();
    for envelope in zhou.node.undecided(SPACE).await.unwrap() {
        decided.entry(SPACE, Some(envelope), Verdict::Main, Vec::new());
    }
    let items = decided.items[before..].to_vec();
    zhou.node.courier(Courier { items, envelopes: Vec::new() }).await.unwrap();
    let head = zhou.node.space(SPACE).unwrap().head();
    let peer = shared::journal::Write::put(
        shared::journal::Table::Meta,
        peer_row(device(LI), SPACE),
        write_cursor(&head),
    );
    zhou.node.vault().commit(vec![peer]).await.unwrap();
    zhou.add(doc, "乙。").await;
    let second = zhou.export("二.xunji").await;

    let report = import(&mut li.node, &second).await.unwrap();
    assert_eq!(report.new, 1);
    assert_eq!(report.entries_missing, [EntriesMissing { space: SPACE, missing: 2 }]);
    assert_eq!(report.gaps.len(), 1);
    assert_eq!((report.gaps[0].missing, report.gaps[0].person), (2, Some(person(ZHOU))));
    assert!(matches!(report.set_aside[..], [SetAside::NotShown { .. }]), "{report:?}");

    let report = import(&mut li.node, &first).await.unwrap();
    assert_eq!((report.new, report.gaps.len()), (2, 0));
    let again = import(&mut li.node, &second).await.unwrap();
    assert_eq!((again.new, again.known, again.gaps.len()), (0, 1, 0));
}

#[tokio::test]
async fn a_damaged_file_is_taken_up_to_the_damage() {
    let journal = Journal::of(SPACE, &[LI, ZHOU]);
    let (mut li, mut zhou) = (laptop(LI, &[&journal]).await, laptop(ZHOU, &[&journal]).await);
    zhou.write(&["甲。", "乙。"]).await;
    let path = zhou.export("周.xunji").await;
    let mut bytes = fs::read(&path).unwrap();
    let at = cuts(&bytes, 1)[5];
    bytes[at + 50] ^= 1;
    let bad = li.path("坏.xunji");
    fs::write(&bad, &bytes).unwrap();
    let report = import(&mut li.node, &bad).await.unwrap();
    let damage = BundleError::Damaged { at: at as u64, what: Damage::Seal };
    assert_eq!(report.truncated, Some(damage));
    assert_eq!((report.new, report.gaps[0].missing), (1, 2));

    fs::write(&bad, "这不是巡迹的文件").unwrap();
    let error = import(&mut li.node, &bad).await.unwrap_err();
    assert!(matches!(error, CourierError::Bundle(BundleError::NotABundle)));
    let absent = li.path("没有.xunji");
    let error = import(&mut li.node, &absent).await.unwrap_err();
    assert!(matches!(error, CourierError::File { .. }));
}

#[tokio::test]
async fn a_file_for_others_of_another_round_or_from_strangers_is_refused_by_name() {
    let journal = Journal::of(SPACE, &[LI, ZHOU]);
    let mut li = laptop(LI, &[&journal]).await;
    li.write(&["甲。"]).await;
    let path = li.export("李.xunji").await;
    let foreign = |result: Result<ImportReport, CourierError>| match result {
        Err(CourierError::Bundle(BundleError::Foreign(why))) => why,
        other => panic!("{other:?}"),
    };
    let mut sun = laptop(SUN, &[&journal]).await;
    assert_eq!(foreign(import(&mut sun.node, &path).await), Foreign::Reader);
    let mut other = laptop_of(ZHOU, 8, true, &[]).await;
    assert_eq!(foreign(import(&mut other.node, &path).await), Foreign::Round);
    let mut real = laptop_of(ZHOU, SERVER, false, &[]).await;
    assert_eq!(foreign(import(&mut real.node, &path).await), Foreign::Training);
    // 孙某 was never certified, and makes himself a member on his own disk only.
    let mut forged = Journal::of(SPACE, &[LI, ZHOU, SUN]);
    forged.items.truncate(4);
    let mut stranger = laptop(SUN, &[&forged]).await;
    stranger.write(&["伪造。"]).await;
    let path = stranger.path("孙.xunji");
    let peer = shared::journal::Write::put(
        shared::journal::Table::Meta,
        peer_row(device(LI), SPACE),
        write_cursor(&stranger.node.space(SPACE).unwrap().head()),
    );
    stranger.node.vault().commit(vec![peer]).await.unwrap();
    let what = Export { spaces: vec![SPACE], readers: vec![device(LI)], ..Export::default() };
    export(&mut stranger.node, &what, &path).await.unwrap();
    let before = li.undecided();
    assert_eq!(foreign(import(&mut li.node, &path).await), Foreign::Maker);
    assert_eq!(li.undecided(), before);
}

#[tokio::test]
async fn nobody_reads_a_space_he_has_no_part_in() {
    let all = Journal::of(SPACE, &[LI, ZHOU, SUN]);
    let few = Journal::of(SMALL, &[LI, ZHOU]);
    let mut li = laptop(LI, &[&all, &few]).await;
    let path = li.path("李.xunji");
    let mut what = Export { spaces: vec![SPACE, SMALL], ..Export::default() };
    let exported = export(&mut li.node, &what, &path).await.unwrap();
    let readers: Vec<_> = exported.readers.iter().map(|r| (r.0, r.1.as_str())).collect();
    assert_eq!(readers, [(device(ZHOU), "周某")]);

    fs::write(&path, "原有").unwrap();
    what.readers = vec![device(SUN)];
    let error = export(&mut li.node, &what, &path).await.unwrap_err();
    assert!(matches!(
        error,
        CourierError::NotEntitled { device: d, space: SMALL } if d == device(SUN)
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "原有");

    let alone = Journal::of(SPACE, &[LI]);
    let mut li = laptop(LI, &[&alone]).await;
    let what = Export { spaces: vec![SPACE], ..Export::default() };
    let path = li.path("李.xunji");
    let error = export(&mut li.node, &what, &path).await.unwrap_err();
    assert!(matches!(error, CourierError::NoReaders) && !path.exists());
}

fn contract() -> Evidence {
    Evidence {
        id: EvidenceId::from_bytes([5; 16]),
        name: "宣传品采购合同".into(),
        kind: EvidenceKind::Document,
        class: EvidenceClass::Base,
        origin: "甲局财务科".into(),
        obtained_by: vec![person(LI)],
        obtained_on: "2026-05-11".into(),
        original_kept_at: String::new(),
        conclusive: false,
        size: 0,
        content: None,
        file: None,
    }
}

#[tokio::test]
async fn a_file_of_evidence_goes_along_and_goes_on_where_it_was_cut() {
    let journal = Journal::of(SPACE, &[LI, ZHOU]);
    let (mut li, mut zhou) = (laptop(LI, &[&journal]).await, laptop(ZHOU, &[&journal]).await);
    let doc = li.write(&[]).await;
    let content: Vec<u8> = "合同第三页".bytes().cycle().take(1_500_000).collect();
    let mut evidence = contract();
    let files = li.node.vault().files();
    evidence::attach(&files, Bytes::new(content.clone()), &mut evidence).await.unwrap();
    let id = evidence.id;
    li.node.ask(SPACE, doc, Command::RegisterEvidence { evidence }).await.unwrap();

    let path = li.path("文.xunji");
    let what = Export { spaces: vec![SPACE], text_only: true, ..Export::default() };
    assert_eq!(export(&mut li.node, &what, &path).await.unwrap().files, 0);
    let report = import(&mut zhou.node, &path).await.unwrap();
    assert_eq!((report.new, report.files), (2, 0));
    let read = |zhou: &mut Laptop| {
        let files = zhou.node.vault().files();
        let mut bytes = Vec::new();
        let mut reader = evidence::open(&files, zhou.node.space(SPACE).unwrap(), id).ok()?;
        reader.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    assert_eq!(read(&mut zhou), None);

    let path = li.export("全.xunji").await;
    let bytes = fs::read(&path).unwrap();
    let cuts = cuts(&bytes, 1);
    let cut = zhou.path("断.xunji");
    // Cut inside the third piece of the file.
    fs::write(&cut, &bytes[..cuts[8] + 1_000]).unwrap();
    let report = import(&mut zhou.node, &cut).await.unwrap();
    assert_eq!((report.files, report.files_unfinished), (0, 1));
    assert_eq!(read(&mut zhou), None);
    let report = import(&mut zhou.node, &path).await.unwrap();
    assert_eq!((report.files, report.files_unfinished, report.truncated), (1, 0, None));
    assert!(read(&mut zhou) == Some(content));
    let again = import(&mut zhou.node, &path).await.unwrap();
    assert_eq!((again.files, again.files_unfinished), (0, 0));
    assert!(again.set_aside.is_empty());
}

#[tokio::test]
async fn what_was_given_up_before_a_lock_is_said_anew_at_the_next_unlock() {
    let journal = Journal::of(SPACE, &[LI]);
    let mut li = laptop(LI, &[&journal]).await;
    let doc = li.write(&["张某陈述一。"]).await;
    let given_up = li.undecided();
    assert_eq!(given_up.len(), 2);
    // That they cannot stand is on the disk; for saying them anew there was no time.
    let marks = given_up.iter().map(|hash| {
        let key = [b"void/", &hash.0[..]].concat();
        Write::put(Table::Meta, key, Vec::new())
    });
    li.node.vault().commit(marks.collect()).await.unwrap();
    let Laptop { _dir: dir, node } = li;
    node.lock().await.unwrap();

    let home = dir.path().join("home");
    let mut node = FieldNode::open(&home, &"开启甲组".into()).await.unwrap();
    let space = node.space(SPACE).unwrap();
    assert!(given_up.iter().all(|hash| space.envelope(hash).unwrap().said_anew()));
    let reading = node.reading(SPACE, doc).await.unwrap();
    assert!(matches!(&reading.body, Body::Interview(r) if r.note == "张某陈述一。开场"));
    let held = node.held_back().await.unwrap();
    assert!(!held.is_empty(), "the new words are not received");
    assert!(held.iter().all(|h| matches!(h, HeldBack::NotReceived { .. })), "{held:?}");
}
