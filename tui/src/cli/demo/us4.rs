//! US-4: what was signed stays signed.
use super::{
    scene::{sync, text},
    stage::{Broken, Stage},
};
use crate::words::t;

/// Plays it on an approved paper.
pub(super) async fn play(stage: &Stage, paper: &str) -> Result<(), Broken> {
    stage.story(t!(stage.words, "demo-us4"));
    let before = stage.by("zhaomou", &["workpaper", "show", paper]).await?;
    let signed = before["signed"].as_array().and_then(|v| v.last()).cloned().unwrap_or_default();
    // 周某's laptop was away since before the signatures: it still shows an open paper.
    let edit = ["workpaper", "set", paper, "place=甲局机关"];
    stage.by("zhoumou", &edit).await?;
    let synced = stage.by("zhoumou", &["sync"]).await?;
    let code = text(&synced["answers"][0]["code"]);
    stage.same(t!(stage.words, "demo-us4-late"), code.as_str(), "late")?;
    sync(stage, &["qianmou", "zhaomou"]).await?;
    let after = stage.by("zhaomou", &["workpaper", "show", paper]).await?;
    stage.same(
        t!(stage.words, "demo-us4-same"),
        after["signed"].to_string(),
        before["signed"].to_string(),
    )?;
    let whole = stage.by("zhaomou", &["verify"]).await?;
    let holds = whole["signed"].to_string().contains(&text(&signed["rendering"]));
    stage.holds(
        t!(stage.words, "demo-us4-verifies"),
        holds,
        &text(&signed["rendering"]),
        &whole,
    )?;
    let tray = stage.by("qianmou", &["workpaper", "late", paper]).await?;
    stage.same(t!(stage.words, "demo-us4-tray"), tray.as_array().map_or(0, Vec::len), 1)?;

    stage.by("qianmou", &["workpaper", "late", paper, "adopt", "--sync"]).await?;
    let adopted = stage.by("qianmou", &["workpaper", "show", paper]).await?;
    let amended = adopted["amended_after_signing"] == true;
    let stale =
        adopted["signed"].as_array().is_some_and(|v| v.iter().all(|s| s["stands"] == false));
    stage.same(t!(stage.words, "demo-us4-stale"), (amended, stale), (true, true))?;
    let printed = adopted["signed"].to_string().contains(&text(&signed["rendering"]));
    stage.holds(
        t!(stage.words, "demo-us4-print"),
        printed,
        &text(&signed["rendering"]),
        &adopted["signed"],
    )?;

    sync(stage, &["sunmou"]).await?;
    let tasks = stage.by("sunmou", &["status"]).await?["tasks"].to_string();
    stage.holds(
        t!(stage.words, "demo-us4-again"),
        tasks.contains("sign_again"),
        "sign_again",
        &tasks,
    )?;
    for (person, step) in
        [("sunmou", "maker"), ("limou", "maker"), ("qianmou", "deputy"), ("zhaomou", "leader")]
    {
        sync(stage, &[person]).await?;
        stage.by(person, &["workpaper", "sign", paper, "--as", step, "--sync"]).await?;
    }
    let again = stage.by("zhaomou", &["workpaper", "show", paper]).await?;
    let number = text(&again["official"]);
    stage.same(t!(stage.words, "demo-us4-number"), number.as_str(), "2026R2-G3-WP-001")
}
