//! The check against real changes, known bombs, and bytes at random.
#![allow(clippy::unwrap_used, clippy::panic)]
use automerge::{
    ActorId, AutoCommit, Change, ObjType, ROOT, ScalarValue,
    marks::{ExpandMark, Mark},
    transaction::Transactable,
};
use proptest::prelude::*;

use super::*;

mod people;
use people::{edit, play};

fn actor(n: u8) -> ActorId {
    // Spread so that authors stand before, between and after the other actors.
    ActorId::from([n.wrapping_mul(97); ACTOR_LEN].as_slice())
}

/// Joins the changes of each actor into bodies, as an outbox does.
fn bodies(doc: &mut AutoCommit) -> Vec<Vec<Change>> {
    let mut bodies: Vec<Vec<Change>> = Vec::new();
    for change in doc.get_changes(&[]) {
        let follows = |body: &&mut Vec<Change>| {
            body.last()
                .is_some_and(|c| c.actor_id() == change.actor_id() && c.seq() + 1 == change.seq())
        };
        match bodies.iter_mut().find(follows) {
            Some(body) => body.push(change),
            None => bodies.push(vec![change]),
        }
    }
    bodies
}

fn bytes(changes: &[Change]) -> Vec<u8> {
    changes.iter().flat_map(|c| c.raw_bytes().to_vec()).collect()
}

/// Checks that a body is accepted and that its headers are what Automerge reads.
fn assert_same(changes: &[Change]) {
    let body = bytes(changes);
    let limits = Limits { bytes: usize::MAX, ..Limits::default() };
    let headers = check(&body, &limits).unwrap_or_else(|e| panic!("{e}: {changes:?}"));
    assert_eq!(headers.len(), changes.len());
    let mut start = 0;
    for (header, change) in headers.iter().zip(changes) {
        assert_eq!(header.hash.0, change.hash().0);
        assert_eq!(header.actor.as_slice(), change.actor_id().to_bytes());
        assert_eq!(header.seq, change.seq());
        assert_eq!(header.start_op, change.start_op().get());
        assert_eq!(header.max_op, change.max_op());
        assert_eq!(header.ops, change.len() as u64);
        assert_eq!(header.start, start);
        assert_eq!(header.len, change.raw_bytes().len());
        let deps: Vec<[u8; 32]> = change.deps().iter().map(|d| d.0).collect();
        assert_eq!(header.deps.iter().map(|d| d.0).collect::<Vec<_>>(), deps);
        start += header.len;
    }
}

/// An interview note with everything that Xunji's documents use.
fn note() -> AutoCommit {
    let mut doc = AutoCommit::new().with_actor(actor(1));
    let text = doc.put_object(ROOT, "正文", ObjType::Text).unwrap();
    let list = doc.put_object(ROOT, "问题", ObjType::List).unwrap();
    let map = doc.put_object(ROOT, "字段", ObjType::Map).unwrap();
    doc.commit();
    doc.splice_text(&text, 0, 0, "张某称：某市甲局的值班记录自去年起没有人核对。").unwrap();
    doc.commit();
    doc.splice_text(&text, 4, 3, "乙局").unwrap();
    doc.put(&map, "严重程度", "一般").unwrap();
    doc.put(&map, "次数", ScalarValue::counter(3)).unwrap();
    doc.put(&map, "金额", 12.5f64).unwrap();
    doc.put(&map, "已核", true).unwrap();
    doc.put(&map, "未核", false).unwrap();
    doc.put(&map, "空", ()).unwrap();
    doc.put(&map, "时间", ScalarValue::Timestamp(1_700_000_000_000)).unwrap();
    doc.put(&map, "哈希", vec![1u8, 2, 3]).unwrap();
    doc.put(&map, "负", i64::MIN).unwrap();
    doc.put(&map, "大", u64::MAX).unwrap();
    doc.commit();
    doc.increment(&map, "次数", 2).unwrap();
    doc.delete(&map, "空").unwrap();
    doc.insert(&list, 0, "一").unwrap();
    doc.insert(&list, 1, "二").unwrap();
    let item = doc.insert_object(&list, 1, ObjType::Map).unwrap();
    doc.put(&item, "状态", "草稿").unwrap();
    doc.delete(&list, 0).unwrap();
    doc.commit();
    let mark = Mark::new("疑点".to_owned(), true, 2, 6);
    doc.mark(&text, mark, ExpandMark::Both).unwrap();
    let mark = Mark::new("引用".to_owned(), "甲", 8, 9);
    doc.mark(&text, mark, ExpandMark::None).unwrap();
    doc.unmark(&text, "疑点", 3, 4, ExpandMark::After).unwrap();
    doc.commit();
    doc
}

