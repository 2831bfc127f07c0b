//! What every story stands on: the round applied, everybody enrolled.
use futures_util::future::try_join_all;
use serde_json::Value;

use super::stage::{Broken, Stage};

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
    stage.story("准备  某市2026年第二轮巡察（演练，数据均为虚构）");
    for (name, text) in
        [("round.toml", ROUND), ("rule-pack-2026.1.toml", RULES), ("calendar-2026.toml", CALENDAR)]
    {
        std::fs::write(stage.path(name), text)?;
    }
    let round = stage.path("round.toml");
    let round = round.to_string_lossy();
    stage.admin(&["apply", &round, "--clock", "2026-05-06T09:00:00+08:00"]).await?;
    stage.done("轮次文件已签发");
    stage.serve().await?;
    stage.done("服务器已启动");
    try_join_all(PEOPLE.iter().map(|(code, _)| enrol(stage, code))).await?;
    stage.done(&format!("{} 台设备已注册并同步", PEOPLE.len()));
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
