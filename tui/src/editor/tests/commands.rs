//! Edits, undo steps and other people's changes, one by one.

use super::{Document, at_end, prose, remote, splice};
use crate::editor::{Editor, Motion, OutOfStep, Reach};

#[test]
fn an_edit_tells_the_document_what_to_do() {
    let mut editor = at_end("某市");
    assert_eq!(editor.insert_str("甲局", 0), [splice(2, 0, "甲局")]);
    assert_eq!(editor.delete_back(0), [splice(3, 1, "")]);
    editor.select_all();
    assert_eq!(editor.paste("𠀀", 0), [splice(0, 3, "𠀀")]);
    assert_eq!(editor.undo(), [splice(0, 1, "某市甲")]);
}

#[test]
fn typing_without_a_pause_is_one_step() {
    let mut editor = Editor::new("");
    for (nth, text) in ["巡", "察", "整", "改"].iter().enumerate() {
        editor.insert_str(text, 300 * nth as u64);
    }
    editor.undo();
    assert_eq!(editor.text(), "");
    editor.redo();
    assert_eq!(editor.text(), "巡察整改");
}

#[test]
fn a_pause_a_move_a_paste_or_a_new_line_starts_a_step() {
    let mut editor = Editor::new("");
    editor.insert_str("甲", 0);
    editor.insert_str("乙", 5_000);
    editor.go(Motion::End, Reach::Move);
    editor.insert_str("丙", 5_100);
    editor.paste("丁", 5_200);
    editor.insert_str("戊\n", 5_300);
    editor.insert_str("己", 5_400);
    editor.delete_back(5_500);
    let mut seen = Vec::new();
    while editor.can_undo() {
        editor.undo();
        seen.push(editor.text());
    }
    assert_eq!(seen, ["甲乙丙丁戊\n己", "甲乙丙丁戊\n", "甲乙丙丁", "甲乙丙", "甲乙", "甲", ""]);
}

#[test]
fn typing_over_a_selection_is_one_step_with_what_follows() {
    let mut editor = Editor::new("已经整改");
    editor.go(Motion::Right, Reach::Select);
    editor.go(Motion::Right, Reach::Select);
    editor.insert_str("正", 0);
    editor.insert_str("在", 100);
    assert_eq!(editor.text(), "正在整改");
    editor.undo();
    assert_eq!(editor.text(), "已经整改");
    assert_eq!(editor.selection(), Some(0..2));
}

#[test]
fn undo_brings_the_caret_back_to_the_edit() {
    let mut editor = at_end(&prose());
    let end = editor.caret();
    editor.insert_str("补充", 0);
    editor.go(Motion::Start, Reach::Move);
    editor.undo();
    assert_eq!(editor.caret(), end);
    editor.go(Motion::Start, Reach::Move);
    editor.redo();
    assert_eq!(editor.caret(), end + 2);
}

#[test]
fn a_new_edit_forgets_what_was_undone() {
    let mut editor = Editor::new("");
    editor.paste("甲", 0);
    editor.undo();
    assert!(editor.can_redo());
    editor.paste("乙", 0);
    assert!(!editor.can_redo());
    assert!(editor.redo().is_empty());
}

#[test]
fn undo_removes_what_was_typed_around_what_others_typed_into_it() {
    let mut editor = at_end("问：");
    editor.insert_str("甲乙丙丁", 0);
    remote(&mut editor, 4, 0, "【李某注】");
    editor.undo();
    assert_eq!(editor.text(), "问：【李某注】");
    editor.redo();
    assert_eq!(editor.text().chars().filter(|c| "甲乙丙丁".contains(*c)).count(), 4);
    assert!(editor.text().contains("【李某注】"));
}

#[test]
fn undo_of_a_deletion_does_not_bring_others_text_twice() {
    let mut editor = Editor::new("一二三四五");
    editor.replace(1..4, "", 0);
    remote(&mut editor, 1, 0, "新");
    editor.undo();
    let text = editor.text();
    assert!(text == "一二三四新五" || text == "一新二三四五", "{text}");
}