#[test]
fn the_changes_of_a_note_are_accepted_as_automerge_reads_them() {
    let mut doc = note();
    for body in bodies(&mut doc) {
        assert_same(&body);
    }
    // The same changes rebuilt out of a saved document.
    let mut loaded = AutoCommit::load(&doc.save()).unwrap();
    for body in bodies(&mut loaded) {
        assert_same(&body);
    }
}

#[test]
fn a_pasted_page_of_hanzi_fits_one_body() {
    let mut doc = AutoCommit::new().with_actor(actor(1));
    let text = doc.put_object(ROOT, "正文", ObjType::Text).unwrap();
    doc.splice_text(&text, 0, 0, &"巡视整改".repeat(4_900)).unwrap();
    doc.commit();
    let body = bytes(&doc.get_changes(&[]));
    let headers = check(&body, &Limits::default()).unwrap();
    assert_eq!(headers[0].ops, 19_601);
}

/// A change chunk around `contents`, with a right checksum.
fn chunk(kind: u8, contents: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    unsigned(&mut hashed, contents.len() as u64);
    hashed.extend_from_slice(contents);
    let hash = Sha256::digest(&hashed);
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&hash[..4]);
    out.extend_from_slice(&hashed);
    out
}

fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// A first change by `actor(1)` with the columns given as (specification, bytes).
fn change_of(columns: &[(u8, &[u8])]) -> Vec<u8> {
    let mut contents = vec![0, 16];
    contents.extend_from_slice(actor(1).to_bytes());
    contents.extend_from_slice(&[1, 1, 0, 0, 0]);
    contents.push(columns.len().try_into().unwrap());
    for (spec, bytes) in columns {
        unsigned(&mut contents, u64::from(*spec));
        unsigned(&mut contents, bytes.len() as u64);
    }
    for (_, bytes) in columns {
        contents.extend_from_slice(bytes);
    }
    chunk(KIND_CHANGE, &contents)
}

/// The contents of the first chunk of `bytes`: what follows its length.
fn contents(bytes: &[u8]) -> &[u8] {
    let mut input = Reader::new(bytes, 0);
    input.take(9).unwrap();
    let len = input.length().unwrap();
    &input.rest()[..len]
}

/// `{"键": "值"}` in the columns that Automerge writes for it.
const KEY: &[u8] = &[0x7f, 0x03, 0xe9, 0x94, 0xae];
const VALUE: &[u8] = &[0xe5, 0x80, 0xbc];
const ONE_PUT: [(u8, &[u8]); 6] = [
    (0x15, KEY),
    (0x34, &[1]),
    (0x42, &[0x7f, 1]),
    (0x56, &[0x7f, 0x36]),
    (0x57, VALUE),
    (0x70, &[0x7f, 0]),
];

/// `ONE_PUT` with one column replaced, added or (if empty) taken out.
fn one_put_with(spec: u8, bytes: &'static [u8]) -> Vec<u8> {
    let mut columns: Vec<(u8, &[u8])> = ONE_PUT.to_vec();
    columns.retain(|(s, _)| *s != spec);
    if !bytes.is_empty() {
        columns.push((spec, bytes));
    }
    columns.sort_by_key(|(s, _)| *s);
    change_of(&columns)
}

fn refusal(body: &[u8]) -> PrecheckError {
    check(body, &Limits::default()).unwrap_err()
}

