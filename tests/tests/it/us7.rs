//! US-7 through the screens: a notice from its issue to its end while the group is still there.
use crate::pty::{Screen, Stage};

const MATTER: &str = "甲局服务大厅要求办事人提交已取消的复印件";
const NOTICE: &str = "取消服务大厅复印件要求";

/// Takes a paper through its three steps, before the story begins; by command line.
fn approved_paper(stage: &Stage) {
    let id = |value: &serde_json::Value, key: &str| {
        value[key].as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
    };
    let kept = ["--origin", "甲局服务大厅", "--on", "2026-05-11", "--kept-at", "甲局服务大厅"];
    let mut seen = vec!["evidence", "add", "服务大厅办事指南（旧版）", "--conclusive"];
    seen.extend(kept);
    let seen = id(&stage.by("sunmou", &seen), "evidence");
    let new = [
        "workpaper",
        "new",
        MATTER,
        "condition=大厅窗口仍要求提交2024年已取消的复印件，群众反映强烈。",
        "exculpatory=甲局称窗口人员不了解新规定。",
        "method=现场走访",
        "responsible=甲局服务大厅",
        "when=2026年5月",
        "place=甲局服务大厅",
        "severity=medium",
        "characterisation=增加群众负担",
        "source=群众来信",
        "effect=群众多跑腿。",
        "cause=未及时修订办事指南。",
    ];
    let paper = id(&stage.by("sunmou", &new), "record");
    let rule = ["workpaper", "add-criterion", &paper, "--instrument", "某市证明事项取消清单"];
    stage.by("sunmou", &[&rule[..], &["--article", "第三项", "--edition", "v2024"]].concat());
    let fact = ["workpaper", "add-fact", &paper, "窗口要求提交复印件", "--evidence", &seen];
    stage.by("sunmou", &fact);
    for (person, step) in
        [("sunmou", "maker"), ("zhoumou", "maker"), ("qianmou", "deputy"), ("zhaomou", "leader")]
    {
        stage.by(person, &["sync"]);
        stage.by(person, &["workpaper", "sign", &paper, "--as", step, "--sync"]);
    }
}

/// Moves the round's clock, and waits until these laptops have made contact since.
fn clock(stage: &Stage, to: &str, laptops: &mut [&mut Screen]) {
    stage.admin(&["clock", "set", to]);
    for laptop in laptops {
        laptop.press("s").wait_for("已与服务器联系");
    }
}

/// Writes a text of the open record.
fn write(screen: &mut Screen, field: &str, text: &str) {
    screen.go_to(field).press("Enter").wait_gone("所据底稿");
    screen.type_text(text).wait_for(text).press("Esc").wait_for("所据底稿");
}

/// Begins a notice on the approved paper and puts it up.
fn propose(zhao: &mut Screen) {
    zhao.wait_for("在线").press("5").wait_for("按 n 新建");
    zhao.press("n").wait_for("新建通知单").type_text(NOTICE).press("Enter Enter");
    zhao.wait_for_all(&["已新建", "所据底稿"]);
    write(zhao, "发现问题", "服务大厅仍要求提交已取消的复印件。");
    write(zhao, "违反规定", "某市证明事项取消清单第三项");
    write(zhao, "整改要求", "立即停止要求提交复印件，修改办事指南，培训窗口人员。");
    zhao.go_to("所据底稿").press("n").wait_for("添加到“所据底稿”").wait_for(MATTER);
    zhao.press("Enter Enter").wait_gone("添加到").wait_for(MATTER);
    asked(zhao, "报批通知单");
}

/// Takes a step that asks for nothing, and waits until it is on the disk.
fn asked(screen: &mut Screen, step: &str) {
    screen.step(step).wait_for("[ 确定 ]").press("Enter");
    screen.wait_for(&format!("{step}：已存本机"));
}

/// Registers an item at the desk: a file, or the name of a paper. `class` is chosen by how it
/// begins.
fn hand_in(feng: &mut Screen, file: &str, name: &str, kind: &str, class: &str) {
    feng.step("登记佐证").wait_for("附上的文件");
    if !file.is_empty() {
        feng.type_text(file).wait_for("文件，");
    }
    feng.advance("Enter");
    if !name.is_empty() {
        feng.type_text(name).wait_for(name);
    }
    feng.advance("Enter").press_until("Right", kind).advance("Enter").press_until("Right", class);
    feng.press("Enter").type_text("甲局服务大厅").wait_for("甲局服务大厅");
    // Who hands it in is ticked, and the day is today.
    feng.press("Tab").wait_for("[x] 冯某").press("Tab Tab");
    feng.type_text("甲局办公室").wait_for("甲局办公室").press("Tab Tab Enter");
    feng.wait_for(if file.is_empty() {
        "登记佐证：已存本机"
    } else {
        "已密封并登记"
    });
}

/// Reports the measure that is the `n`-th, with the item of that name if there is one.
fn report(feng: &mut Screen, n: usize, item: &str, note: &str) {
    feng.step("报告措施").wait_for("说明");
    feng.press_until("Right", &format!("{n}/3")).press("Enter").wait_for("Space 勾选");
    if !item.is_empty() {
        feng.press_until("Down", item).press("Space").wait_for("[x]");
    }
    feng.press("Tab").type_text(note).wait_for(note).press("Tab Enter");
    feng.wait_for("报告措施：已存本机");
}

/// Records a check of three visits by two.
fn check(sun: &mut Screen, passed: &str) {
    sun.step("登记现场核查").wait_for("核查人");
    for who in ["周某", "孙某"] {
        sun.press_until("Down", who).press("Space").wait_for(&format!("[x] {who}"));
    }
    sun.press("Tab").type_text(passed).press("Enter").type_text("3").press("Enter");
    sun.press("Tab Tab Enter").wait_for("登记现场核查：已存本机");
}

