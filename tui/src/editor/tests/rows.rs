//! How a text is cut into rows, and what is seen of them.

use proptest::prelude::*;

use super::{at_end, prose, remote, sheet, soup};
use crate::editor::wrap::closes;
use crate::editor::{Ambiguous, Editor, Motion, Position, Reach};

fn laid(text: &str, width: usize, ambiguous: Ambiguous) -> Editor {
    let mut editor = Editor::new(text);
    editor.layout(width, ambiguous);
    editor
}

fn rows(editor: &Editor) -> Vec<String> {
    (0..editor.row_count()).map(|row| editor.slice(editor.row(row).range)).collect()
}

fn ambiguity() -> impl Strategy<Value = Ambiguous> {
    prop::sample::select(vec![Ambiguous::Narrow, Ambiguous::Wide])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_are_the_text_and_fit(
        text in sheet(),
        width in 2..40_usize,
        ambiguous in ambiguity(),
    ) {
        let editor = laid(&text, width, ambiguous);
        let mut whole = String::new();
        for number in 0..editor.row_count() {
            let row = editor.row(number);
            prop_assert_eq!(row.number, number);
            prop_assert!(row.width <= width);
            prop_assert_eq!(row.starts_paragraph, number == 0 || whole.ends_with('\n'));
            let mut column = 0;
            editor.each_cell(&row, |cell| {
                assert_eq!(cell.column, column);
                column += cell.width;
                whole.push_str(&editor.slice(cell.range));
            });
            prop_assert_eq!(column, row.width);
            if row.ends_paragraph && number + 1 < editor.row_count() {
                whole.push('\n');
            }
        }
        prop_assert_eq!(whole, text);
    }

    #[test]
    fn no_row_of_prose_begins_with_closing_punctuation(
        // Under six columns a hanzi and the two marks behind it may have no room.
        width in 6..60_usize,
        ambiguous in ambiguity(),
        skip in 0..200_usize,
    ) {
        let text: String = prose().chars().skip(skip).collect();
        let first = rows(&laid(&text, width, ambiguous));
        for row in first.iter().skip(1) {
            let head = row.chars().next().unwrap_or(' ');
            prop_assert!(!"，。、；：？！）》】”’".contains(head), "a row begins: {}", row);
        }
    }

    #[test]
    fn a_row_begins_with_closing_punctuation_only_if_the_row_above_has_no_other_place(
        text in soup(),
        width in 4..40_usize,
        ambiguous in ambiguity(),
    ) {
        let rows = rows(&laid(&text, width, ambiguous));
        for pair in rows.windows(2).filter(|pair| closes(&pair[1])) {
            let joined = format!("{}{}", pair[0], pair[1]);
            let allowed = unicode_linebreak::linebreaks(&joined).map(|(byte, _)| byte);
            let places: Vec<usize> = allowed.collect();
            // Either the standard allows a break there, or it allows none within the row above.
            prop_assert!(
                places.contains(&pair[0].len())
                    || !places.iter().any(|byte| {
                        *byte < pair[0].len() && super::borders(&joined)
                            .contains(&joined[..*byte].chars().count())
                    }),
                "{:?}", pair
            );
        }
    }

    #[test]
    fn what_is_seen_at_a_place_is_the_place(
        text in sheet(),
        width in 2..40_usize,
        ambiguous in ambiguity(),
    ) {
        let editor = laid(&text, width, ambiguous);
        for number in 0..editor.row_count() {
            editor.each_cell(&editor.row(number), |cell| {
                let position = editor.position(cell.range.start);
                assert_eq!(position, Position { row: number, column: cell.column });
                if cell.width > 0 {
                    assert!(editor.index(position) <= cell.range.start);
                    let last = Position { column: cell.column + cell.width - 1, ..position };
                    assert_eq!(editor.index(last), editor.index(position));
                }
            });
        }
    }

    #[test]
    fn the_caret_stays_in_the_window(
        text in sheet(),
        moves in prop::collection::vec((0..14_usize, any::<bool>()), 1..30),
        height in 1..6_usize,
    ) {
        let mut editor = laid(&text, 12, Ambiguous::Narrow);
        let motions = [
            Motion::Left, Motion::Right, Motion::Up, Motion::Down, Motion::PageDown,
            Motion::PageUp, Motion::End, Motion::Start, Motion::RowEnd, Motion::RowStart,
            Motion::WordLeft, Motion::WordRight, Motion::ParagraphDown, Motion::ParagraphUp,
        ];
        for (motion, select) in moves {
            editor.go(motions[motion], if select { Reach::Select } else { Reach::Move });
            let seen = editor.viewport(height);
            prop_assert_eq!(seen.caret, Some(editor.caret_position()));
        }
    }
}