#[test]
fn a_hand_made_change_is_what_automerge_makes() {
    let mut doc = AutoCommit::new().with_actor(actor(1));
    doc.put(ROOT, "键", "值").unwrap();
    doc.commit();
    assert_eq!(bytes(&doc.get_changes(&[])), change_of(&ONE_PUT));
}

#[test]
fn twenty_million_nulls_in_a_hundred_bytes_are_refused_at_once() {
    let mut nulls = vec![];
    // A run of 20,000,000: the count as signed LEB128, then the value.
    let run = |value: u8| vec![0x80, 0xda, 0xc4, 0x09, value];
    unsigned(&mut nulls, 20_000_000);
    let bomb = change_of(&[
        (0x15, KEY),
        (0x34, &nulls),
        (0x42, &run(1)),
        (0x56, &run(0)),
        (0x70, &run(0)),
    ]);
    assert!(bomb.len() < 120);
    assert_eq!(
        refusal(&bomb),
        PrecheckError::TooManyRows { at: 0, column: Column::Action, limit: 20_000 }
    );
    // The same hidden behind one honest action.
    assert!(matches!(
        refusal(&one_put_with(0x34, &[0x80, 0xda, 0xc4, 0x09])),
        PrecheckError::TooManyRows { column: Column::Insert, .. }
    ));
    assert!(matches!(
        refusal(&one_put_with(0x01, &[0, 0x80, 0xda, 0xc4, 0x09, 0x7f, 0])),
        PrecheckError::TooManyRows { column: Column::ObjectActor, .. }
    ));
    assert!(matches!(
        refusal(&one_put_with(0x70, &[0x7f, 0x80, 0xda, 0xc4, 0x09])),
        PrecheckError::TooManyRows { column: Column::PredCount, .. }
    ));
}

#[test]
fn a_long_key_repeated_for_each_row_is_refused() {
    let key = "键".repeat(300);
    let run = |value: &[u8]| [&[0xa0, 0x9c, 0x01], value].concat();
    let mut text = vec![];
    unsigned(&mut text, key.len() as u64);
    text.extend_from_slice(key.as_bytes());
    let body = change_of(&[
        (0x15, &run(&text)),
        (0x34, &[0xa0, 0x9c, 0x01]),
        (0x42, &run(&[1])),
        (0x56, &run(&[0])),
        (0x70, &run(&[0])),
    ]);
    let limit = Limits::default().names;
    let expected = PrecheckError::TooMuchText { at: 0, column: Column::KeyText, limit };
    assert_eq!(refusal(&body), expected);
}

#[test]
fn the_limit_of_rows_holds_for_the_whole_body() {
    let mut doc = AutoCommit::new().with_actor(actor(1));
    for n in 0..10i64 {
        doc.put(ROOT, "序", n).unwrap();
        doc.commit();
    }
    let body = bytes(&doc.get_changes(&[]));
    let limits = |ops| Limits { ops, ..Limits::default() };
    assert_eq!(check(&body, &limits(10)).unwrap().len(), 10);
    assert!(matches!(
        check(&body, &limits(9)),
        Err(PrecheckError::TooManyRows { column: Column::Action, limit: 0, .. })
    ));
}

#[test]
fn documents_bundles_and_compressed_changes_are_refused() {
    let mut doc = note();
    assert_eq!(refusal(&doc.save()), PrecheckError::ChunkKind { at: 0, kind: 0 });
    let mut long = AutoCommit::new().with_actor(actor(1));
    long.put(ROOT, "键", "重复".repeat(400)).unwrap();
    let compressed = long.get_changes(&[])[0].bytes().to_vec();
    assert_eq!(refusal(&compressed), PrecheckError::ChunkKind { at: 0, kind: 2 });
    assert_eq!(refusal(&chunk(3, &[])), PrecheckError::ChunkKind { at: 0, kind: 3 });
}

#[test]
fn a_deflated_column_is_refused() {
    let spec = 0x57 | 0x08;
    let body = one_put_with(spec, &[0x01, 0x00]);
    assert!(matches!(refusal(&body), PrecheckError::Deflated { spec: 0x5f, .. }));
}

