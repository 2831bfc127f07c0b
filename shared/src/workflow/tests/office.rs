//! Who may do what: the office comments and never edits; memberships end by entries alone.
use super::{super::*, bench::*};
use crate::model::{Body, DocKind, Touched, round::Role};

const WP: crate::model::DocId = doc(20);

fn birth() -> Touched {
    Touched { birth: Some(DocKind::Workpaper), touches: vec![] }
}

#[test]
fn the_office_comments_an_edition_and_the_group_sees_it() {
    let mut bench = Bench::new();
    bench.approved_workpaper(WP);
    let edition = bench.state(OFFICE).matters(Matter::edition).next().expect("an edition").0.doc;
    let comment = || Command::CommentEdition { text: "请补充合同原件".into() };
    bench.ask(OFFICE, ZHENG, edition, comment());
    assert_eq!(bench.record_of(G3, WP).comments[0].name, "郑某");
    assert_eq!(bench.record_of(OFFICE, edition).comments.len(), 1);
    assert_eq!(
        bench.write(OFFICE, ZHENG, edition, edit("condition")),
        Err(AsideReason::NotAllowed)
    );
    // Even as a member of the engagement the office writes nothing there.
    let set = Event::MemberSet {
        person: ZHENG,
        name: "郑某".into(),
        post: String::new(),
        roles: vec![Role::OfficeStaff],
        from: bench.now,
        until: None,
    };
    bench.say(G3, DocEvent::space(set));
    assert_eq!(bench.write(G3, ZHENG, doc(21), birth()), Err(AsideReason::NotAllowed));
    assert!(bench.state(G3).may_read(ZHENG, bench.now));
    assert!(!bench.state(G3).may_write(ZHENG, WP, bench.now));
    assert!(bench.state(G3).may_write(SUN, WP, bench.now));
    bench.refused(G3, ZHENG, WP, comment(), "wrong_space");
}

#[test]
fn a_membership_ends_by_an_entry_and_not_by_the_clock() {
    let mut bench = Bench::new();
    bench.born(G3, SUN, WP, Body::Workpaper(paper()));
    let set = Event::MemberSet {
        person: ZHOU,
        name: "周某".into(),
        post: String::new(),
        roles: vec![Role::Member],
        from: bench.now,
        until: Some(time("05-20T00:00")),
    };
    bench.say(G3, DocEvent::space(set));
    let sign = bench.sign(G3, WP, Step::Maker);
    bench.now = time("05-20T08:00");
    assert!(bench.state(G3).may_read(ZHOU, bench.now), "only an entry ends it");
    assert_eq!(bench.timers(), vec![Command::LapseMembership { person: ZHOU }]);
    assert!(!bench.state(G3).may_read(ZHOU, bench.now));
    bench.refused(G3, ZHOU, WP, sign.clone(), "lapsed");
    assert_eq!(bench.write(G3, ZHOU, WP, edit("cause")), Err(AsideReason::Lapsed));
    bench.refused(G3, NOBODY, WP, sign.clone(), "not_a_member");
    assert_eq!(bench.write(G3, NOBODY, WP, edit("cause")), Err(AsideReason::NotAMember));

    bench.say(G3, DocEvent::space(Event::Recused { person: LI, reason: "配偶在该单位".into() }));
    bench.refused(G3, LI, WP, sign.clone(), "recused");
    assert_eq!(bench.write(G3, LI, WP, edit("cause")), Err(AsideReason::Recused));
    let lost = Event::DeviceRevoked { device: device(SUN), reason: "遗失".into() };
    bench.say(G3, DocEvent::space(lost));
    bench.refused(G3, SUN, WP, sign, "device_revoked");
    assert_eq!(bench.write(G3, SUN, WP, edit("cause")), Err(AsideReason::RevokedDevice));
}

#[test]
fn what_this_build_does_not_know_is_read_only() {
    let mut bench = Bench::new();
    bench.born(G3, SUN, WP, Body::Workpaper(paper()));
    bench.spaces.get_mut(&G3).expect("space").freeze(Some(WP));
    let sign = bench.sign(G3, WP, Step::Maker);
    bench.refused(G3, SUN, WP, sign, "read_only");
    assert_eq!(bench.write(G3, SUN, WP, edit("cause")), Err(AsideReason::ReadOnly));
    bench.write(G3, SUN, doc(21), birth()).expect("other records go on");
    bench.spaces.get_mut(&G3).expect("space").freeze(None);
    assert_eq!(bench.write(G3, SUN, doc(22), birth()), Err(AsideReason::ReadOnly));
}

#[test]
fn documents_are_born_once_in_a_space_of_their_kind() {
    let mut bench = Bench::new();
    bench.write(G3, SUN, WP, birth()).expect("born");
    assert_eq!(bench.write(G3, LI, WP, birth()), Err(AsideReason::BornTwice));
    assert_eq!(bench.write(G3, LI, doc(21), edit("cause")), Err(AsideReason::UnknownRecord));
    let talk = Touched { birth: Some(DocKind::Consultation), touches: vec![] };
    assert_eq!(bench.write(G3, LI, doc(22), talk), Err(AsideReason::WrongKind));
    assert_eq!(bench.write(DESK, SUN, doc(23), birth()), Err(AsideReason::NotAllowed));
    for kind in KINDS {
        assert!(bench.state(G3).holds_texts_of(kind));
    }
    bench.refused(G3, SUN, doc(99), Command::CloseInterview, "unknown_record");
    let asked = Command::Sign {
        step: Step::Maker,
        pin: Pin { heads: vec![], rendering: Default::default(), text: None },
        gate_override: None,
    };
    bench.refused(G3, SUN, WP, asked, "content_missing");
}

