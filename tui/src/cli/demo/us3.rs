//! US-3: two write at once; nothing is lost, and a conflict of judgement is shown.
use serde_json::Value;

use super::{
    scene::{sync, text},
    stage::{Broken, Stage},
};
use crate::words::t;

const BEFORE: &str = "影响采购公平。增加财政支出。";

/// Plays it, in both orders of arrival.
pub(super) async fn play(stage: &Stage) -> Result<(), Broken> {
    stage.story(t!(stage.words, "demo-us3"));
    let first = concurrent(stage, "甲局会议费报销依据不足", &["limou", "zhoumou"]).await?;
    let second = concurrent(stage, "甲局公务车维修费偏高", &["zhoumou", "limou"]).await?;
    stage.same(t!(stage.words, "demo-us3-orders"), &first, &second)?;
    by_sticks(stage, &first.0).await
}

/// The same by sticks alone: cut short, sent again, repeated, in reverse order.
async fn by_sticks(stage: &Stage, by_link: &str) -> Result<(), Broken> {
    let (li, zhou, qian, sun) = ("limou", "zhoumou", "qianmou", "sunmou");
    let effect = format!("effect={BEFORE}");
    let new = ["workpaper", "new", "甲局差旅费审批不严", &effect, "condition=见凭证。", "--sync"];
    let paper = text(&stage.by(sun, &new).await?["record"]);
    sync(stage, &[li, zhou, qian]).await?;
    let path = |name: &str| stage.path(name).to_string_lossy().into_owned();
    let (early, whole, cut) = (path("early.xunji"), path("whole.xunji"), path("cut.xunji"));
    // Without files of evidence, which come last: it is the text that is cut short.
    let write = |file| ["bundle", "export", file, "--in", "G3-JIA", "--text-only"];
    stage.by(zhou, &["workpaper", "set", &paper, "severity=medium"]).await?;
    stage.by(zhou, &write(&early)).await?;
    let reworded = "effect=影响采购公平竞争秩序。增加财政支出。";
    stage.by(zhou, &["workpaper", "set", &paper, reworded]).await?;
    stage.by(zhou, &["workpaper", "set", &paper, "place=甲局机关"]).await?;
    stage.by(zhou, &write(&whole)).await?;
    let more = "effect=影响采购公平。增加财政支出。群众有反映。";
    stage.by(li, &["workpaper", "set", &paper, "severity=high", more]).await?;

    let bytes = std::fs::read(&whole)?;
    std::fs::write(&cut, &bytes[..bytes.len() / 5 * 4])?;
    let read = |file| ["bundle", "import", file];
    let short = stage.by(li, &read(&cut)).await?;
    let gaps = short["gaps"].as_array().map_or(0, Vec::len);
    let gap = &short["gaps"][0];
    let got = (short["truncated"].is_string(), gaps, text(&gap["person"]), gap["missing"].as_u64());
    let expected = (true, 1, "周某".to_owned(), Some(3));
    stage.same(t!(stage.words, "demo-us3-cut"), got, expected)?;
    let new = |answer: &Value| answer["new"].as_u64().unwrap_or_default();
    let again = stage.by(li, &read(&whole)).await?;
    let once_more = stage.by(li, &read(&whole)).await?;
    let closed = again["gaps"].as_array().map_or(1, Vec::len);
    let got = (new(&again), closed, new(&once_more));
    stage.same(t!(stage.words, "demo-us3-resent"), got, (3, 0, 0))?;

    let mut seen = Vec::new();
    for (who, files) in [(qian, [&whole, &early]), (sun, [&early, &whole])] {
        let mut count = 0;
        for file in files {
            count += new(&stage.by(who, &read(file)).await?);
        }
        let shown = stage.by(who, &["workpaper", "show", &paper]).await?;
        seen.push((count, shown["reading"]["body"].clone()));
    }
    stage.same(t!(stage.words, "demo-us3-reversed"), seen[0].clone(), seen[1].clone())?;
    let from_li = path("li.xunji");
    stage.by(li, &write(&from_li)).await?;
    stage.by(qian, &read(&from_li)).await?;
    let shown = stage.by(qian, &["workpaper", "show", &paper]).await?;
    let mut sides = values(&shown);
    sides.sort();
    let offline = t!(stage.words, "demo-us3-offline");
    stage.same(offline, sides.join(" "), "high李某 medium周某".to_owned())?;
    sync(stage, &[qian, sun, zhou, li, qian]).await?;
    let shown = stage.by(qian, &["workpaper", "show", &paper]).await?;
    let merged = text(&shown["reading"]["body"]["effect"]);
    stage.same(t!(stage.words, "demo-us3-sticks"), merged.as_str(), by_link)
}

