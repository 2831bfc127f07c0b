//! US-5, in small: the office sees the round through what the groups put before it.
use serde_json::Value;

use super::{
    scene::{Approved, approved_paper, sync, text},
    stage::{Broken, Stage},
};
use crate::words::t;

/// Plays it on 11 May, when 第三组 has an approved paper and has been silent since.
pub(super) async fn play(stage: &Stage) -> Result<(), Broken> {
    stage.story(t!(stage.words, "demo-us5"));
    stage.clock("2026-05-11T09:00:00+08:00").await?;
    let draft = ["workpaper", "new", "乙镇临时用工支出偏高", "--sync"];
    stage.by("weimou", &draft).await?;
    approved_paper(stage, &FIFTH).await?;
    sync(stage, &["zhengmou"]).await?;
    let board = stage.by("zhengmou", &["board"]).await?;
    totals(stage, &board)?;
    remark(stage).await
}

/// 第五组's paper names the supplier that 第三组's does.
const FIFTH: Approved<'_> = Approved {
    makers: ["weimou", "jiangmou"],
    deputy: "chumou",
    leader: "chenmou",
    title: "乙镇分两次采购宣传栏规避招标",
    evidence: ("采购合同两份", "乙镇财政所"),
    rule: ("某市采购限额办法", "第九条"),
    fields: &[
        "condition=乙镇2025年4月、5月分两次向某文化公司采购宣传栏，合计8.2万元，未招标。",
        "party=某文化公司",
        "exculpatory=乙镇称两次采购用途不同。",
        "method=调阅合同和凭证",
        "responsible=乙镇党政办",
        "when=2025年4月至5月",
        "place=乙镇",
        "severity=medium",
        "characterisation=规避招标",
        "effect=少竞争8.2万元。",
        "cause=限额执行不严。",
    ],
};

fn totals(stage: &Stage, board: &Value) -> Result<(), Broken> {
    let groups = board["groups"].as_array().cloned().unwrap_or_default();
    let of = |key: &str| -> Vec<(String, Value)> {
        groups.iter().map(|g| (text(&g["group"]), g[key].clone())).collect()
    };
    let both =
        |third: Value, fifth: Value| vec![("G3".to_owned(), third), ("G5".to_owned(), fifth)];
    let w = &stage.words;
    stage.same(t!(w, "demo-us5-totals"), of("workpapers"), both(1.into(), 1.into()))?;
    stage.same(t!(w, "demo-us5-gap"), of("silent"), both(true.into(), false.into()))?;
    gaps(stage, board)?;
    let same = board["same_matter"].as_array().cloned().unwrap_or_default();
    let party = same.iter().find(|m| m["what"] == "某文化公司").cloned().unwrap_or_default();
    let mut papers: Vec<String> =
        party["papers"].as_array().into_iter().flatten().map(text).collect();
    papers.sort();
    let expected = vec!["2026R2-G3-WP-001".to_owned(), "2026R2-G5-WP-001".to_owned()];
    stage.same(t!(w, "demo-us5-same"), papers, expected)
}

/// Checks whose laptops the board says are silent, and since when: as the office was told with
/// the paper of 第三组, which 赵某 approved on a laptop that was heard with it.
fn gaps(stage: &Stage, board: &Value) -> Result<(), Broken> {
    let gaps = board["gaps"].as_array().cloned().unwrap_or_default();
    let mut whose: Vec<String> =
        gaps.iter().map(|g| format!("{} {}", text(&g["group"]), text(&g["person"]))).collect();
    whose.sort();
    let leader = gaps.iter().find(|g| g["person"] == "赵某").cloned().unwrap_or_default();
    let groups = board["groups"].as_array().cloned().unwrap_or_default();
    let third = groups.iter().find(|g| g["group"] == "G3").cloned().unwrap_or_default();
    let got = (whose.join("、"), leader["heard"].clone(), leader["told"].clone());
    let newest = third["newest"].clone();
    let expected =
        ("G3 周某、G3 孙某、G3 李某、G3 赵某、G3 钱某".to_owned(), newest.clone(), newest);
    stage.same(t!(stage.words, "demo-us5-gaps"), got, expected)
}

async fn remark(stage: &Stage) -> Result<(), Broken> {
    const PAPER: &str = "2026R2-G3-WP-001";
    let remark = "请核对与第五组所涉供应商是否为同一家";
    let hidden = stage.by("zhengmou", &["search", "临时用工"]).await?;
    stage.same(t!(stage.words, "demo-us5-working"), hidden, Value::Array(Vec::new()))?;
    sync(stage, &["sunmou"]).await?;
    let before = stage.by("sunmou", &["workpaper", "show", PAPER]).await?;
    stage.by("zhengmou", &["comment", PAPER, remark, "--sync"]).await?;
    sync(stage, &["sunmou"]).await?;
    let after = stage.by("sunmou", &["workpaper", "show", PAPER]).await?;
    let said = text(&after["comments"][0]["text"]);
    let unchanged = after["text"] == before["text"] && after["signed"] == before["signed"];
    let expected = (remark, true);
    stage.same(t!(stage.words, "demo-us5-comment"), (said.as_str(), unchanged), expected)?;
    let edit = ["workpaper", "set", PAPER, "severity=high"];
    let edit = stage.by_with("zhengmou", &edit, None).await?;
    let got = text(&edit.err["error"]);
    stage.same(t!(stage.words, "demo-us5-edit"), got.as_str(), "unknown_name")
}
