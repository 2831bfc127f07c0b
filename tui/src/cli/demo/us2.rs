//! US-2: one matter, one paper, with the evidence gate.
use super::{
    scene::{sync, text},
    stage::{Broken, Stage},
};
use crate::words::t;

/// Plays it; returns the paper's id.
pub(super) async fn play(stage: &Stage) -> Result<String, Broken> {
    stage.story(t!(stage.words, "demo-us2"));
    let sun = "sunmou";
    let contract = evidence(stage, "第一份合同").await?;
    let new = stage
        .by(
            sun,
            &[
                "workpaper", "new", "甲局2025年三次拆分采购宣传品（4.1+3.9+3.6=11.6万元）规避招标",
                "amount=116000", "party=某文化公司",
                "condition=甲局2025年3月、6月、9月分三次向某文化公司采购宣传品，合计11.6万元，均未招标。",
                "themes=拆分采购",
            ],
        )
        .await?;
    let paper = text(&new["record"]);
    let provisional = text(&new["number"]);
    stage.holds(
        t!(stage.words, "demo-us2-provisional"),
        provisional.contains('~'),
        "~",
        &provisional,
    )?;
    let fact = stage.by(sun, &["workpaper", "add-fact", &paper, "三次采购均为同一供应商"]).await?;
    let fact = text(&fact["item"]);
    let rule = stage
        .by(sun, &["workpaper", "add-criterion", &paper, "--instrument", "某市采购限额办法"])
        .await?;
    let rule = text(&rule["item"]);
    stage.by(sun, &["workpaper", "attach", &paper, &contract]).await?;

    let gate = stage.by(sun, &["workpaper", "gate", &paper]).await?;
    let red = gate["red"].to_string();
    for (what, key) in [
        (t!(stage.words, "demo-us2-red-article"), "criterion_without_article"),
        (t!(stage.words, "demo-us2-red-evidence"), "fact_without_evidence"),
        (t!(stage.words, "demo-us2-red-exculpatory"), "exculpatory_empty"),
    ] {
        stage.holds(what, red.contains(key), key, &red)?;
    }
    let sign = ["workpaper", "sign", paper.as_str(), "--as", "maker"];
    stage.refused(sun, &sign, "gate_red", t!(stage.words, "demo-us2-not-signed")).await?;

    for name in ["第二份合同", "第三份合同", "局长办公会纪要"] {
        let item = evidence(stage, name).await?;
        stage.by(sun, &["workpaper", "attach", &paper, &item, "--fact", &fact]).await?;
    }
    let article = format!("criteria/{rule}/article=第九条");
    let version = format!("criteria/{rule}/version=v2024");
    stage
        .by(
            sun,
            &[
                "workpaper",
                "set",
                &paper,
                &article,
                &version,
                "exculpatory=甲局称三次活动相互独立，时间、主题不同。",
                "method=调阅合同、凭证和会议纪要",
                "responsible=甲局办公室",
                "when=2025年3月至9月",
                "place=甲局",
                "severity=medium",
                "characterisation=规避招标",
                "effect=少竞争约11.6万元。",
                "cause=限额执行不严。",
            ],
        )
        .await?;
    let gate = stage.by(sun, &["workpaper", "gate", &paper]).await?;
    stage.holds(t!(stage.words, "demo-us2-green"), gate["green"] == true, "green", &gate)?;

    // 周某's laptop takes the unsigned paper along; US-4 shows what comes of it.
    sync(stage, &[sun, "zhoumou"]).await?;
    three_steps(stage, &paper).await?;
    let shown = stage.by("zhaomou", &["workpaper", "show", &paper]).await?;
    let official = text(&shown["official"]);
    stage.same(t!(stage.words, "demo-us2-official"), official.as_str(), "2026R2-G3-WP-001")?;
    for number in [&provisional, &official] {
        let found = stage.by("zhaomou", &["workpaper", "show", number]).await?;
        let what = t!(stage.words, "demo-us2-finds", number = number.clone());
        stage.same(what, text(&found["record"]), paper.clone())?;
    }
    Ok(paper)
}

/// Enters an item of evidence; returns its id.
async fn evidence(stage: &Stage, name: &str) -> Result<String, Broken> {
    let args = [
        "evidence",
        "add",
        name,
        "--origin",
        "甲局财务科",
        "--on",
        "2026-05-07",
        "--kept-at",
        "甲局档案室",
    ];
    Ok(text(&stage.by("sunmou", &args).await?["evidence"]))
}

/// Two makers, a return, both again, deputy, leader.
async fn three_steps(stage: &Stage, paper: &str) -> Result<(), Broken> {
    let maker = ["workpaper", "sign", paper, "--as", "maker", "--sync"];
    let deputy = ["workpaper", "sign", paper, "--as", "deputy", "--sync"];
    let leader = ["workpaper", "sign", paper, "--as", "leader", "--sync"];
    stage.by("sunmou", &maker).await?;
    stage.by("qianmou", &["sync"]).await?;
    stage.refused("qianmou", &deputy, "makers_missing", t!(stage.words, "demo-us2-makers")).await?;
    stage.by("limou", &["sync"]).await?;
    stage.by("limou", &maker).await?;
    stage.done(t!(stage.words, "demo-us2-two"));
    stage.by("qianmou", &["sync"]).await?;
    let note =
        ["workpaper", "return", paper, "请核对第三次采购的日期", "--field", "when", "--sync"];
    stage.by("qianmou", &note).await?;
    stage.done(t!(stage.words, "demo-us2-returned"));
    stage.by("sunmou", &["sync"]).await?;
    let when = ["workpaper", "set", paper, "when=2025年3月、6月、9月", "--sync"];
    stage.by("sunmou", &when).await?;
    stage.by("sunmou", &maker).await?;
    sync(stage, &["limou"]).await?;
    stage.by("limou", &maker).await?;
    sync(stage, &["qianmou"]).await?;
    stage.by("qianmou", &deputy).await?;
    sync(stage, &["zhaomou"]).await?;
    stage.by("zhaomou", &leader).await?;
    stage.done(t!(stage.words, "demo-us2-approved"));
    Ok(())
}
