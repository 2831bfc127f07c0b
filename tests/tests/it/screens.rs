//! The screens on real terminals, against a real server.
use crate::{
    pty::Stage,
    us1::{begin, open},
};

#[test]
fn a_second_program_on_one_home_says_so() {
    let stage = Stage::open(&["sunmou"]);
    let mut first = stage.laptop("sunmou");
    let mut second = stage.locked("sunmou", (80, 24));
    second.type_text(stage.passphrase()).press("Enter").wait_for("另一个巡迹程序");
    second.press("Ctrl+Q");
    assert_eq!(second.wait_end(), 0);
    first.press("6").wait_for("已存＝在本机磁盘");
    first.press("Ctrl+Q");
    assert_eq!(first.wait_end(), 0);
}

#[test]
fn two_see_each_others_words_and_take_back_only_their_own() {
    let mut stage = Stage::open(&["sunmou", "limou"]);
    let [mut sun, mut li] = ["sunmou", "limou"].map(|p| stage.laptop(p));
    begin(&mut sun);
    sun.go_to("记录").press("Enter").wait_gone("单位及科室");
    sun.paste("张某到场。\r谈话开始。").wait_for("谈话开始。");
    open(&mut li);
    li.wait_for("谈话开始。").go_to("记录").press("Enter").wait_gone("单位及科室");

    // Both are in the note at once.
    li.press("End").type_text("李某补记。").wait_for("谈话开始。李某补记。");
    sun.wait_for("谈话开始。李某补记。");
    sun.type_text("孙某插话。").wait_for("孙某插话。");
    li.wait_for("孙某插话。").press("Ctrl+Z").wait_gone("李某补记。").wait_for("孙某插话。");
    sun.wait_gone("李某补记。");

    // On a small screen the cursor stays where one writes.
    sun.resize((20, 8)).wait_for("窗口太小").resize((60, 16)).wait_for("孙某插话。");
    sun.type_text("又一句。").wait_for("又一句。");
    sun.wait("the cursor behind the last word", |s| {
        let (row, column) = s.cursor_position();
        let (_, columns) = s.size();
        let line = s.rows(0, columns.get()).nth(row.into()).unwrap_or_default();
        let before: String = line.chars().take_while(|c| *c != '│').collect();
        // Every hanzi takes two columns.
        before.ends_with("又一句。") && usize::from(column) == before.chars().count() * 2
    });

    // What was typed without a server, and locked away, is there again.
    stage.stop_server();
    sun.wait_for("离线").type_text("离线所写。").wait_for("离线所写。");
    assert_ne!(sun.holds("离线所写。"), Some(false), "an unlocked laptop holds its text");
    sun.press("Esc").wait_for("提纲").press("Ctrl+L").wait_for("解锁");
    // The process that held text has ended: nothing of it is left in the one that goes on.
    assert_ne!(sun.holds("离线所写。"), Some(true), "a locked one holds none");
    sun.resize((100, 30)).type_text(stage.passphrase()).press("Enter").wait_for("今日");
    open(&mut sun);
    sun.wait_for("离线所写。");
    li.wait_for("离线");
    stage.start_server();
    li.press("Esc").wait_for("单位及科室").press("s").wait_for("离线所写。");
}
