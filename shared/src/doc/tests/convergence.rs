//! Devices that hold the same changes say the same.
use proptest::prelude::*;

use super::*;
use crate::doc::{Labels, diff, render};

#[test]
fn both_sentences_survive_in_effect() {
    let (doc, _) = workpaper();
    let (mut a, mut b) = (on(&doc, 2), on(&doc, 3));
    let from_a = edit(&mut a, &[splice("effect", 0, 0, "多付工程款三万元。")]);
    let from_b = edit(&mut b, &[splice("effect", 0, 0, "挤占了民生项目资金。")]);
    a.apply(&[from_b]).unwrap();
    b.apply(&[from_a]).unwrap();
    let effect = paper(&a.reading()).effect.clone();
    assert!(effect.contains("多付工程款三万元。"), "{effect}");
    assert!(effect.contains("挤占了民生项目资金。"), "{effect}");
    assert_eq!(a.reading(), b.reading());
}

#[test]
fn concurrent_severities_stand_beside_each_other_with_their_authors() {
    let (doc, _) = workpaper();
    let (mut a, mut b) = (on(&doc, 2), on(&doc, 3));
    let from_a = a.edit(&[set("severity", "high")]).unwrap().unwrap();
    let from_b = b.edit(&[set("severity", "low")]).unwrap().unwrap();
    a.apply(&[&from_b.raw]).unwrap();
    b.apply(&[&from_a.raw]).unwrap();
    let reading = a.reading();
    assert_eq!(reading, b.reading());
    assert_eq!(reading.conflicts.len(), 1);
    let conflict = &reading.conflicts[0];
    assert_eq!(conflict.field, top("severity"));
    let told: Vec<_> =
        conflict.values.iter().map(|v| (v.value.as_text(), v.actor.as_str(), v.change)).collect();
    assert_eq!(
        told,
        [
            (Some("high"), &*"02".repeat(16), from_a.hash),
            (Some("low"), &*"03".repeat(16), from_b.hash)
        ]
    );
    assert!(render(&reading, &Labels::default()).text.contains("待裁定 severity"));
    // Whoever settles it overwrites both, and the conflict is gone.
    edit(&mut a, &[set("severity", "medium")]);
    assert_eq!(a.reading().conflicts, []);
    assert_eq!(b.reading_at(&doc.heads()).unwrap().conflicts, []);
}

#[test]
fn the_same_judgement_made_twice_is_agreement() {
    let (doc, _) = workpaper();
    let (mut a, mut b) = (on(&doc, 2), on(&doc, 3));
    edit(&mut a, &[set("severity", "high")]);
    let from_b = edit(&mut b, &[set("severity", "high")]);
    a.apply(&[from_b]).unwrap();
    assert_eq!(a.reading().conflicts, []);
}

#[test]
fn adding_wins_over_a_concurrent_removal() {
    let (mut doc, _) = workpaper();
    let add = Edit::AddMember { field: top("themes"), member: "采购".into() };
    edit(&mut doc, std::slice::from_ref(&add));
    let remove = Edit::RemoveMember {
        field: top("themes"),
        member: "采购".into(),
        reason: "归类有误".into(),
    };
    let (mut a, mut b) = (on(&doc, 2), on(&doc, 3));
    edit(&mut a, std::slice::from_ref(&remove));
    assert_eq!(a.reading().removed[0].reason, "归类有误");
    edit(&mut b, &[remove]);
    edit(&mut b, &[add]);
    let removed = a.changes_since(&doc.heads());
    b.apply(&[&removed[0].raw]).unwrap();
    assert_eq!(paper(&b.reading()).themes, ["采购"]);
    assert_eq!(b.reading().removed, []);
}