#[test]
fn a_step_that_others_deleted_is_skipped() {
    let mut editor = Editor::new("");
    editor.paste("甲", 0);
    editor.paste("乙", 0);
    remote(&mut editor, 1, 1, "");
    assert_eq!(editor.undo(), [splice(0, 1, "")]);
    assert!(!editor.can_undo());
}

#[test]
fn the_caret_stays_behind_what_it_stood_behind() {
    let mut editor = at_end("答：");
    remote(&mut editor, 2, 0, "（后补）");
    assert_eq!(editor.caret(), 2);
    remote(&mut editor, 0, 0, "二、");
    assert_eq!(editor.caret(), 4);
    remote(&mut editor, 3, 3, "");
    assert_eq!(editor.caret(), 3);
}

#[test]
fn a_selection_keeps_its_text_when_others_write_at_its_edges() {
    let mut editor = Editor::new("前中后");
    editor.set_caret(1, Reach::Move);
    editor.set_caret(2, Reach::Select);
    editor.remote(&[splice(1, 0, "甲"), splice(3, 0, "乙")]).expect("both lie in the text");
    assert_eq!(editor.text(), "前甲中乙后");
    assert_eq!(editor.copy().as_deref(), Some("中"));
}

#[test]
fn a_splice_outside_the_text_is_refused_whole() {
    let mut editor = at_end("甲乙");
    let refused = editor.remote(&[splice(0, 1, ""), splice(1, 1, "丙")]);
    assert_eq!(refused, Err(OutOfStep { at: 1, delete: 1, len: 1 }));
    assert_eq!(editor.text(), "甲乙");
    assert!(editor.remote(&[splice(usize::MAX, 1, "")]).is_err());
    editor.resync("甲丙乙");
    assert_eq!((editor.text().as_str(), editor.caret()), ("甲丙乙", 3));
}

#[test]
fn a_resync_leaves_undo_where_the_texts_agree() {
    let mut editor = at_end("一、");
    editor.insert_str("甲局", 0);
    editor.resync("概述\n一、甲局");
    editor.undo();
    assert_eq!(editor.text(), "概述\n一、");
}

#[test]
fn cut_and_paste_move_text() {
    let mut editor = Editor::new("甲乙丙");
    let mut document = Document::new("甲乙丙");
    assert_eq!(editor.cut(0), None);
    editor.go(Motion::Right, Reach::Select);
    let cut = editor.cut(0).expect("something is selected");
    document.apply(&cut.splices);
    editor.go(Motion::End, Reach::Move);
    document.apply(&editor.paste(&cut.text, 0));
    assert_eq!(editor.text(), "乙丙甲");
    assert_eq!(document.text(), "乙丙甲");
}

#[test]
fn a_paste_is_cleaned() {
    let mut editor = Editor::new("");
    editor.paste("问：\r\n答：\u{7}是\r", 0);
    assert_eq!(editor.text(), "问：\n答：是\n");
}

#[test]
fn a_read_only_text_can_be_read_and_changed_by_others() {
    let mut editor = at_end("甲");
    editor.insert_str("乙", 0);
    editor.set_read_only(true);
    assert!(editor.insert_str("丙", 0).is_empty());
    assert!(editor.delete_back(0).is_empty());
    assert!(editor.undo().is_empty() && !editor.can_undo());
    remote(&mut editor, 2, 0, "丁");
    editor.select_all();
    let cut = editor.cut(0).expect("something is selected");
    assert_eq!((cut.text.as_str(), cut.splices.len()), ("甲乙丁", 0));
    assert_eq!(editor.text(), "甲乙丁");
    editor.set_read_only(false);
    editor.undo();
    assert_eq!(editor.text(), "甲丁");
}

#[test]
fn nothing_to_delete_is_nothing_to_undo() {
    let mut editor = Editor::new("");
    assert!(editor.delete_back(0).is_empty());
    assert!(editor.delete_forward(0).is_empty());
    assert!(editor.insert_str("\u{7}", 0).is_empty());
    assert!(!editor.can_undo());
}
