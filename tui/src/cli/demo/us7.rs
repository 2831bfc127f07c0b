//! US-7: a notice from proposal to done, while the group is still there.
use serde_json::Value;

use super::{
    scene::{Approved, approved_paper, sync, text},
    stage::{Broken, Stage},
};
use crate::words::t;

const MATTER: &str = "甲局服务大厅要求办事人提交已取消的复印件";

/// The numbers of the two notices.
const FIRST: &str = "2026R2-G3-NT-001";
const SECOND: &str = "2026R2-G3-NT-002";

/// Plays it, up to the morning of 28 May.
pub(super) async fn play(stage: &Stage) -> Result<(), Broken> {
    stage.story(t!(stage.words, "demo-us7"));
    stage.clock("2026-05-12T09:00:00+08:00").await?;
    let paper = approved_paper(stage, &PAPER).await?;
    stage.done(t!(stage.words, "demo-us7-paper"));
    issue(stage, &paper).await?;
    on_the_desk(stage, FIRST).await?;
    minutes_only(stage, FIRST).await?;
    checked(stage, FIRST).await?;
    chain(stage).await?;
    on_paper(stage, &paper).await
}

/// Puts a notice on the unit's desk, for whoever goes on from there.
pub(super) async fn issued(stage: &Stage) -> Result<(), Broken> {
    let paper = approved_paper(stage, &PAPER).await?;
    let notice = proposed(stage, &paper).await?;
    let due = ["notice", "issue", notice.as_str(), "--due", "2026-05-29", "--sync"];
    for (person, step) in
        [("wumou", &["notice", "approve", notice.as_str(), "--sync"][..]), ("zhaomou", &due[..])]
    {
        sync(stage, &[person]).await?;
        stage.by(person, step).await?;
    }
    Ok(())
}

async fn issue(stage: &Stage, paper: &str) -> Result<(), Broken> {
    let notice = proposed(stage, paper).await?;
    stage.by("wumou", &["sync"]).await?;
    stage.by("wumou", &["notice", "approve", &notice, "--sync"]).await?;
    stage.done(t!(stage.words, "demo-us7-approved"));
    sync(stage, &["zhaomou"]).await?;
    let late = ["notice", "issue", notice.as_str(), "--due", "2026-06-10"];
    stage.refused("zhaomou", &late, "due_after_exit", t!(stage.words, "demo-us7-exit")).await?;
    stage.by("zhaomou", &["notice", "issue", &notice, "--due", "2026-05-29", "--sync"]).await?;
    let issued = stage.by("zhaomou", &["notice", "show", &notice]).await?;
    let number = text(&issued["official"]);
    stage.same(t!(stage.words, "demo-us7-issued"), number.as_str(), FIRST)
}

const PAPER: Approved<'_> = Approved {
    makers: ["sunmou", "zhoumou"],
    deputy: "qianmou",
    leader: "zhaomou",
    title: MATTER,
    evidence: ("服务大厅办事指南（旧版）", "甲局服务大厅"),
    rule: ("某市证明事项取消清单", "第三项"),
    fields: &[
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
    ],
};

/// Writes a notice on a paper and puts it up; returns its number until it is issued.
async fn proposed(stage: &Stage, paper: &str) -> Result<String, Broken> {
    let new = [
        "notice",
        "new",
        "取消服务大厅复印件要求",
        "--workpaper",
        paper,
        "matter=服务大厅仍要求提交已取消的复印件。",
        "rule_breached=某市证明事项取消清单第三项",
        "request=立即停止要求提交复印件，修改办事指南，培训窗口人员。",
        "contact=孙某",
    ];
    let notice = text(&stage.by("zhaomou", &new).await?["number"]);
    stage.by("zhaomou", &["notice", "propose", &notice, "--sync"]).await?;
    Ok(notice)
}

async fn on_the_desk(stage: &Stage, number: &str) -> Result<(), Broken> {
    sync(stage, &["fengmou", "wangmou"]).await?;
    let seen = stage.by("fengmou", &["notice", "show", number]).await?;
    let status = stage.by("fengmou", &["status"]).await?;
    let all = format!("{seen}{status}");
    let clean = !all.contains("群众") && !all.contains("底稿") && !all.contains("WP-");
    stage.holds(t!(stage.words, "demo-us7-source"), clean, "-", &all)?;
    let acknowledge = ["notice", "acknowledge", number, "--sync"];
    stage.refused("fengmou", &acknowledge, "not_allowed", t!(stage.words, "demo-us7-head")).await?;
    stage.by("wangmou", &acknowledge).await?;
    stage.done(t!(stage.words, "demo-us7-acknowledged"));
    sync(stage, &["fengmou"]).await?;
    let nobody = ["measure", "plan", number, "--measure", "取消复印要求;;2026-05-15"];
    stage
        .refused("fengmou", &nobody, "measure_incomplete", t!(stage.words, "demo-us7-owner"))
        .await?;
    let plan = [
        "measure",
        "plan",
        number,
        "--measure",
        "取消复印要求;刘某;2026-05-15",
        "--measure",
        "修改办事指南;冯某;2026-05-18",
        "--measure",
        "培训窗口8人;刘某;2026-05-22",
        "--sync",
    ];
    stage.by("fengmou", &plan).await?;
    let known = stage.by("fengmou", &["measure", "list", number]).await?;
    stage.same(t!(stage.words, "demo-us7-plan"), known.as_array().map_or(0, Vec::len), 3)
}