/// What a device does in one step of the storm.
#[derive(Debug, Clone)]
enum Step {
    Type(usize, usize, String),
    Delete(usize, usize),
    Judge(usize, usize),
    Fact(usize),
    Label(usize, u8, bool),
    Exchange(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let word = prop::sample::select(vec!["款", "𠮷家", "三万。", "👨‍👩‍👧", "a\n"]);
    let step = prop_oneof![
        (0..3usize, 0..40usize, word).prop_map(|(d, at, w)| Step::Type(d, at, w.to_owned())),
        (0..3usize, 0..40usize).prop_map(|(d, at)| Step::Delete(d, at)),
        (0..3usize, 0..3usize).prop_map(|(d, v)| Step::Judge(d, v)),
        (0..3usize).prop_map(Step::Fact),
        (0..3usize, 0..3u8, any::<bool>()).prop_map(|(d, l, add)| Step::Label(d, l, add)),
        (0..3usize, 0..3usize).prop_map(|(a, b)| Step::Exchange(a, b)),
    ];
    prop::collection::vec(step, 1..40)
}

fn act(doc: &mut Document, step: &Step, serial: u8) {
    let len = doc.text(&top("effect")).unwrap().chars().count();
    let edit = match step {
        Step::Type(_, at, word) => splice("effect", (*at).min(len), 0, word),
        Step::Delete(_, at) if len > 0 => splice("effect", at % len, 1, ""),
        Step::Judge(_, v) => set("severity", ["low", "medium", "high"][*v]),
        Step::Fact(_) => {
            Edit::AddItem { list: top("facts"), id: item(serial), fields: Default::default() }
        }
        Step::Label(_, l, true) => {
            Edit::AddMember { field: top("themes"), member: format!("类别{l}") }
        }
        Step::Label(_, l, false) => Edit::RemoveMember {
            field: top("themes"),
            member: format!("类别{l}"),
            reason: "重复".into(),
        },
        _ => return,
    };
    // Taking out a label that nobody put in is refused, and changes nothing.
    let _ = doc.edit(&[edit]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn devices_converge_in_any_order(steps in steps(), order in any::<prop::sample::Index>()) {
        let (doc, birth) = workpaper();
        let mut devices: Vec<_> = (0..3).map(|n| on(&doc, n + 2)).collect();
        for (i, step) in steps.iter().enumerate() {
            let serial = u8::try_from(i + 10).unwrap();
            match step {
                Step::Type(d, ..) | Step::Delete(d, _) | Step::Judge(d, _) | Step::Fact(d)
                | Step::Label(d, ..) => act(&mut devices[*d], step, serial),
                Step::Exchange(a, b) => {
                    let news = devices[*a].changes_since(&devices[*b].heads());
                    let raw: Vec<_> = news.iter().map(|c| &c.raw).collect();
                    devices[*b].apply(&raw).unwrap();
                }
            }
        }
        let mut all: Vec<_> = devices
            .iter()
            .flat_map(|d| d.changes_since(&doc.heads()))
            .map(|c| c.raw)
            .chain([birth])
            .collect();
        for device in &mut devices {
            device.apply(&all).unwrap();
        }
        let half = order.index(all.len());
        all.rotate_left(half);
        all.reverse();
        let late = Document::from_bodies(&all).unwrap();
        let reading = late.reading();
        for device in &devices {
            prop_assert_eq!(&device.reading(), &reading);
            prop_assert_eq!(Document::load(&device.save()).unwrap().reading(), reading.clone());
        }
        let fork = late.fork_at(&doc.heads(), actor(9)).unwrap();
        prop_assert_eq!(fork.reading(), doc.reading());
        prop_assert_eq!(late.reading_at(&doc.heads()).unwrap(), doc.reading());
    }

    #[test]
    fn splices_turn_one_text_into_the_other(old in "[甲乙丙𠮷a\n]{0,60}", new in "[甲乙丙𠮷a\n]{0,60}") {
        let mut text: Vec<char> = old.chars().collect();
        let splices = diff::splices(&old, &new);
        for s in splices.iter().rev() {
            text.splice(s.at..s.at + s.delete, s.insert.chars());
        }
        prop_assert_eq!(text.into_iter().collect::<String>(), new);
    }
}