#[test]
fn a_notice_from_issue_to_done_while_the_group_is_there() {
    let people = ["sunmou", "zhoumou", "qianmou", "zhaomou", "wumou", "wangmou", "fengmou"];
    let stage = Stage::open(&people);
    stage.admin(&["clock", "set", "2026-05-12T09:00:00+08:00"]);
    approved_paper(&stage);

    // 赵某 proposes, the delegate approves, 赵某 issues it within the stay.
    let mut zhao = stage.laptop("zhaomou");
    propose(&mut zhao);
    let mut wu = stage.laptop("wumou");
    wu.press("7").wait_for(NOTICE).go_to(NOTICE).press("Enter").wait_for("原文（只读）");
    asked(&mut wu, "批准通知单");
    wu.wait_for("已批准").press("Ctrl+Q");
    assert_eq!(wu.wait_end(), 0);
    zhao.press("Tab").wait_for("已批准");
    zhao.step("发出通知单").wait_for("2026-05-29");
    zhao.press("Backspace Backspace Backspace Backspace Backspace").type_text("06-10");
    zhao.wait_for("2026-06-10").press("Enter Enter").wait_for("期限不能晚于驻点结束");
    zhao.press("Shift+Tab").press("Backspace Backspace Backspace Backspace Backspace");
    zhao.type_text("05-29").wait_for("2026-05-29").press("Enter Enter");
    zhao.wait_for("发出通知单：已存本机").wait_for("待签收");

    // The unit sees the notice and nothing of where it came from.
    let mut feng = stage.laptop("fengmou");
    for screen in 1..=7 {
        feng.press(&screen.to_string());
    }
    feng.press("5").wait_for(NOTICE).press("Enter").wait_for_all(&["待签收", "原文（只读）"]);
    let seen = feng.text();
    for hidden in ["群众", "WP-", "来信"] {
        assert!(!seen.contains(hidden), "{hidden} is nothing for the unit:\n{seen}");
    }
    // The liaison does not sign for the head; the head does.
    feng.step("签收").wait_for("须由单位主要负责人办理");
    let mut wang = stage.laptop("wangmou");
    wang.press("5").wait_for(NOTICE).press("Enter").wait_for("待签收");
    asked(&mut wang, "签收");
    wang.wait_for("已签收").press("Ctrl+Q");
    assert_eq!(wang.wait_end(), 0);

    // Three measures, each with a named person and a date.
    feng.wait_for("王某").step("制定措施").wait_for("责任人 1（一人）");
    feng.type_text("取消复印要求").press("Enter Enter").type_text("2026-05-15");
    feng.press("Shift+Tab Shift+Tab Shift+Tab").wait_for("[ 确定 ]").press("Enter");
    feng.wait_for("请填写“责任人").type_text("刘某").press("Enter Enter");
    for (act, owner, due) in
        [("修改办事指南", "冯某", "2026-05-18"), ("培训窗口8人", "刘某", "2026-05-22")]
    {
        for text in [act, owner, due] {
            feng.type_text(text).wait_for(text).press("Enter");
        }
    }
    feng.press("Enter Enter Enter Enter Enter Enter Enter").wait_for("制定措施：已存本机");
    feng.wait_for_all(&["取消复印要求（刘某", "修改办事指南（冯某", "培训窗口8人（刘某"]);

    // Minutes and a plan are no act: the check is refused, and the reason is said.
    clock(&stage, "2026-05-22T09:00:00+08:00", &mut [&mut feng]);
    hand_in(&mut feng, "", "会议纪要", "会议或登记记录", "意向");
    (1..=3).for_each(|n| report(&mut feng, n, "会议纪要", "已开会部署"));
    feng.step("请求核查").wait_for("只有方案、会议、表态不算整改。请附行动类佐证。");

    // A photo of the new guide is one, the file itself.
    let photo = stage.path("新版指南.jpg");
    std::fs::write(&photo, b"the new guide").expect("a file");
    hand_in(&mut feng, &photo.to_string_lossy(), "", "照片", "行动");
    feng.wait_for("已密封并登记：新版指南.jpg（13 B）");
    report(&mut feng, 2, "新版指南.jpg", "已换新版指南");
    asked(&mut feng, "请求核查");
    feng.wait_for("已报告待核");

    // Two check on the spot: two of three visits are in order, and it goes back.
    let mut sun = stage.laptop("sunmou");
    clock(&stage, "2026-05-25T10:00:00+08:00", &mut [&mut sun, &mut feng]);
    // The notice as the desk has it, not the text it was written in.
    sun.press("5").wait_for("已报告待核 限 2026-05-29").go_to("限 2026-05-29").press("Enter");
    sun.wait_for("原文（只读）");
    check(&mut sun, "2");
    sun.wait_for("核查退回");
    feng.wait_for("核查退回");
    report(&mut feng, 3, "", "已再次培训窗口人员");
    asked(&mut feng, "请求核查");
    clock(&stage, "2026-05-28T09:30:00+08:00", &mut [&mut sun, &mut zhao]);
    sun.wait_for("已报告待核");
    check(&mut sun, "3");
    for laptop in [&mut sun, &mut feng] {
        laptop.wait_for("已完成");
    }

    // The finding's chain: sixteen days from the notice to its end.
    zhao.press("3").wait_for("已整改").go_to("已整改").press("Enter");
    zhao.wait_for_all(&["从发出到完成 16 天", "通知单：已完成"]);
}
