//! US-1: a talk written on two laptops without a network, by the rules.
use serde_json::{Value, json};

use super::{
    scene::{sync, text},
    stage::{Broken, Stage},
};
use crate::words::t;

const FACTS: &[&str] = &[
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
const OPINIONS: &[&str] =
    &["我认为时间比较紧。", "我觉得价格不算高。", "大家觉得流程繁琐。", "可能是图省事。"];
const POINTERS: &[&str] =
    &["合同原件在财务科档案柜。", "会议纪要在办公室。", "库房登记簿由保管员保管。"];

/// Plays it.
pub(super) async fn play(stage: &Stage) -> Result<(), Broken> {
    stage.story(t!(stage.words, "demo-us1"));
    let (sun, li) = ("sunmou", "limou");
    let new = [
        "interview",
        "new",
        "--name",
        "张某",
        "--post",
        "科员",
        "--section",
        "财务科",
        "--interviewer",
        "孙某",
        "--interviewer",
        "李某",
        "--outline",
        "O-财务-03",
        "--notice-read",
    ];
    let talk = text(&stage.by(sun, &new).await?["record"]);
    sync(stage, &[sun, li]).await?;

    let lines: Vec<String> = [("fact", FACTS), ("opinion", OPINIONS), ("pointer", POINTERS)]
        .iter()
        .flat_map(|(tag, texts)| {
            texts.iter().map(move |t| json!({ "tag": tag, "text": t }).to_string())
        })
        .collect();
    let typed = ["interview", "add-statement", &talk, "--lines", "-"];
    let ran = stage.by_with(li, &typed, Some(&lines.join("\n"))).await?;
    let added =
        stage.must("limou: interview add-statement", ran)?["items"].as_array().map_or(0, Vec::len);
    stage.same(t!(stage.words, "demo-us1-li"), added, 18)?;
    for said in ["张某到场时间为上午九时。", "谈话目的和保密要求已宣读。"]
    {
        let add = ["interview", "add-statement", &talk, said, "--tag", "procedural"];
        stage.by(sun, &add).await?;
    }
    stage.done(t!(stage.words, "demo-us1-sun"));
    carried(stage).await?;
    let by_stick = shown(stage, sun, &talk).await?;
    let statements = by_stick["reading"]["body"]["statements"].as_array().map_or(0, Vec::len);
    stage.same(t!(stage.words, "demo-us1-stick"), statements, 20)?;
    sync(stage, &[li, sun, li]).await?;

    let (at_li, at_sun) = (shown(stage, li, &talk).await?, shown(stage, sun, &talk).await?);
    let order = |v: &Value| v["reading"]["body"]["statements"].clone();
    let count = order(&at_li).as_array().map_or(0, Vec::len);
    stage.same(t!(stage.words, "demo-us1-merged"), count, 20)?;
    stage.holds(
        t!(stage.words, "demo-us1-order"),
        order(&at_li) == order(&at_sun),
        &order(&at_sun).to_string(),
        &order(&at_li),
    )?;
    let by = |name: &str| {
        let items = at_li["authors"]["items"].as_array().cloned().unwrap_or_default();
        items.iter().filter(|i| i["by"] == name).count()
    };
    stage.same(t!(stage.words, "demo-us1-authors"), (by("李某"), by("孙某")), (18, 2))?;

    let close = ["interview", "close", talk.as_str(), "--sync"];
    stage.by(sun, &["interview", "confirm", &talk, "--sync"]).await?;
    stage.refused(sun, &close, "two_interviewers", t!(stage.words, "demo-us1-one")).await?;
    sync(stage, &[li]).await?;
    stage.by(li, &["interview", "confirm", &talk, "--sync"]).await?;
    stage.refused(li, &close, "review_missing", t!(stage.words, "demo-us1-review")).await?;

    let wrong = place_of(&at_li, "3.2万元")?;
    let corrected = format!("{wrong}=其中一笔预付款为2.3万元。");
    let review = ["interview", "review", &talk, "--outcome", "corrected", "--correct", &corrected];
    stage.by(li, &review).await?;
    stage.by(li, &close).await?;
    let after = shown(stage, li, &talk).await?;
    let old = after["text"].as_str().unwrap_or_default().contains("3.2万元");
    let new = after["matter"].to_string().contains("2.3万元");
    stage.same(t!(stage.words, "demo-us1-correction"), (old, new), (true, true))?;
    stage.same(
        t!(stage.words, "demo-us1-number"),
        text(&after["official"]),
        "2026R2-G3-IN-001".to_owned(),
    )
}

/// Carries 李某's work to 孙某 by stick, and the same stick a second time.
async fn carried(stage: &Stage) -> Result<(), Broken> {
    let stick = stage.path("stick.xunji");
    let stick = stick.to_string_lossy();
    stage.by("limou", &["bundle", "export", &stick, "--in", "G3-JIA"]).await?;
    stage.by("sunmou", &["bundle", "import", &stick]).await?;
    let again = stage.by("sunmou", &["bundle", "import", &stick]).await?;
    stage.same(t!(stage.words, "demo-us1-again"), again["new"].as_u64(), Some(0))
}

async fn shown(stage: &Stage, person: &str, talk: &str) -> Result<Value, Broken> {
    stage.by(person, &["interview", "show", talk]).await
}

/// Returns the id of the statement that says this.
fn place_of(talk: &Value, said: &str) -> Result<String, Broken> {
    let statements = talk["reading"]["body"]["statements"].as_array().cloned().unwrap_or_default();
    let found = statements.iter().find(|s| s["text"].as_str().is_some_and(|t| t.contains(said)));
    found.map(|s| text(&s["id"])).ok_or_else(|| Broken::missing("limou", said))
}
