//! Files of evidence: taken on one laptop, byte for byte on another, by the link.
use super::{
    scene::{sync, text},
    stage::{Broken, Stage},
};
use crate::words::t;

/// The length of the scan, in bytes: some chunks and a rest.
const LEN: usize = 3_000_017;

/// Plays it.
pub(super) async fn play(stage: &Stage) -> Result<(), Broken> {
    stage.story(t!(stage.words, "demo-files"));
    let (sun, li) = ("sunmou", "limou");
    let scan: Vec<u8> = (0..LEN).map(|n| (n * n / 7 % 251) as u8).collect();
    let (original, copy) = (stage.path("contract.pdf"), stage.path("copy.pdf"));
    std::fs::write(&original, &scan)?;
    let (original, out) = (original.to_string_lossy(), copy.to_string_lossy());
    let mut add = vec!["evidence", "add", "宣传品采购合同扫描件", "--origin", "甲局财务科", "--on"];
    add.extend(["2026-05-07", "--file", &original]);
    let item = text(&stage.by(sun, &add).await?["evidence"]);

    let report = stage.by(sun, &["sync", "--text-only"]).await?;
    let left = report["files"]["left"]["up"]["files"].as_u64();
    stage.same(t!(stage.words, "demo-files-text-only"), left, Some(1))?;
    sync(stage, &[li]).await?;
    let get = ["evidence", "get", &item, "--out", &out];
    let early = stage.by_with(li, &get, None).await?;
    let got = text(&early.err["error"]);
    stage.same(t!(stage.words, "demo-files-not-here"), got.as_str(), "file_not_here")?;

    let report = stage.by(sun, &["sync"]).await?;
    stage.same(t!(stage.words, "demo-files-up"), report["files"]["sent"].as_u64(), Some(1))?;
    let report = stage.by(li, &["sync"]).await?;
    stage.same(t!(stage.words, "demo-files-down"), report["files"]["got"].as_u64(), Some(1))?;
    let shown = stage.by(li, &get).await?;
    let whole = std::fs::read(&copy)? == scan;
    stage.holds(t!(stage.words, "demo-files-same"), whole, "=", &"≠")?;
    let theirs = stage.by(sun, &["evidence", "get", &item]).await?;
    let hash = |shown: &serde_json::Value| text(&shown["evidence"]["content"]);
    let same = !hash(&shown).is_empty() && hash(&shown) == hash(&theirs);
    stage.holds(t!(stage.words, "demo-files-hash"), same, &hash(&theirs), &hash(&shown))?;
    let outside = stage.by_with("weimou", &get, None).await?;
    stage.same(
        t!(stage.words, "demo-files-outside"),
        text(&outside.err["error"]).as_str(),
        "unknown_name",
    )
}
