//! What every story stands on: the round applied, everybody enrolled.
use futures_util::future::try_join_all;
use serde_json::Value;

use super::stage::{Broken, Stage};
use crate::words::t;

const ROUND: &str = include_str!("../../../../docs/examples/round-2026R2.toml");
const RULES: &str = include_str!("../../../../docs/examples/rule-pack-2026.1.toml");
const CALENDAR: &str = include_str!("../../../../docs/examples/calendar-2026.toml");

/// Everybody, by code and name.
const PEOPLE: &[(&str, &str)] = &[
    ("zhaomou", "赵某"),
    ("qianmou", "钱某"),
    ("sunmou", "孙某"),
    ("limou", "李某"),
    ("zhoumou", "周某"),
    ("chenmou", "陈某"),
    ("chumou", "褚某"),
    ("weimou", "卫某"),
    ("jiangmou", "蒋某"),
    ("wumou", "吴某"),
    ("zhengmou", "郑某"),
    ("wangmou", "王某"),
    ("fengmou", "冯某"),
    ("hemou", "何某"),
];

/// Starts the server, applies the round and enrols everybody.
pub(super) async fn open(stage: &Stage) -> Result<(), Broken> {
    stage.story(t!(stage.words, "demo-open"));
    for (name, text) in
        [("round.toml", ROUND), ("rule-pack-2026.1.toml", RULES), ("calendar-2026.toml", CALENDAR)]
    {
        std::fs::write(stage.path(name), text)?;
    }
    let round = stage.path("round.toml");
    let round = round.to_string_lossy();
    stage.admin(&["apply", &round, "--clock", "2026-05-06T09:00:00+08:00"]).await?;
    stage.done(t!(stage.words, "demo-open-signed"));
    stage.serve().await?;
    stage.done(t!(stage.words, "demo-open-server"));
    try_join_all(PEOPLE.iter().map(|(code, _)| enrol(stage, code))).await?;
    stage.done(t!(stage.words, "demo-open-enrolled", n = PEOPLE.len()));
    Ok(())
}

async fn enrol(stage: &Stage, code: &str) -> Result<(), Broken> {
    let invited = stage.admin(&["invite", code]).await?;
    let word = |key: &str| invited[key].as_str().unwrap_or_default().to_owned();
    let (once, pin) = (word("code"), word("pin"));
    let args = ["enrol", "--server", &stage.url(), "--code", &once, "--pin", &pin];
    stage.by(code, &args).await?;
    stage.by(code, &["sync"]).await.map(drop)
}

/// Synchronises several laptops, one after the other.
pub(super) async fn sync(stage: &Stage, people: &[&str]) -> Result<(), Broken> {
    for person in people {
        stage.by(person, &["sync"]).await?;
    }
    Ok(())
}

/// Returns a text of an answer.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A paper to be written and taken through the three steps.
pub(super) struct Approved<'a> {
    /// Who makes it; the first writes it.
    pub(super) makers: [&'a str; 2],
    /// Who reviews it.
    pub(super) deputy: &'a str,
    /// Who approves it.
    pub(super) leader: &'a str,
    /// The matter.
    pub(super) title: &'a str,
    /// An item that settles it, and where it came from.
    pub(super) evidence: (&'a str, &'a str),
    /// The instrument and the article breached.
    pub(super) rule: (&'a str, &'a str),
    /// The other fields.
    pub(super) fields: &'a [&'a str],
}

/// Makes a paper and takes it through the three steps; returns its id.
pub(super) async fn approved_paper(stage: &Stage, of: &Approved<'_>) -> Result<String, Broken> {
    let [maker, other] = of.makers;
    sync(stage, &of.makers).await?;
    let (name, origin) = of.evidence;
    let seen = [
        "evidence",
        "add",
        name,
        "--origin",
        origin,
        "--on",
        "2026-05-11",
        "--kept-at",
        origin,
        "--conclusive",
    ];
    let seen = text(&stage.by(maker, &seen).await?["evidence"]);
    let new: Vec<&str> =
        ["workpaper", "new", of.title].into_iter().chain(of.fields.iter().copied()).collect();
    let paper = text(&stage.by(maker, &new).await?["record"]);
    let (instrument, article) = of.rule;
    let rule = [
        "workpaper",
        "add-criterion",
        &paper,
        "--instrument",
        instrument,
        "--article",
        article,
        "--edition",
        "v2024",
    ];
    stage.by(maker, &rule).await?;
    let fact = ["workpaper", "add-fact", &paper, of.title, "--evidence", &seen];
    stage.by(maker, &fact).await?;
    for (person, step) in
        [(maker, "maker"), (other, "maker"), (of.deputy, "deputy"), (of.leader, "leader")]
    {
        sync(stage, &[person]).await?;
        stage.by(person, &["workpaper", "sign", &paper, "--as", step, "--sync"]).await?;
    }
    Ok(paper)
}