/// Has 李某 and 周某 edit one paper at once; they reach the server in this order.
async fn concurrent(
    stage: &Stage,
    title: &str,
    order: &[&str],
) -> Result<(String, Vec<String>), Broken> {
    let paper = edited(stage, title, order).await?;
    let shown = stage.by("qianmou", &["workpaper", "show", &paper]).await?;
    settled(stage, &paper, &shown).await
}

/// Has two edit a paper at once and synchronise in this order; returns the paper's id.
pub(super) async fn edited(stage: &Stage, title: &str, order: &[&str]) -> Result<String, Broken> {
    let effect = format!("effect={BEFORE}");
    let new = ["workpaper", "new", title, &effect, "condition=见凭证。", "--sync"];
    let paper = text(&stage.by("sunmou", &new).await?["record"]);
    sync(stage, &["limou", "zhoumou"]).await?;
    let li = [
        "workpaper",
        "set",
        &paper,
        "severity=high",
        "effect=影响采购公平。增加财政支出。群众有反映。",
    ];
    stage.by("limou", &li).await?;
    let zhou = [
        "workpaper",
        "set",
        &paper,
        "severity=medium",
        "effect=影响采购公平竞争秩序。增加财政支出。",
    ];
    stage.by("zhoumou", &zhou).await?;
    sync(stage, order).await?;
    sync(stage, order).await?;
    sync(stage, &["qianmou", "sunmou"]).await?;
    Ok(paper)
}

/// Checks what the merged paper shows, and has the conflict settled.
async fn settled(
    stage: &Stage,
    paper: &str,
    shown: &Value,
) -> Result<(String, Vec<String>), Broken> {
    let merged = text(&shown["reading"]["body"]["effect"]);
    stage.same(
        t!(stage.words, "demo-us3-both"),
        merged.as_str(),
        "影响采购公平竞争秩序。增加财政支出。群众有反映。",
    )?;
    let mut sides = values(shown);
    sides.sort();
    stage.same(
        t!(stage.words, "demo-us3-conflict"),
        sides.join(" "),
        "high李某 medium周某".to_owned(),
    )?;
    let sign =
        ["workpaper", "sign", paper, "--as", "maker", "--override", "演练", "--anyway", "--sync"];
    stage.refused("sunmou", &sign, "conflicted", t!(stage.words, "demo-us3-not-signed")).await?;
    let resolve = [
        "workpaper",
        "resolve",
        paper,
        "severity",
        "--to",
        "high",
        "--reason",
        "金额和影响面较大",
        "--sync",
    ];
    stage.by("qianmou", &resolve).await?;
    let shown = stage.by("qianmou", &["workpaper", "show", paper]).await?;
    let settled = shown["unsettled"].as_array().is_some_and(Vec::is_empty);
    let kept = shown["resolutions"][0]["ops"].as_array().map_or(0, Vec::len);
    stage.same(t!(stage.words, "demo-us3-settled"), (settled, kept), (true, 2))?;
    Ok((merged, sides))
}

fn values(shown: &Value) -> Vec<String> {
    let values = shown["authors"]["values"].as_array().cloned().unwrap_or_default();
    values.iter().map(|v| format!("{}{}", text(&v["value"]["text"]), text(&v["by"]))).collect()
}
