//! US-6: a consultation of two groups, the office and an expert, all typing at once.
use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

use super::{
    scene::{sync, text},
    stage::{Broken, Stage},
};
use crate::words::t;

/// The consultation.
const CF: &str = "2026R2-G5-CF-001";
/// Who takes part: code, name, post, role; the office and the raising leader are in already.
const GUESTS: &[(&str, &str, &str, &str)] = &[
    ("zhaomou", "赵某", "第三组", "group_leader"),
    ("qianmou", "钱某", "第三组", "deputy_leader"),
    ("hemou", "何某", "市审计局", "expert"),
];
const SPEAKERS: &[&str] = &["chenmou", "zhaomou", "qianmou", "hemou", "wumou", "zhengmou"];
/// How many positions each of them takes.
const EACH: usize = 4;
/// How long anything in the session may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// Plays it, on 28 May.
pub(super) async fn play(stage: &Stage) -> Result<(), Broken> {
    stage.story(t!(stage.words, "demo-us6"));
    stage.clock("2026-05-28T10:05:00+08:00").await?;
    let papers = papers(stage).await?;
    asked(stage, &papers).await?;
    called(stage).await?;
    session(stage).await?;
    conclude(stage).await?;
    expire(stage, &papers[0]).await
}

async fn papers(stage: &Stage) -> Result<Vec<String>, Broken> {
    let mut papers = Vec::new();
    for title in ["乙镇两次拆分采购办公用品", "乙镇采购经办人与供应商往来"]
    {
        let condition = "condition=乙镇经办人丁某分两次采购办公用品9.8万元。";
        let new = ["workpaper", "new", title, condition, "party=某文化公司", "--sync"];
        papers.push(text(&stage.by("weimou", &new).await?["record"]));
    }
    sync(stage, &["chenmou"]).await?;
    Ok(papers)
}

/// Raises the question and shows two papers; for whoever goes on from there.
pub(super) async fn raised(stage: &Stage) -> Result<(), Broken> {
    let papers = papers(stage).await?;
    asked(stage, &papers).await
}

async fn asked(stage: &Stage, papers: &[String]) -> Result<(), Broken> {
    let chen = "chenmou";
    let raise = [
        "consultation",
        "raise",
        "乙镇拆分采购如何定性",
        "--question",
        "违规采购，还是以权谋私？",
        "--urgent",
        "--sync",
    ];
    stage.by(chen, &raise).await?;
    for paper in papers {
        let grant = [
            "consultation",
            "grant",
            paper,
            "--to",
            CF,
            "--until",
            "2026-05-28T18:00:00+08:00",
            "--mask",
            "丁某",
            "--sync",
        ];
        stage.by(chen, &grant).await?;
    }
    stage.done(t!(stage.words, "demo-us6-raised"));
    Ok(())
}

async fn called(stage: &Stage) -> Result<(), Broken> {
    let wu = "wumou";
    stage.clock("2026-05-28T10:40:00+08:00").await?;
    sync(stage, &[wu]).await?;
    let triage = ["consultation", "triage", CF, "--outcome", "convened", "--sync"];
    stage.by(wu, &triage).await?;
    for (code, name, post, role) in GUESTS {
        let person = text(&stage.by(code, &["status"]).await?["person"]);
        let invite = [
            "consultation",
            "invite",
            CF,
            "--person",
            &person,
            "--name",
            name,
            "--post",
            post,
            "--role",
            role,
            "--sync",
        ];
        stage.by(wu, &invite).await?;
    }
    stage.done(t!(stage.words, "demo-us6-invited"));
    stage.clock("2026-05-28T11:30:00+08:00").await?;
    sync(stage, SPEAKERS).await?;
    opened(stage).await
}

/// Shows the exhibits to those who take part; opening them is recorded.
async fn opened(stage: &Stage) -> Result<(), Broken> {
    let seen = stage.by("hemou", &["consultation", "show", CF]).await?;
    let exhibits = records(&seen);
    let mut all = seen.to_string();
    stage.holds(
        t!(stage.words, "demo-us6-closed"),
        !all.contains("乙镇经办人"),
        "-",
        &seen["exhibits"],
    )?;
    for (who, exhibit) in
        exhibits.iter().map(|e| ("hemou", e)).chain(exhibits.first().map(|e| ("qianmou", e)))
    {
        let open = ["consultation", "open", CF, exhibit, "--sync"];
        all.push_str(&text(&stage.by(who, &open).await?["text"]));
    }
    let masked = all.contains("某某") && !all.contains("丁某") && !all.contains("卫某");
    stage.same(t!(stage.words, "demo-us6-masked"), (exhibits.len(), masked), (2, true))
}

