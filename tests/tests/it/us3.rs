//! US-3 through the screens: two write one paper at once; nothing is lost, and a judgement on
//! which they differ is seen, blocks signing, and is settled by a named role.
use crate::pty::{Screen, Stage};

/// Opens the paper from the list.
fn open(screen: &mut Screen) {
    screen.press("3").wait_for("拆分采购").press("Enter").wait_for("事实概述");
}

/// Writes into one of its long texts: `keys`, then `text`.
fn write(screen: &mut Screen, field: &str, keys: &str, text: &str) {
    screen.go_to(field).press("Enter").wait_gone("问题来源").press(keys);
    screen.type_text(text).wait_for(text).press("Esc").wait_for("问题来源");
}

/// Judges how severe it is.
fn judge(screen: &mut Screen, severity: &str) {
    screen.go_to("严重程度").press("Enter").wait_for("1/3");
    screen.press_until("Right", severity).press("Enter Enter").wait_gone("1/3");
    screen.wait_for(&format!("严重程度{severity}"));
}

#[test]
fn two_write_at_once_and_nothing_is_lost() {
    let people = ["sunmou", "limou", "zhoumou", "qianmou"];
    let mut stage = Stage::open(&people);
    let mut sun = stage.laptop("sunmou");
    sun.wait_for("在线").press("3").wait_for("还没有底稿");
    sun.press("n").wait_for("新建底稿").type_text("甲局拆分采购宣传品").press("Enter Enter");
    sun.wait_for_all(&["已新建", "问题来源"]);
    write(&mut sun, "事实概述", "End", "见凭证。");
    write(&mut sun, "影响后果", "End", "影响采购公平。增加财政支出。");
    let [mut li, mut zhou] = ["limou", "zhoumou"].map(|p| stage.laptop(p));
    for laptop in [&mut li, &mut zhou] {
        open(laptop);
        laptop.wait_for("影响采购公平。增加财政支出。");
    }
    stage.stop_server();
    for laptop in [&mut li, &mut zhou, &mut sun] {
        laptop.wait_for("离线");
    }

    // Offline: 李某 goes on with the effect, 周某 writes another sentence of it anew.
    judge(&mut li, "严重");
    write(&mut li, "影响后果", "End", "群众有反映。");
    judge(&mut zhou, "一般");
    let first = "Home Delete Delete Delete Delete Delete Delete Delete";
    write(&mut zhou, "影响后果", first, "妨碍公平竞争。");
    zhou.wait_for("妨碍公平竞争。增加财政支出。");

    stage.start_server();
    let mut qian = stage.laptop("qianmou");
    for laptop in [&mut li, &mut zhou, &mut sun] {
        laptop.press("s");
    }
    open(&mut qian);
    let merged = "妨碍公平竞争。增加财政支出。群众有反映。";
    for laptop in [&mut li, &mut zhou, &mut sun, &mut qian] {
        laptop.wait_for(merged).wait_for_all(&["有不同判断", "严重（李某）", "一般（周某）"]);
    }
    // The panel says it too, and the list.
    sun.press("Tab").wait_for_all(&["判断冲突", "严重（李某）", "一般（周某）"]).press("Tab");

    // Nobody signs over it.
    sun.step("承办人签字");
    sun.wait_for("判断冲突：严重程度。请组长或副组长先裁定。");
    // A maker does not settle it; the deputy does, with a reason.
    sun.step("裁定判断冲突").wait_for("不能办");
    qian.step("裁定判断冲突").wait_for("采用").press_until("Right", "严重（李某）").press("Enter");
    qian.type_text("金额和影响面较大").wait_for("金额和影响面较大").press("Tab Enter");
    for laptop in [&mut qian, &mut sun, &mut li, &mut zhou] {
        laptop.wait_gone("有不同判断").wait_for("严重程度 严重").wait_for(merged);
    }
    // Both values and the reason stay legible.
    sun.press("Tab").wait_for_all(&["严重（李某）", "一般（周某）", "金额和影响面较大", "钱某"]);
}