#[test]
fn a_wrong_checksum_and_bytes_cut_short_are_refused() {
    let body = change_of(&ONE_PUT);
    let mut wrong = body.clone();
    wrong[4] ^= 1;
    assert_eq!(refusal(&wrong), PrecheckError::Checksum { at: 0 });
    for len in 1..body.len() {
        assert!(check(&body[..len], &Limits::default()).is_err(), "cut at {len}");
    }
    assert_eq!(refusal(&[]), PrecheckError::Empty);
    let long = Limits { bytes: body.len() - 1, ..Limits::default() };
    assert!(matches!(check(&body, &long), Err(PrecheckError::BodyTooLong { .. })));
}

#[test]
fn the_header_must_be_what_a_build_of_ours_writes() {
    let real = change_of(&ONE_PUT);
    let good = contents(&real).to_vec();
    let with = |at: usize, byte: u8| {
        let mut changed = good.clone();
        changed[at] = byte;
        refusal(&chunk(KIND_CHANGE, &changed))
    };
    // deps at 0, actor length at 1, then seq, start_op, time, message, other actors.
    assert!(matches!(with(0, 65), PrecheckError::TooManyDeps { found: 65, .. }));
    assert!(matches!(with(1, 15), PrecheckError::ActorLength { len: 15, .. }));
    assert!(matches!(with(18, 0), PrecheckError::Seq { found: 0, .. }));
    assert!(matches!(with(19, 0), PrecheckError::StartOp { found: 0, .. }));
    assert!(matches!(with(20, 0x7f), PrecheckError::Time { found: -1, .. }));
    assert!(matches!(with(20, 1), PrecheckError::Time { found: 1, .. }));
    assert!(matches!(with(21, 1), PrecheckError::Message { len: 1, .. }));
    let mut footer = good.clone();
    footer.push(0);
    let footer = refusal(&chunk(KIND_CHANGE, &footer));
    assert!(matches!(footer, PrecheckError::ExtraBytes { len: 1, .. }));

    let mut high = good[..19].to_vec();
    high.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x07]);
    high.extend_from_slice(&good[20..]);
    assert_eq!(
        check(&chunk(KIND_CHANGE, &high), &Limits::default()).unwrap()[0].max_op,
        (1 << 31) - 1
    );
    high[23] = 0x08;
    high[19] = 0x80;
    high[20] = 0x80;
    high[21] = 0x80;
    high[22] = 0x80;
    assert!(matches!(
        refusal(&chunk(KIND_CHANGE, &high)),
        PrecheckError::StartOp { found: 0x8000_0000, .. }
    ));
}

#[test]
fn a_body_is_of_one_actor_in_unbroken_order() {
    let mut doc = note();
    let changes = doc.get_changes(&[]);
    let joined = |a: usize, b: usize| [changes[a].raw_bytes(), changes[b].raw_bytes()].concat();
    assert!(check(&joined(0, 1), &Limits::default()).is_ok());
    assert!(matches!(refusal(&joined(0, 2)), PrecheckError::SeqGap { expected: 2, found: 3, .. }));
    assert!(matches!(refusal(&joined(1, 0)), PrecheckError::SeqGap { expected: 3, found: 1, .. }));
    let mut other = AutoCommit::new().with_actor(actor(2));
    other.put(ROOT, "键", 1).unwrap();
    let other = bytes(&other.get_changes(&[]));
    let mixed = [changes[0].raw_bytes(), other.as_slice()].concat();
    let at = changes[0].raw_bytes().len();
    assert_eq!(refusal(&mixed), PrecheckError::AnotherActor { at });
}