fn records(seen: &Value) -> Vec<String> {
    let exhibits = seen["exhibits"].as_array().cloned().unwrap_or_default();
    exhibits.iter().map(|e| text(&e["record"])).collect()
}

/// Somebody at a laptop, taking part.
struct Speaker {
    code: &'static str,
    child: Child,
    typed: ChildStdin,
    events: Lines<BufReader<ChildStdout>>,
}

impl Speaker {
    async fn joins(stage: &Stage, code: &'static str) -> Result<Self, Broken> {
        let mut child = stage.start(code, &["consultation", "join", CF, "--json"])?;
        let (Some(typed), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Broken::missing(code, "stdin, stdout"));
        };
        let events = BufReader::new(out).lines();
        let mut speaker = Self { code, child, typed, events };
        speaker.until("joined").await?;
        Ok(speaker)
    }

    async fn says(&mut self, n: usize) -> Result<(), Broken> {
        let line = json!({ "do": "position", "text": format!("{}：第{n}点意见", self.code) });
        self.typed.write_all(format!("{line}\n").as_bytes()).await?;
        self.typed.flush().await?;
        self.until("saved").await.map(drop)
    }

    /// Reads events until one of this kind.
    async fn until(&mut self, kind: &str) -> Result<Value, Broken> {
        let wait = async {
            while let Some(line) = self.events.next_line().await? {
                let event: Value = serde_json::from_str(&line).unwrap_or_default();
                if event["event"] == kind {
                    return Ok(event);
                }
            }
            Err(Broken::missing(self.code, kind))
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| Err(Broken::missing(self.code, kind)))
    }

    /// Pulls the plug.
    async fn drops_out(mut self) -> Result<(), Broken> {
        Ok(self.child.kill().await?)
    }

    /// Leaves when everything typed has its verdict.
    async fn leaves(mut self) -> Result<(), Broken> {
        self.typed.write_all(b"{\"do\":\"leave\"}\n").await?;
        self.typed.flush().await?;
        let left = self.until("left").await?;
        let ended = timeout(PATIENCE, self.child.wait())
            .await
            .map_err(|_| Broken::missing(self.code, "left"))??;
        match (left["pending"].as_u64(), ended.success()) {
            (Some(0), true) => Ok(()),
            _ => Err(Broken::Check {
                what: self.code.to_owned(),
                expected: "0".to_owned(),
                got: left.to_string(),
            }),
        }
    }
}

/// Six people type at once; two drop out and come back; the server loses its power in between.
async fn session(stage: &Stage) -> Result<(), Broken> {
    let mut speakers = try_join_all(SPEAKERS.iter().map(|c| Speaker::joins(stage, c))).await?;
    try_join_all(speakers.iter_mut().map(|s| s.until("link"))).await?;
    stage.done(t!(stage.words, "demo-us6-six"));
    for n in 1..=2 {
        try_join_all(speakers.iter_mut().map(|s| s.says(n))).await?;
    }
    let away: Vec<&'static str> = vec!["qianmou", "hemou"];
    let (gone, mut here): (Vec<Speaker>, Vec<Speaker>) =
        speakers.into_iter().partition(|s| away.contains(&s.code));
    for speaker in gone {
        speaker.drops_out().await?;
    }
    stage.done(t!(stage.words, "demo-us6-away"));
    try_join_all(here.iter_mut().map(|s| s.says(3))).await?;
    stage.kill_server().await?;
    try_join_all(here.iter_mut().map(|s| s.says(4))).await?;
    stage.done(t!(stage.words, "demo-us6-power"));
    stage.serve().await?;
    stage.done(t!(stage.words, "demo-us6-back"));
    let back = try_join_all(away.iter().map(|c| Speaker::joins(stage, c))).await?;
    here.extend(back);
    for speaker in here.iter_mut().filter(|s| away.contains(&s.code)) {
        for n in 3..=EACH {
            speaker.says(n).await?;
        }
    }
    try_join_all(here.into_iter().map(Speaker::leaves)).await?;
    stage.done(t!(stage.words, "demo-us6-rejoin"));
    transcript(stage).await
}