async fn minutes_only(stage: &Stage, number: &str) -> Result<(), Broken> {
    stage.clock("2026-05-22T09:00:00+08:00").await?;
    let (feng, on) = ("fengmou", "2026-05-22");
    for name in ["会议纪要", "整改方案"] {
        let item = handed_in(stage, name, "record", "intent", on).await?;
        stage.by(feng, &["measure", "report", number, "--evidence", &item, "--sync"]).await?;
    }
    let request = ["measure", "request-check", number, "--anyway", "--sync"];
    stage.refused(feng, &request, "intent_only", t!(stage.words, "demo-us7-intent")).await?;
    for (name, kind) in [("新版办事指南照片", "photo"), ("系统已删除该字段的截图", "data-extract")]
    {
        let item = handed_in(stage, name, kind, "act", on).await?;
        let note = "已落实";
        let report = ["measure", "report", number, "--evidence", &item, "--note", note, "--sync"];
        stage.by(feng, &report).await?;
    }
    stage.by(feng, &["measure", "request-check", number, "--sync"]).await?;
    stage.done(t!(stage.words, "demo-us7-acts"));
    Ok(())
}

/// Hands an item in at the desk; returns its id.
async fn handed_in(
    stage: &Stage,
    name: &str,
    kind: &str,
    class: &str,
    on: &str,
) -> Result<String, Broken> {
    let args = [
        "evidence",
        "add",
        name,
        "--kind",
        kind,
        "--class",
        class,
        "--origin",
        "甲局",
        "--on",
        on,
        "--kept-at",
        "甲局办公室",
        "--in",
        "desk",
    ];
    Ok(text(&stage.by("fengmou", &args).await?["evidence"]))
}

async fn checked(stage: &Stage, number: &str) -> Result<(), Broken> {
    stage.clock("2026-05-25T10:00:00+08:00").await?;
    sync(stage, &["sunmou"]).await?;
    let check = |passed| {
        [
            "measure", "check", number, "--by", "孙某", "--by", "周某", "--passed", passed, "--of",
            "3", "--sync",
        ]
    };
    let alone = ["measure", "check", number, "--by", "孙某", "--passed", "3", "--of", "3"];
    stage.refused("sunmou", &alone, "two_checkers", t!(stage.words, "demo-us7-two")).await?;
    stage.by("sunmou", &check("2")).await?;
    let seen = stage.by("sunmou", &["notice", "show", number, "--in", "desk"]).await?;
    let at = text(&seen["matter"]["desk"]["stage"]);
    stage.same(t!(stage.words, "demo-us7-returned"), at.as_str(), "returned")?;
    sync(stage, &["fengmou"]).await?;
    let note = ["measure", "report", number, "--note", "已再次培训窗口人员", "--sync"];
    stage.by("fengmou", &note).await?;
    stage.by("fengmou", &["measure", "request-check", number, "--sync"]).await?;
    stage.clock("2026-05-28T09:30:00+08:00").await?;
    sync(stage, &["sunmou"]).await?;
    stage.by("sunmou", &check("3")).await?;
    let seen = stage.by("sunmou", &["notice", "show", number, "--in", "desk"]).await?;
    stage.same(
        t!(stage.words, "demo-us7-done"),
        text(&seen["matter"]["desk"]["stage"]).as_str(),
        "done",
    )
}

async fn chain(stage: &Stage) -> Result<(), Broken> {
    sync(stage, &["zhaomou"]).await?;
    let all = stage.by("zhaomou", &["finding", "list"]).await?;
    let ours = |f: &&Value| f["title"] == MATTER;
    let found = all.as_array().and_then(|l| l.iter().find(ours)).cloned().unwrap_or_default();
    let shown = stage.by("zhaomou", &["finding", "show", &text(&found["record"])]).await?;
    let milestones = shown["chain"]["milestones"].as_array().cloned().unwrap_or_default();
    let moment = |what: &str| {
        let found = milestones.iter().find(|m| m["what"].to_string().contains(what));
        found.and_then(|m| m["at"].as_i64()).unwrap_or_default()
    };
    const DAY: i64 = 24 * 60 * 60 * 1000;
    stage.same(
        t!(stage.words, "demo-us7-chain"),
        (moment("done") - moment("notice_issued")) / DAY,
        16,
    )
}