#[test]
fn a_comma_takes_the_character_before_it_along() {
    let editor = laid("甲乙丙，丁戊己庚", 6, Ambiguous::Narrow);
    assert_eq!(rows(&editor), ["甲乙", "丙，丁", "戊己庚"]);
}

#[test]
fn an_opening_bracket_does_not_end_a_row() {
    let editor = laid("甲乙（丙丁）戊", 6, Ambiguous::Narrow);
    assert_eq!(rows(&editor), ["甲乙", "（丙", "丁）戊"]);
}

#[test]
fn quoted_items_are_cut_between_the_marks() {
    let editor = laid("台账列了“已整改”“正在整改”三栏", 18, Ambiguous::Narrow);
    assert_eq!(rows(&editor), ["台账列了“已整改”", "“正在整改”三栏"]);
}

#[test]
fn a_long_address_is_cut_anywhere_but_before_its_comma() {
    let editor = laid("aaaaaaaa，甲", 8, Ambiguous::Narrow);
    assert_eq!(rows(&editor), ["aaaaaaa", "a，甲"]);
}

#[test]
fn wide_quotation_marks_take_room() {
    assert_eq!(rows(&laid("“甲乙”丙", 8, Ambiguous::Narrow)), ["“甲乙”丙"]);
    assert_eq!(rows(&laid("“甲乙”丙", 8, Ambiguous::Wide)), ["“甲乙”", "丙"]);
}

#[test]
fn spaces_hang_over_the_end_of_a_row() {
    let editor = laid("abcd    efgh", 6, Ambiguous::Narrow);
    assert_eq!(rows(&editor), ["abcd    ", "efgh"]);
    assert_eq!(editor.row(0).width, 6);
}

#[test]
fn empty_paragraphs_are_rows() {
    let editor = laid("甲\n\n乙\n", 8, Ambiguous::Narrow);
    assert_eq!(rows(&editor), ["甲", "", "乙", ""]);
    assert_eq!(laid("", 8, Ambiguous::Narrow).row_count(), 1);
}

#[test]
fn a_window_too_narrow_for_a_hanzi_still_shows_one_a_row() {
    assert_eq!(rows(&laid("巡察", 0, Ambiguous::Narrow)), ["巡", "察"]);
}

#[test]
fn carriage_returns_and_separators_of_a_document_start_no_paragraph() {
    let editor = laid("甲\r\n乙\u{2028}丙\u{b}丁", 40, Ambiguous::Narrow);
    assert_eq!(rows(&editor), ["甲\r", "乙\u{2028}丙\u{b}丁"]);
}

#[test]
fn a_new_width_keeps_undo() {
    let mut editor = at_end("甲局");
    editor.insert_str("巡察", 0);
    editor.layout(2, Ambiguous::Wide);
    assert_eq!(editor.row_count(), 4);
    editor.undo();
    assert_eq!(editor.text(), "甲局");
    editor.layout(40, Ambiguous::Narrow);
    editor.redo();
    assert_eq!(editor.text(), "甲局巡察");
    assert_eq!(editor.row_count(), 1);
}

#[test]
fn the_end_of_a_row_is_seen_at_that_row() {
    let mut editor = laid("甲乙丙丁戊己", 6, Ambiguous::Narrow);
    editor.go(Motion::RowEnd, Reach::Move);
    assert_eq!(editor.caret(), 3);
    assert_eq!(editor.caret_position(), Position { row: 0, column: 6 });
    editor.go(Motion::Left, Reach::Move);
    editor.go(Motion::Right, Reach::Move);
    assert_eq!(editor.caret_position(), Position { row: 1, column: 0 });
    editor.click(Position { row: 0, column: 9 }, Reach::Move);
    assert_eq!(editor.caret_position(), Position { row: 0, column: 6 });
}

