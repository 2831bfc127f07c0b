//! Where the caret may stand and how it moves.

use proptest::prelude::*;

use super::{at_end, borders, prose, remote, sheet};
use crate::editor::{Editor, Motion, Reach};

fn stops(text: &str, from: Motion, step: Motion) -> Vec<usize> {
    let mut editor = Editor::new(text);
    editor.go(from, Reach::Move);
    let mut out = vec![editor.caret()];
    loop {
        editor.go(step, Reach::Move);
        if out.last() == Some(&editor.caret()) {
            return out;
        }
        out.push(editor.caret());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn left_and_right_stop_at_every_cluster(text in sheet(), times in 1..3_usize) {
        // Repeated, so that the text takes several pieces of the rope.
        let text = text.repeat(times);
        let expected = borders(&text);
        prop_assert_eq!(&stops(&text, Motion::Start, Motion::Right), &expected);
        let mut back = stops(&text, Motion::End, Motion::Left);
        back.reverse();
        prop_assert_eq!(&back, &expected);
    }

    #[test]
    fn any_place_is_brought_to_a_border(text in sheet(), at in 0..400_usize) {
        let mut editor = Editor::new(&text);
        editor.set_caret(at, Reach::Move);
        let expected = borders(&text).into_iter().find(|border| *border >= at);
        prop_assert_eq!(editor.caret(), expected.unwrap_or(text.chars().count()));
    }

    #[test]
    fn words_are_walked_to_the_ends_of_the_text(text in sheet()) {
        let right = stops(&text, Motion::Start, Motion::WordRight);
        prop_assert_eq!(right.last(), Some(&text.chars().count()));
        let left = stops(&text, Motion::End, Motion::WordLeft);
        prop_assert_eq!(left.last(), Some(&0));
        let borders = borders(&text);
        for at in right.iter().chain(&left) {
            prop_assert!(borders.binary_search(at).is_ok());
        }
    }

    #[test]
    fn deleting_to_the_start_leaves_nothing(text in sheet()) {
        let mut editor = at_end(&text);
        let clusters = borders(&text).len() - 1;
        for _ in 0..clusters {
            editor.delete_back(0);
        }
        prop_assert!(editor.len() <= text.chars().count() - clusters || clusters == 0);
        while !editor.is_empty() {
            prop_assert!(!editor.delete_back(0).is_empty());
        }
        editor.undo();
        prop_assert_eq!(editor.text(), text);
    }
}

#[test]
fn one_key_deletes_a_whole_cluster() {
    for cluster in ["👨‍👩‍👧", "e\u{301}", "𠀀", "🇨🇳", "1️⃣", "葛󠄀"] {
        let mut editor = at_end(&format!("张{cluster}"));
        editor.delete_back(0);
        assert_eq!(editor.text(), "张", "{cluster}");
        let mut editor = Editor::new(&format!("{cluster}张"));
        editor.delete_forward(0);
        assert_eq!(editor.text(), "张", "{cluster}");
    }
}

#[test]
fn a_mark_that_others_add_takes_the_caret_behind_it() {
    let mut editor = at_end("e");
    remote(&mut editor, 1, 0, "\u{301}");
    assert_eq!(editor.caret(), 2);
    editor.insert_str("甲", 0);
    assert_eq!(editor.text(), "e\u{301}甲");
}

#[test]
fn a_word_of_hanzi_goes_to_its_punctuation() {
    let text = "甲局已整改，详见 OA系统 的台账。\n张某说";
    assert_eq!(stops(text, Motion::Start, Motion::WordRight), [0, 5, 8, 11, 13, 17, 22]);
    assert_eq!(stops(text, Motion::End, Motion::WordLeft), [22, 19, 14, 11, 9, 6, 0]);
}

#[test]
fn words_are_found_in_a_paragraph_of_any_length() {
    let text = prose().repeat(30);
    let stops = stops(&text, Motion::Start, Motion::WordRight);
    assert!(stops.len() > 500);
}

#[test]
fn deleting_a_word_takes_one_hanzi_or_one_latin_word() {
    let mut editor = at_end("详见台账 report");
    editor.delete_word_back(0);
    assert_eq!(editor.text(), "详见台账 ");
    editor.delete_word_back(0);
    assert_eq!(editor.text(), "详见台");
    editor.go(Motion::Start, Reach::Move);
    editor.delete_word_forward(0);
    assert_eq!(editor.text(), "见台");
}

#[test]
fn paragraphs_are_walked() {
    let text = "甲乙\n\n丙丁\n戊";
    assert_eq!(stops(text, Motion::Start, Motion::ParagraphDown), [0, 2, 3, 6, 8]);
    assert_eq!(stops(text, Motion::End, Motion::ParagraphUp), [8, 7, 4, 3, 0]);
}

#[test]
fn a_selection_grows_shrinks_and_collapses() {
    let mut editor = Editor::new("巡察整改");
    editor.go(Motion::Right, Reach::Move);
    editor.go(Motion::Right, Reach::Select);
    editor.go(Motion::Right, Reach::Select);
    assert_eq!(editor.copy().as_deref(), Some("察整"));
    editor.go(Motion::Left, Reach::Select);
    assert_eq!(editor.selection(), Some(1..2));
    editor.go(Motion::Left, Reach::Move);
    assert_eq!((editor.caret(), editor.selection()), (1, None));
    editor.select_all();
    editor.go(Motion::Right, Reach::Move);
    assert_eq!(editor.caret(), 4);
}

#[test]
fn words_and_paragraphs_are_selected() {
    let mut editor = Editor::new("见 OA2023 号\n张某");
    editor.select_word(4);
    assert_eq!(editor.copy().as_deref(), Some("OA2023"));
    editor.select_word(10);
    assert_eq!(editor.copy().as_deref(), Some("号"));
    editor.select_paragraph(3);
    assert_eq!(editor.copy().as_deref(), Some("见 OA2023 号"));
    editor.select_word(99);
    assert_eq!(editor.copy().as_deref(), Some("某"));
}
