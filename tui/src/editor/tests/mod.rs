//! Tests of the editor as its callers use it, and the texts they share.

#![allow(clippy::expect_used)]

mod commands;
mod parties;
mod places;
mod rows;

use proptest::prelude::*;

use super::{Editor, Splice};

/// An invented passage, in the manner of a note.
pub(crate) fn prose() -> String {
    [
        "一、基本情况。某市甲局现有干部职工四十二人，下设办公室、财务科、项目科等六个科室。",
        "（一）“共性问题”查而不止。据张某反映，该局2023年以来先后三次研究“四风”整改，",
        "但台账只列了“已整改”“正在整改”“长期坚持”三栏，没有列明责任人和完成时限；",
        "李某则表示：“会议纪要是事后补写的，我没有参加那次会……”——该说法待核实。",
        "（二）经抽查，报销凭证共计118份，其中9份缺少审批单，涉及金额约3.6万元，占比7.6%。",
        "对上述问题，项目科负责人解释为“人手少、时间紧”，愿意在巡察期间立行立改！",
    ]
    .concat()
}

/// Pieces that are hard on an editor: characters outside the first plane, joined emoji, marks
/// that combine, flags, old and decomposed Hangul, Indic clusters, tabs and control characters.
const PIECES: [&str; 44] = [
    "巡",
    "察",
    "整改",
    "某市甲局",
    "，",
    "。",
    "”",
    "“",
    "）",
    "（",
    "、",
    "！",
    "：",
    "……",
    "——",
    "·",
    "①",
    " ",
    "  ",
    "\u{3000}",
    "\t",
    "A",
    "OA系统",
    "2023年",
    "3.6%",
    "e\u{301}",
    "\u{301}",
    "👨‍👩‍👧",
    "\u{200d}",
    "❤️",
    "1️⃣",
    "🇨🇳",
    "🇨",
    "👍🏽",
    "𠀀",
    "𪚥",
    "葛󠄀",
    "각",
    "\u{1100}",
    "\u{1161}",
    "क्ष",
    "\u{600}",
    "\u{7}",
    "\u{2028}",
];

/// A paragraph made of such pieces.
pub(crate) fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)
        .prop_map(|pieces| pieces.concat())
}

/// Several such paragraphs.
pub(crate) fn sheet() -> impl Strategy<Value = String> {
    prop::collection::vec(soup(), 1..5).prop_map(|paragraphs| paragraphs.join("\n"))
}

/// A document as the caller has it: the same text by other means.
#[derive(Clone, Default)]
struct Document(Vec<char>);

impl Document {
    fn new(text: &str) -> Self {
        Self(text.chars().collect())
    }

    fn apply(&mut self, splices: &[Splice]) {
        for splice in splices {
            self.0.splice(splice.at..splice.at + splice.delete, splice.insert.chars());
        }
    }

    fn text(&self) -> String {
        self.0.iter().collect()
    }
}

fn at_end(text: &str) -> Editor {
    let mut editor = Editor::new(text);
    editor.go(super::Motion::End, super::Reach::Move);
    editor
}

fn splice(at: usize, delete: usize, insert: &str) -> Splice {
    Splice { at, delete, insert: insert.into() }
}

fn remote(editor: &mut Editor, at: usize, delete: usize, insert: &str) {
    editor.remote(&[splice(at, delete, insert)]).expect("the splice lies in the text");
}

/// All places where the caret may stand: borders of clusters in each paragraph.
fn borders(text: &str) -> Vec<usize> {
    use unicode_segmentation::UnicodeSegmentation;

    let mut out = vec![0];
    let mut at = 0;
    for (nth, paragraph) in text.split('\n').enumerate() {
        if nth > 0 {
            at += 1;
            out.push(at);
        }
        for cluster in paragraph.graphemes(true) {
            at += cluster.chars().count();
            out.push(at);
        }
    }
    out
}