#[test]
fn moving_over_a_short_row_keeps_the_column() {
    let mut editor = laid("甲乙丙丁\n甲\n甲乙丙丁", 20, Ambiguous::Narrow);
    editor.go(Motion::RowEnd, Reach::Move);
    editor.go(Motion::Down, Reach::Move);
    assert_eq!(editor.caret_position(), Position { row: 1, column: 2 });
    editor.go(Motion::Down, Reach::Move);
    assert_eq!(editor.caret_position(), Position { row: 2, column: 8 });
    editor.go(Motion::Up, Reach::Move);
    editor.go(Motion::Left, Reach::Move);
    editor.go(Motion::Up, Reach::Move);
    assert_eq!(editor.caret_position(), Position { row: 0, column: 0 });
}

#[test]
fn the_window_follows_the_caret_and_can_be_scrolled_away() {
    let text = (1..=30).map(|n| format!("第{n}条")).collect::<Vec<_>>().join("\n");
    let mut editor = laid(&text, 20, Ambiguous::Narrow);
    assert_eq!(editor.viewport(10).rows, 0..10);
    editor.go(Motion::PageDown, Reach::Move);
    let seen = editor.viewport(10);
    assert_eq!((seen.rows, seen.caret.map(|at| at.row)), (9..19, Some(9)));
    editor.go(Motion::End, Reach::Move);
    assert_eq!(editor.viewport(10).rows, 20..30);
    editor.scroll(-100);
    let seen = editor.viewport(10);
    assert_eq!((seen.rows, seen.caret), (0..10, None));
    editor.insert_str("完", 0);
    assert_eq!(editor.viewport(10).rows, 20..30);
}

#[test]
fn rows_that_others_add_above_do_not_move_what_is_seen() {
    let text = (1..=30).map(|n| format!("第{n}条")).collect::<Vec<_>>().join("\n");
    let mut editor = laid(&text, 20, Ambiguous::Narrow);
    editor.viewport(5);
    editor.scroll(12);
    assert_eq!(editor.viewport(5).rows, 12..17);
    remote(&mut editor, 0, 0, "新增\n两行\n");
    let seen = editor.viewport(5);
    assert_eq!(seen.rows, 14..19);
    assert_eq!(editor.slice(editor.row(14).range), "第13条");
    let start = editor.row(14).range.start;
    remote(&mut editor, start, 0, "紧挨着的一行\n");
    assert_eq!(editor.viewport(5).rows, 15..20);
}

#[test]
fn rows_that_others_add_at_the_very_start_are_seen_there() {
    let mut editor = laid("第1条\n第2条", 20, Ambiguous::Narrow);
    assert_eq!(editor.viewport(1).rows, 0..1);
    editor.scroll(0);
    remote(&mut editor, 0, 0, "新增\n");
    assert_eq!(editor.viewport(1).rows, 0..1);
}

#[test]
fn a_key_in_a_long_paragraph_leaves_the_rows_as_a_new_layout_has_them() {
    let mut editor = laid(&prose().repeat(40), 60, Ambiguous::Narrow);
    for (at, text) in [(5_000, "巡"), (5_001, "，“"), (20, "（一）"), (9_000, "OA 系统")] {
        editor.replace(at..at + 1, text, 0);
        assert_eq!(rows(&editor), rows(&laid(&editor.text(), 60, Ambiguous::Narrow)));
    }
}

#[test]
fn tabs_and_control_characters_are_drawn_as_something() {
    let editor = laid("甲\t乙\u{7}", 20, Ambiguous::Narrow);
    let mut shown = String::new();
    editor.each_cell(&editor.row(0), |cell| shown.push_str(cell.text));
    assert_eq!(shown, "甲  乙\u{fffd}");
    assert_eq!(editor.row(0).width, 7);
}
