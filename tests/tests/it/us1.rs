//! US-1 through the screens: a talk written on two laptops without a network, by the rules.
use crate::pty::{Screen, Stage};

const FACTS: [&str; 11] = [
    "2025年3月采购宣传品4.1万元，由办公室经办。",
    "2025年6月采购宣传品3.9万元，由办公室经办。",
    "2025年9月采购宣传品3.6万元，由办公室经办。",
    "三次采购的供应商都是某文化公司。",
    "三次采购均未招标。",
    "合同由办公室主任签字。",
    "付款由财务科办理。",
    "报销审批单由局长签批。",
    "其中一笔预付款为3.2万元。",
    "验收单由办公室一人签字。",
    "宣传品存放在局机关库房。",
];
const OPINIONS: [&str; 4] =
    ["我认为时间比较紧。", "我觉得价格不算高。", "大家觉得流程繁琐。", "可能是图省事。"];
const POINTERS: [&str; 3] =
    ["合同原件在财务科档案柜。", "会议纪要在办公室。", "库房登记簿由保管员保管。"];
const OF_SUN: [&str; 2] = ["张某到场时间为上午九时。", "谈话目的和保密要求已宣读。"];

/// Begins a talk of 孙某 and 李某 with 张某, and waits for its form.
pub(crate) fn begin(sun: &mut Screen) {
    sun.wait_for("在线").press("2").wait_for("还没有谈话记录");
    sun.press("n").wait_for("新建谈话记录");
    for answer in ["张某", "科员", "财务科"] {
        sun.type_text(answer).wait_for(answer).advance("Enter");
    }
    sun.go_to("李某").press("Space").wait_for("[x] 李某").press("Tab Enter");
    sun.wait_for_all(&["已新建", "单位及科室"]);
}

/// Adds a statement to the talk on the screen, and waits until it stands there.
fn state(screen: &mut Screen, tag: &str, text: &str) {
    screen.press("n").wait_for("添加到“陈述”");
    screen.press_until("Right", tag).press("Enter").type_text(text).wait_for(text);
    screen.press("Tab Enter").wait_gone("添加到“陈述”").wait_for(text);
}

/// Writes a courier's file by the screens.
fn export(screen: &mut Screen, file: &str) {
    screen.press("Esc 6").wait_for("已存＝在本机磁盘");
    screen.press("e").wait_for("文件").type_text(file).press("Enter Enter").wait_for("已写出");
}

/// Reads one by the screens, and returns to the talk.
fn import(screen: &mut Screen, file: &str) {
    screen.press("Esc 6").wait_for("已存＝在本机磁盘");
    screen.press("i").wait_for("文件").type_text(file).press("Enter Enter").wait_for("已读入");
    open(screen);
}

/// Opens the talk from the list.
pub(crate) fn open(screen: &mut Screen) {
    screen.press("2").wait_for("张某").press("Enter").wait_for("单位及科室");
}