/// A second notice, acknowledged and answered on paper.
async fn on_paper(stage: &Stage, paper: &str) -> Result<(), Broken> {
    let notice = proposed(stage, paper).await?;
    sync(stage, &["wumou"]).await?;
    stage.by("wumou", &["notice", "approve", &notice, "--sync"]).await?;
    sync(stage, &["zhaomou"]).await?;
    stage.by("zhaomou", &["notice", "issue", &notice, "--due", "2026-05-29", "--sync"]).await?;
    sync(stage, &["sunmou"]).await?;
    let foot = |seen: &Value| text(&seen["foot"]);
    let printed = foot(&stage.by("sunmou", &["notice", "show", SECOND, "--in", "desk"]).await?);
    let first = stage.by("sunmou", &["notice", "show", FIRST, "--in", "desk"]).await?;
    let scan = scanned(stage, "签收回执扫描件").await?;
    let acknowledge = |foot: String, witnesses: &[&str]| -> Vec<String> {
        let fixed = ["notice", "acknowledge", SECOND, "--scan", &scan, "--foot", &foot, "--sync"];
        let seen = witnesses.iter().flat_map(|w| ["--witness", w]);
        fixed.into_iter().chain(seen).map(str::to_owned).collect()
    };
    let one = acknowledge(printed.clone(), &["孙某"]);
    let what = t!(stage.words, "demo-us7-one-witness");
    stage.refused("sunmou", &strs(&one), "two_witnesses", what).await?;
    let other = acknowledge(foot(&first), &["孙某", "周某"]);
    let what = t!(stage.words, "demo-us7-foot");
    stage.refused("sunmou", &strs(&other), "scan_of_another_version", what).await?;
    let two = acknowledge(printed.clone(), &["孙某", "周某"]);
    stage.by("sunmou", &strs(&two)).await?;
    let seen = stage.by("sunmou", &["notice", "show", SECOND, "--in", "desk"]).await?;
    let at = text(&seen["matter"]["desk"]["stage"]);
    stage.same(t!(stage.words, "demo-us7-on-paper"), at.as_str(), "received")?;
    replied(stage, &printed, &foot(&first)).await
}

/// The unit's reply on paper, entered by two; nobody checks it before the stay ends.
async fn replied(stage: &Stage, printed: &str, other: &str) -> Result<(), Broken> {
    let scan = scanned(stage, "整改回复扫描件").await?;
    let act = handed_in(stage, "取消复印件要求的公告照片", "photo", "act", "2026-05-28").await?;
    stage.by("fengmou", &["sync"]).await?;
    sync(stage, &["sunmou"]).await?;
    let reply = |foot| {
        [
            "measure",
            "reply",
            SECOND,
            "--scan",
            &scan,
            "--foot",
            foot,
            "--witness",
            "孙某",
            "--witness",
            "周某",
            "--measure",
            "张贴公告;刘某;2026-05-29",
            "--evidence",
            &act,
            "--note",
            "已张贴",
            "--sync",
        ]
    };
    let what = t!(stage.words, "demo-us7-reply-foot");
    stage.refused("sunmou", &reply(other), "scan_of_another_version", what).await?;
    stage.by("sunmou", &reply(printed)).await?;
    let seen = stage.by("sunmou", &["notice", "show", SECOND, "--in", "desk"]).await?;
    let desk = &seen["matter"]["desk"];
    let papers = desk["replies"].as_array().map_or(0, Vec::len);
    let reports = desk["measures"][0]["reports"].as_array().map_or(0, Vec::len);
    let got = (text(&desk["stage"]), papers, reports);
    stage.same(t!(stage.words, "demo-us7-reply"), got, ("fixing".to_owned(), 1, 1))
}

/// Enters a scan at the desk; returns its id.
async fn scanned(stage: &Stage, name: &str) -> Result<String, Broken> {
    let scan = [
        "evidence",
        "add",
        name,
        "--kind",
        "scan",
        "--origin",
        "甲局",
        "--on",
        "2026-05-28",
        "--kept-at",
        "第三组",
        "--in",
        "desk",
    ];
    Ok(text(&stage.by("sunmou", &scan).await?["evidence"]))
}

fn strs(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

/// The clock passes the exit: what is undone goes into the plan by itself.
pub(super) async fn exit(stage: &Stage) -> Result<(), Broken> {
    stage.clock("2026-05-30T00:05:00+08:00").await?;
    sync(stage, &["fengmou"]).await?;
    let mut stages = Vec::new();
    for number in [FIRST, SECOND] {
        let seen = stage.by("fengmou", &["notice", "show", number, "--in", "desk"]).await?;
        stages.push(text(&seen["matter"]["desk"]["stage"]));
    }
    stage.same(t!(stage.words, "demo-us7-carried"), stages[1].as_str(), "carried_to_plan")?;
    stage.same(t!(stage.words, "demo-us7-not-carried"), stages[0].as_str(), "done")?;
    let history = stage.by("fengmou", &["history", SECOND, "--in", "desk"]).await?;
    let carried = |row: &&Value| row["events"].to_string().contains("carried_to_plan");
    let row = history.as_array().and_then(|l| l.iter().find(carried)).cloned().unwrap_or_default();
    let by_server = row["by"] == "" && row["envelope"].is_null();
    stage.holds(t!(stage.words, "demo-us7-by-server"), by_server, "\"by\":\"\"", &row)
}
