//! US-7: a notice from proposal to done, while the group is still there.
use serde_json::Value;

use super::{
    scene::{sync, text},
    stage::{Broken, Stage},
};

const MATTER: &str = "甲局服务大厅要求办事人提交已取消的复印件";

/// Plays it, up to the morning of 28 May.
pub(super) async fn play(stage: &Stage) -> Result<(), Broken> {
    stage.story("US-7  边巡边改：从提出到销号");
    stage.clock("2026-05-12T09:00:00+08:00").await?;
    let paper = approved_paper(stage).await?;
    let notice = proposed(stage, &paper).await?;
    stage.by("wumou", &["sync"]).await?;
    stage.by("wumou", &["notice", "approve", &notice, "--sync"]).await?;
    stage.done("赵某提出，吴某批准");
    sync(stage, &["zhaomou"]).await?;
    let late = ["notice", "issue", notice.as_str(), "--due", "2026-06-10"];
    stage.refused("zhaomou", &late, "due_after_exit", "期限晚于撤离日，不予发出").await?;
    stage.by("zhaomou", &["notice", "issue", &notice, "--due", "2026-05-29", "--sync"]).await?;
    let issued = stage.by("zhaomou", &["notice", "show", &notice]).await?;
    let number = text(&issued["official"]);
    stage.same("通知书已发出，有正式编号", number.as_str(), "2026R2-G3-NT-001")?;

    on_the_desk(stage, &number).await?;
    minutes_only(stage, &number).await?;
    checked(stage, &number).await?;
    chain(stage).await?;
    on_paper(stage, &paper).await
}

/// Makes a paper and takes it through the three steps; returns its id.
async fn approved_paper(stage: &Stage) -> Result<String, Broken> {
    let (sun, zhou) = ("sunmou", "zhoumou");
    sync(stage, &[sun, zhou]).await?;
    let seen = [
        "evidence",
        "add",
        "服务大厅办事指南（旧版）",
        "--origin",
        "甲局服务大厅",
        "--on",
        "2026-05-11",
        "--kept-at",
        "甲局服务大厅",
        "--conclusive",
    ];
    let seen = text(&stage.by(sun, &seen).await?["evidence"]);
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
    let paper = text(&stage.by(sun, &new).await?["record"]);
    let rule = [
        "workpaper",
        "add-criterion",
        &paper,
        "--instrument",
        "某市证明事项取消清单",
        "--article",
        "第三项",
        "--edition",
        "v2024",
    ];
    stage.by(sun, &rule).await?;
    let fact = ["workpaper", "add-fact", &paper, "窗口要求提交复印件", "--evidence", &seen];
    stage.by(sun, &fact).await?;
    for (person, step) in
        [(sun, "maker"), (zhou, "maker"), ("qianmou", "deputy"), ("zhaomou", "leader")]
    {
        sync(stage, &[person]).await?;
        stage.by(person, &["workpaper", "sign", &paper, "--as", step, "--sync"]).await?;
    }
    stage.done("底稿经两人签字、副组长审核、组长审签");
    Ok(paper)
}

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
    stage.holds("冯某只看到通知书，看不到来信人和底稿", clean, "无来源", &all)?;
    let acknowledge = ["notice", "acknowledge", number, "--sync"];
    stage.refused("fengmou", &acknowledge, "not_allowed", "联络员不能代主要负责人签收").await?;
    stage.by("wangmou", &acknowledge).await?;
    stage.done("王某签收");
    sync(stage, &["fengmou"]).await?;
    let nobody = ["measure", "plan", number, "--measure", "取消复印要求;;2026-05-15"];
    stage.refused("fengmou", &nobody, "measure_incomplete", "措施未落实到人，不予受理").await?;
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
    stage.same("三项措施各有责任人和期限", known.as_array().map_or(0, Vec::len), 3)
}

async fn minutes_only(stage: &Stage, number: &str) -> Result<(), Broken> {
    stage.clock("2026-05-22T09:00:00+08:00").await?;
    let (feng, on) = ("fengmou", "2026-05-22");
    for name in ["会议纪要", "整改方案"] {
        let item = handed_in(stage, name, "record", "intent", on).await?;
        stage.by(feng, &["measure", "report", number, "--evidence", &item, "--sync"]).await?;
    }
    let request = ["measure", "request-check", number, "--anyway", "--sync"];
    stage
        .refused(feng, &request, "intent_only", "只有会议纪要和方案，销号申请被服务器拒绝")
        .await?;
    for (name, kind) in [("新版办事指南照片", "photo"), ("系统已删除该字段的截图", "data-extract")]
    {
        let item = handed_in(stage, name, kind, "act", on).await?;
        let note = "已落实";
        let report = ["measure", "report", number, "--evidence", &item, "--note", note, "--sync"];
        stage.by(feng, &report).await?;
    }
    stage.by(feng, &["measure", "request-check", number, "--sync"]).await?;
    stage.done("补充实际落实的佐证后受理");
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
    stage.refused("sunmou", &alone, "two_checkers", "一人核查不作数").await?;
    stage.by("sunmou", &check("2")).await?;
    let seen = stage.by("sunmou", &["notice", "show", number, "--in", "desk"]).await?;
    let at = text(&seen["matter"]["desk"]["stage"]);
    stage.same("三次走访两次合格，退回", at.as_str(), "returned")?;
    sync(stage, &["fengmou"]).await?;
    let note = ["measure", "report", number, "--note", "已再次培训窗口人员", "--sync"];
    stage.by("fengmou", &note).await?;
    stage.by("fengmou", &["measure", "request-check", number, "--sync"]).await?;
    stage.clock("2026-05-28T09:30:00+08:00").await?;
    sync(stage, &["sunmou"]).await?;
    stage.by("sunmou", &check("3")).await?;
    let seen = stage.by("sunmou", &["notice", "show", number, "--in", "desk"]).await?;
    stage.same("三次走访全部合格，销号", text(&seen["matter"]["desk"]["stage"]).as_str(), "done")
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
    stage.same("链条显示从发出到销号16天", (moment("done") - moment("notice_issued")) / DAY, 16)
}

/// A second notice, acknowledged on paper.
async fn on_paper(stage: &Stage, paper: &str) -> Result<(), Broken> {
    let notice = proposed(stage, paper).await?;
    sync(stage, &["wumou"]).await?;
    stage.by("wumou", &["notice", "approve", &notice, "--sync"]).await?;
    sync(stage, &["zhaomou"]).await?;
    stage.by("zhaomou", &["notice", "issue", &notice, "--due", "2026-05-29", "--sync"]).await?;
    sync(stage, &["sunmou"]).await?;
    let number = "2026R2-G3-NT-002";
    let scan = [
        "evidence",
        "add",
        "签收回执扫描件",
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
    let scan = text(&stage.by("sunmou", &scan).await?["evidence"]);
    let one = ["notice", "acknowledge", number, "--scan", &scan, "--witness", "孙某"];
    stage.refused("sunmou", &one, "two_witnesses", "纸质签收只有一名见证人，不作数").await?;
    let two = [
        "notice",
        "acknowledge",
        number,
        "--scan",
        &scan,
        "--witness",
        "孙某",
        "--witness",
        "周某",
        "--sync",
    ];
    stage.by("sunmou", &two).await?;
    let seen = stage.by("sunmou", &["notice", "show", number, "--in", "desk"]).await?;
    stage.same(
        "两人见证的纸质签收成立",
        text(&seen["matter"]["desk"]["stage"]).as_str(),
        "received",
    )
}
