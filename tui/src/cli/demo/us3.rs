//! US-3: two write at once; nothing is lost, and a conflict of judgement is shown.
use serde_json::Value;

use super::{
    scene::{sync, text},
    stage::{Broken, Stage},
};

const BEFORE: &str = "影响采购公平。增加财政支出。";

/// Plays it, in both orders of arrival.
pub(super) async fn play(stage: &Stage) -> Result<(), Broken> {
    stage.story("US-3  同时修改不丢失，判断冲突可见");
    let first = concurrent(stage, "甲局会议费报销依据不足", &["limou", "zhoumou"]).await?;
    let second = concurrent(stage, "甲局公务车维修费偏高", &["zhoumou", "limou"]).await?;
    stage.same("先后次序颠倒，合并结果相同", first, second)
}

/// Has 李某 and 周某 edit one paper at once; they reach the server in this order.
async fn concurrent(
    stage: &Stage,
    title: &str,
    order: &[&str],
) -> Result<(String, Vec<String>), Broken> {
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

    let shown = stage.by("qianmou", &["workpaper", "show", &paper]).await?;
    let merged = text(&shown["reading"]["body"]["effect"]);
    stage.same(
        "两人改动都在",
        merged.as_str(),
        "影响采购公平竞争秩序。增加财政支出。群众有反映。",
    )?;
    let mut sides = values(&shown);
    sides.sort();
    stage.same("严重程度显示冲突及各自作者", sides.join(" "), "high李某 medium周某".to_owned())?;
    let sign =
        ["workpaper", "sign", &paper, "--as", "maker", "--override", "演练", "--anyway", "--sync"];
    stage.refused("sunmou", &sign, "conflicted", "有冲突不得签字（服务器裁定）").await?;
    let resolve = [
        "workpaper",
        "resolve",
        &paper,
        "severity",
        "--to",
        "high",
        "--reason",
        "金额和影响面较大",
        "--sync",
    ];
    stage.by("qianmou", &resolve).await?;
    let shown = stage.by("qianmou", &["workpaper", "show", &paper]).await?;
    let settled = shown["unsettled"].as_array().is_some_and(Vec::is_empty);
    let kept = shown["resolutions"][0]["ops"].as_array().map_or(0, Vec::len);
    stage.same("钱某裁定为 high，两个取值和理由均留存", (settled, kept), (true, 2))?;
    Ok((merged, sides))
}

fn values(shown: &Value) -> Vec<String> {
    let values = shown["authors"]["values"].as_array().cloned().unwrap_or_default();
    values.iter().map(|v| format!("{}{}", text(&v["value"]["text"]), text(&v["by"]))).collect()
}