async fn transcript(stage: &Stage) -> Result<(), Broken> {
    sync(stage, SPEAKERS).await?;
    let mut seen = Vec::new();
    for code in SPEAKERS {
        let shown = stage.by(code, &["consultation", "show", CF]).await?;
        let positions = shown["reading"]["body"]["positions"].clone();
        let authors = shown["authors"]["items"].clone();
        seen.push((positions, authors));
    }
    let (positions, authors) = &seen[0];
    let all = SPEAKERS.len() * EACH;
    stage.same(
        t!(stage.words, "demo-us6-complete"),
        positions.as_array().map_or(0, Vec::len),
        all,
    )?;
    let same = seen.iter().filter(|(p, _)| p == positions).count();
    stage.same(t!(stage.words, "demo-us6-order"), same, SPEAKERS.len())?;
    let chen = authors.as_array().map_or(0, |l| l.iter().filter(|i| i["by"] == "陈某").count());
    stage.same(t!(stage.words, "demo-us6-author"), chen, EACH)
}

async fn conclude(stage: &Stage) -> Result<(), Broken> {
    let (chen, wu) = ("chenmou", "wumou");
    let conclude = [
        "consultation",
        "conclude",
        CF,
        "--characterisation",
        "规避招标",
        "--sufficiency",
        "没有谋取私利的证据",
        "--disposition",
        "由第五组调取银行流水后再议",
        "--action",
        "第五组;调取银行流水;2026-05-29",
        "--sync",
    ];
    stage.by(wu, &conclude).await?;
    sync(stage, &["qianmou", chen]).await?;
    let dissent = ["consultation", "dissent", CF, "严重程度应为重大", "--sync"];
    stage.by("qianmou", &dissent).await?;
    stage.clock("2026-05-28T16:20:00+08:00").await?;
    for person in [wu, chen] {
        sync(stage, &[person]).await?;
        stage.by(person, &["consultation", "sign", CF, "--sync"]).await?;
    }
    let shown = stage.by(chen, &["consultation", "show", CF]).await?;
    let of = &shown["matter"]["consultation"];
    let stands = text(&of["stage"]);
    stage.same(t!(stage.words, "demo-us6-minutes"), stands.as_str(), "minuted")?;
    let dissents = of["dissents"].to_string();
    stage.holds(t!(stage.words, "demo-us6-dissent"), dissents.contains("重大"), "重大", &dissents)
}

async fn expire(stage: &Stage, paper: &str) -> Result<(), Broken> {
    let before = stage.by("hemou", &["consultation", "show", CF]).await?;
    let exhibits = records(&before);
    stage.clock("2026-05-28T18:01:00+08:00").await?;
    sync(stage, &["hemou", "wumou", "chenmou"]).await?;
    let what = || t!(stage.words, "demo-us6-expired");
    for exhibit in &exhibits {
        let open = ["consultation", "open", CF, exhibit, "--anyway", "--sync"];
        stage.refused("hemou", &open, "wrong_stage", what()).await?;
    }
    let seen = stage.by("chenmou", &["consultation", "show", CF]).await?;
    let log: Vec<Vec<String>> =
        seen["exhibits"].as_array().into_iter().flatten().map(names).collect();
    let expected = exhibits.iter().enumerate().map(|(i, _)| match i {
        0 => vec!["何某".to_owned(), "钱某".to_owned()],
        _ => vec!["何某".to_owned()],
    });
    stage.same(t!(stage.words, "demo-us6-log"), log, expected.collect())?;
    let edit = stage.by_with("wumou", &["workpaper", "set", paper, "severity=high"], None).await?;
    let got = text(&edit.err["error"]);
    stage.same(t!(stage.words, "demo-us6-office"), got.as_str(), "unknown_name")
}

/// Returns who opened an exhibit, in that order.
fn names(exhibit: &Value) -> Vec<String> {
    let opened = exhibit["opened"].as_array().cloned().unwrap_or_default();
    opened.iter().map(|o| text(&o["name"])).collect()
}