/// The statements as the screen lists them, from the first to the last.
fn statements(screen: &mut Screen) -> Vec<String> {
    screen.press("End").wait("the last statement", |s| !s.contents().contains("还有"));
    let text = screen.text();
    let lines = text.lines().map(str::trim);
    lines
        .filter(|l| l.split_once('.').is_some_and(|(n, _)| n.parse::<u8>().is_ok()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_talk_on_two_laptops_without_a_network() {
    let mut stage = Stage::open(&["sunmou", "limou"]);
    let (mut sun, mut li) = (stage.laptop("sunmou"), stage.laptop("limou"));
    // All twenty statements fit on a screen of this height.
    sun.resize((100, 45));
    li.resize((100, 45));

    // 孙某 begins the note; both hold it before they leave the network.
    begin(&mut sun);
    sun.wait_for("提纲").go_to("提纲").press("Enter").wait_gone("单位及科室");
    sun.type_text("O-财务-03").wait_for("O-财务-03").press("Esc").wait_for("单位及科室");
    sun.go_to("已告知事项").press("Enter").wait_for("已告知事项     是");
    li.press("2").wait_for("张某").press("Enter").wait_for_all(&["O-财务-03", "已告知事项     是"]);
    stage.stop_server();
    sun.wait_for("离线");
    li.wait_for("离线");

    // Each writes on their own laptop.
    li.go_to("共 0 条");
    for (tag, texts) in [("事实", &FACTS[..]), ("看法", &OPINIONS), ("线索指向", &POINTERS)]
    {
        texts.iter().for_each(|text| state(&mut li, tag, text));
    }
    li.wait_for("共 18 条");
    sun.go_to("共 0 条");
    OF_SUN.iter().for_each(|text| state(&mut sun, "程序", text));
    sun.wait_for("共 2 条");

    // By stick, both ways; the same stick a second time adds nothing.
    let stick = |name: &str| stage.path(name).to_string_lossy().into_owned();
    let (of_li, of_sun) = (stick("li.xunji"), stick("sun.xunji"));
    export(&mut li, &of_li);
    import(&mut sun, &of_li);
    sun.wait_for("共 20 条");
    export(&mut sun, &of_sun);
    import(&mut li, &of_sun);
    li.wait_for("共 20 条");
    import(&mut li, &of_sun);
    li.wait_for("共 20 条");

    // One order, each with its author, none lost.
    open(&mut sun);
    let (at_sun, at_li) = (statements(&mut sun), statements(&mut li));
    assert_eq!(at_sun, at_li);
    assert_eq!(at_sun.len(), 20);
    let by = |name: &str| at_sun.iter().filter(|l| l.contains(&format!("] {name}："))).count();
    assert_eq!((by("李某"), by("孙某")), (18, 2));
    for text in FACTS.iter().chain(&OPINIONS).chain(&POINTERS).chain(&OF_SUN) {
        assert_eq!(at_sun.iter().filter(|l| l.contains(text)).count(), 1, "{text}\\n{at_sun:#?}");
    }

    let wrong = at_li.iter().position(|l| l.contains("3.2万元")).expect("it is there") + 1;
    let corrected = format!("第 {wrong} 条更正为：其中一笔预付款为2.3万元。");

    // Nobody, or one, has confirmed: closing is refused, and the rule is named.
    sun.step("办结谈话");
    sun.wait_for("谈话须两人，且两人都确认；现有 0 人");
    sun.step("确认谈话记录").press("Enter").wait_for("确认谈话记录：已存本机，待服务器决定");
    sun.step("办结谈话");
    sun.wait_for("谈话须两人，且两人都确认；现有 1 人");

    // 李某 confirms by what 孙某's stick brings, all without a network.
    export(&mut sun, &of_sun);
    import(&mut li, &of_sun);
    li.wait_for("共 20 条");
    li.step("确认谈话记录").press("Enter").wait_for("确认谈话记录：已存本机，待服务器决定");
    li.step("办结谈话").wait_for("请先登记谈话对象核阅");

    // 张某 corrects the amount: the correction stands beside the old text.
    li.step("登记核阅").wait_for("核阅结果").press_until("Right", "已阅有更正").advance("Enter");
    li.press_until("Right", "3.2万元").press("Enter").type_text("其中一笔预付款为2.3万元。");
    li.press("Tab Enter").wait_for("登记核阅：已存本机，待服务器决定");
    li.step("办结谈话").press("Enter").wait_for("办结谈话：已存本机，待服务器决定");
    li.wait_for("其中一笔预付款为3.2万元。").press("Tab");
    li.wait_for(&corrected);

    // In the evening the server answers all of it.
    stage.start_server();
    sun.press("Esc").press("s");
    li.press("Esc").press("s");
    for laptop in [&mut li, &mut sun] {
        laptop.press("2").wait_for_all(&["2026R2-G3-IN-001", "已办结", "20 条", "已记"]);
    }
    sun.press("Enter").wait_for("其中一笔预付款为3.2万元。").press("Tab");
    sun.wait_for_all(&[&corrected, "已确认：孙某、李某"]);
}