#[test]
fn codes_are_stable_words_and_all_different() {
    for codes in [Refusal::CODES, AsideReason::CODES] {
        let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), codes.len());
        assert!(codes.iter().all(|c| c.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }
    let table = include_str!("../refusal.rs");
    for code in Refusal::CODES.iter().chain(AsideReason::CODES) {
        assert!(table.contains(&format!("`{code}`")), "{code} is not in the table");
    }
}

/// A refusal nobody has met is a rule nobody has tried. What rests on a refused request is
/// refused by the journal.
#[test]
fn every_refusal_is_met_by_a_test() {
    let tests = [
        include_str!("consultation.rs"),
        include_str!("interview.rs"),
        include_str!("notice.rs"),
        include_str!("office.rs"),
        include_str!("workpaper.rs"),
    ]
    .concat();
    let unmet: Vec<_> =
        Refusal::CODES.iter().filter(|code| !tests.contains(&format!("\"{code}\""))).collect();
    // Written apart, or this line would count as a test of them. The server alone is told
    // that something is not due.
    assert_eq!(unmet, [concat!("basis", "_refused"), concat!("not", "_due")].each_ref());
}

/// Puts an edition of a paper before the office.
fn put(bench: &mut Bench, n: u8, group: &str, party: &str, article: (&str, &str)) {
    let mut paper = paper();
    paper.party = party.into();
    paper.criteria.truncate(1);
    (paper.criteria[0].instrument, paper.criteria[0].article) =
        (article.0.into(), article.1.into());
    let reading = reading(n, Body::Workpaper(paper));
    let edition = crate::model::edition::Edition {
        id: doc(n),
        source_space: G3,
        source: doc(n),
        kind: DocKind::Workpaper,
        number: format!("2026R2-{group}-WP-{n:03}"),
        group: group.into(),
        rendering: String::new(),
        rendering_hash: rendering_digest(""),
        reading: Some(reading),
        masked: false,
    };
    let event = Event::EditionPlaced { edition, for_approval: false, replaces: None, by: ZHAO };
    bench.say(OFFICE, DocEvent::of(doc(n), event));
}

#[test]
fn the_same_matter_is_found_across_groups_and_never_within_one() {
    use super::super::same::{SameBy, same_matters};
    let mut bench = Bench::new();
    put(&mut bench, 71, "G3", "某文化公司", ("某市采购限额办法", "第九条"));
    put(&mut bench, 72, "G3", "某文化公司", ("某市证明事项清理目录", "第二条"));
    assert_eq!(same_matters(bench.state(OFFICE)), [], "one group's own papers are its own");
    put(&mut bench, 73, "G5", " 某文化公司 ", ("《某市采购限额办法》", "第 九 条"));
    put(&mut bench, 74, "G5", "", ("", "第二条"));
    let found = same_matters(bench.state(OFFICE));
    let by: Vec<&SameBy> = found.iter().map(|s| &s.by).collect();
    let article = SameBy::Article("某市采购限额办法".into(), "第九条".into());
    assert_eq!(by, [&SameBy::Party("某文化公司".into()), &article]);
    let numbers: Vec<&str> = found[0].found.iter().map(|f| f.number.as_str()).collect();
    assert_eq!(numbers, ["2026R2-G3-WP-071", "2026R2-G3-WP-072", "2026R2-G5-WP-073"]);
    assert_eq!(found[1].found.len(), 2, "an empty party and an empty instrument match nothing");
}

#[test]
fn an_edition_that_was_replaced_is_compared_no_more() {
    use super::super::same::same_matters;
    let mut bench = Bench::new();
    put(&mut bench, 71, "G3", "某文化公司", ("甲办法", "第一条"));
    put(&mut bench, 73, "G5", "某文化公司", ("乙办法", "第一条"));
    assert_eq!(same_matters(bench.state(OFFICE)).len(), 1);
    let first = bench.record_of(OFFICE, doc(73)).matter.edition().expect("an edition");
    let mut edition = first.edition.clone();
    edition.id = doc(75);
    if let Some(Body::Workpaper(paper)) = edition.reading.as_mut().map(|r| &mut r.body) {
        paper.party = "另一公司".into();
    }
    let replaces = Some(doc(73));
    let event = Event::EditionPlaced { edition, for_approval: false, replaces, by: ZHAO };
    bench.say(OFFICE, DocEvent::of(doc(75), event));
    assert_eq!(same_matters(bench.state(OFFICE)), []);
}

#[test]
fn with_an_edition_the_office_learns_when_each_device_was_last_heard() {
    let mut bench = Bench::new();
    let heard = bench.now;
    bench.spaces.get_mut(&G3).expect("space").heard(device(SUN), heard);
    bench.now = heard.plus_millis(5 * 24 * 3_600_000);
    bench.approved_workpaper(WP);
    let told = &bench.state(OFFICE).group_devices;
    let of = |person| told[&device(person)].clone();
    assert_eq!((of(SUN).group.as_str(), of(SUN).name.as_str()), ("G3", "孙某"));
    assert_eq!(of(SUN).heard_at, Some(heard), "silent for five days");
    assert_eq!(of(SUN).told_at, bench.now);
    assert_eq!(of(ZHAO).heard_at, Some(bench.now), "the leader approves by it");
    assert!(!told.contains_key(&device(WANG)), "nobody but the group's");
}