#[test]
fn an_unusual_encoding_of_a_sound_change_is_refused() {
    let at = |body: Vec<u8>| refusal(&body);
    // A run of one, where Automerge writes a literal.
    assert!(matches!(
        at(one_put_with(0x42, &[1, 1])),
        PrecheckError::Run { column: Column::Action, .. }
    ));
    // A column of nulls, which Automerge leaves out.
    assert!(matches!(
        at(one_put_with(0x01, &[0, 1])),
        PrecheckError::Run { column: Column::ObjectActor, .. }
    ));
    assert!(matches!(
        at(one_put_with(0x94, &[1])),
        PrecheckError::EmptyColumn { column: Column::Expand, .. }
    ));
    assert!(matches!(at(one_put_with(0x42, &[0x7f, 0x81, 0x00])), PrecheckError::Number { .. }));
    assert!(matches!(
        at(one_put_with(0xb2, &[0x7f, 1])),
        PrecheckError::UnknownColumn { spec: 0xb2, .. }
    ));
    assert!(matches!(at(one_put_with(0x57, &[])), PrecheckError::ValueBytes { found: 0, .. }));
    let mut twice = ONE_PUT.to_vec();
    twice.insert(1, ONE_PUT[0]);
    assert!(matches!(at(change_of(&twice)), PrecheckError::ColumnsOutOfOrder { spec: 0x15, .. }));
}

#[test]
fn an_operation_that_contradicts_itself_is_refused() {
    let fault = |body: Vec<u8>| match refusal(&body) {
        PrecheckError::Op { row: 0, fault, .. } => fault,
        other => panic!("{other}"),
    };
    assert_eq!(fault(one_put_with(0x42, &[0x7f, 6])), OpFault::Action(6));
    assert_eq!(fault(one_put_with(0x42, &[0x7f, 5])), OpFault::ValueKind(6));
    assert_eq!(fault(one_put_with(0x34, &[0, 1])), OpFault::Place);
    assert_eq!(fault(one_put_with(0x56, &[0x7f, 0x3f])), OpFault::Value(15));
    assert_eq!(fault(one_put_with(0x56, &[0x7f, 0x35])), OpFault::Value(5));
    assert_eq!(fault(one_put_with(0x94, &[0, 1])), OpFault::Mark);
    assert_eq!(fault(one_put_with(0x15, &[])), OpFault::Key);
    assert_eq!(fault(one_put_with(0x13, &[0x7f, 0])), OpFault::Key);
    assert_eq!(fault(one_put_with(0x01, &[0x7f, 0])), OpFault::HalfObject);
    let later = change_of(&[
        (0x15, KEY),
        (0x34, &[1]),
        (0x42, &[0x7f, 3]),
        (0x56, &[0x7f, 0]),
        (0x70, &[0x7f, 1]),
        (0x71, &[0x7f, 0]),
        (0x73, &[0x7f, 1]),
    ]);
    assert_eq!(fault(later), OpFault::Later(1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_write_is_accepted(edits in prop::collection::vec(edit(), 0..60)) {
        let mut doc = play(&edits);
        for body in bodies(&mut doc) {
            assert_same(&body);
        }
        let saved = doc.save();
        let mut loaded = AutoCommit::load(&saved).unwrap();
        for body in bodies(&mut loaded) {
            assert_same(&body);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = check(&bytes, &Limits::default());
        let _ = check(&chunk(KIND_CHANGE, &bytes), &Limits::default());
    }

    #[test]
    fn a_damaged_change_is_bounded_and_still_a_change_to_automerge(
        edits in prop::collection::vec(edit(), 0..12),
        pick in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..4),
    ) {
        let changes = play(&edits).get_changes(&[]);
        let mut damaged = contents(pick.get(&changes).raw_bytes()).to_vec();
        for (at, byte, how) in damage {
            let at = at.index(damaged.len());
            match how {
                0 => damaged[at] ^= 1 << (byte % 8),
                1 => damaged.insert(at, byte),
                _ => { if damaged.len() > 1 { damaged.remove(at); } }
            }
        }
        let body = chunk(KIND_CHANGE, &damaged);
        let limits = Limits { ops: 100, preds: 100, ..Limits::default() };
        if let Ok(headers) = check(&body, &limits) {
            prop_assert_eq!(headers.len(), 1);
            prop_assert!(headers[0].ops <= 100);
            let read = Change::from_bytes(body.clone()).unwrap();
            prop_assert_eq!(read.len() as u64, headers[0].ops);
            prop_assert_eq!(read.hash().0, headers[0].hash.0);
        }
    }
}
