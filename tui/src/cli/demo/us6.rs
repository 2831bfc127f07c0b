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
    stage.story("US-6  即时会商");
    stage.clock("2026-05-28T10:05:00+08:00").await?;
    let papers = papers(stage).await?;
    raise(stage, &papers).await?;
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

async fn raise(stage: &Stage, papers: &[String]) -> Result<(), Broken> {
    let (chen, wu) = ("chenmou", "wumou");
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
    stage.done("10:05 陈某提出会商，出示两份隐去姓名的底稿，至18:00");
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
    stage.done("10:40 巡察办受理并邀请第三组和市审计局");
    stage.clock("2026-05-28T11:30:00+08:00").await?;
    sync(stage, SPEAKERS).await?;
    let seen = stage.by("hemou", &["consultation", "show", CF]).await?;
    let exhibits = seen["exhibits"].as_array().map_or(0, Vec::len);
    let all = seen.to_string();
    let clean = !all.contains("丁某") && !all.contains("卫某");
    stage.same("何某看到两份出示件，其中没有姓名", (exhibits, clean), (2, true))
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
            return Err(missing(code, "管道"));
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
            Err(missing(self.code, kind))
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| Err(missing(self.code, kind)))
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
            .map_err(|_| missing(self.code, "left"))??;
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

fn missing(who: &str, what: &str) -> Broken {
    Broken::Check {
        what: who.to_owned(), expected: what.to_owned(), got: "没有等到".to_owned()
    }
}

/// Six people type at once; two drop out and come back; the server loses its power in between.
async fn session(stage: &Stage) -> Result<(), Broken> {
    let mut speakers = try_join_all(SPEAKERS.iter().map(|c| Speaker::joins(stage, c))).await?;
    try_join_all(speakers.iter_mut().map(|s| s.until("link"))).await?;
    stage.done("六人通过实时链路进入会商");
    for n in 1..=2 {
        try_join_all(speakers.iter_mut().map(|s| s.says(n))).await?;
    }
    let away: Vec<&'static str> = vec!["qianmou", "hemou"];
    let (gone, mut here): (Vec<Speaker>, Vec<Speaker>) =
        speakers.into_iter().partition(|s| away.contains(&s.code));
    for speaker in gone {
        speaker.drops_out().await?;
    }
    stage.done("钱某、何某掉线");
    try_join_all(here.iter_mut().map(|s| s.says(3))).await?;
    stage.kill_server().await?;
    try_join_all(here.iter_mut().map(|s| s.says(4))).await?;
    stage.done("服务器断电期间其余四人继续记录，内容保存在本机");
    stage.serve().await?;
    stage.done("服务器恢复运行");
    let back = try_join_all(away.iter().map(|c| Speaker::joins(stage, c))).await?;
    here.extend(back);
    for speaker in here.iter_mut().filter(|s| away.contains(&s.code)) {
        for n in 3..=EACH {
            speaker.says(n).await?;
        }
    }
    try_join_all(here.into_iter().map(Speaker::leaves)).await?;
    stage.done("掉线的两人重新加入，补记意见");
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
    stage.same("记录完整，一条不少", positions.as_array().map_or(0, Vec::len), all)?;
    let same = seen.iter().all(|(p, _)| p == positions);
    stage.holds("六台笔记本次序一致", same, "一致", &"不一致")?;
    let chen = authors.as_array().map_or(0, |l| l.iter().filter(|i| i["by"] == "陈某").count());
    stage.same("每条注明发言人", chen, EACH)
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
    stage.same("16:20 吴某、陈某签署纪要", stands.as_str(), "minuted")?;
    let dissents = of["dissents"].to_string();
    stage.holds("钱某的不同意见随纪要保留", dissents.contains("重大"), "保留", &dissents)
}

async fn expire(stage: &Stage, paper: &str) -> Result<(), Broken> {
    stage.clock("2026-05-28T18:01:00+08:00").await?;
    sync(stage, &["hemou", "wumou"]).await?;
    let seen = stage.by("hemou", &["consultation", "show", CF]).await?;
    let exhibits = seen["exhibits"].as_array().cloned().unwrap_or_default();
    let closed = exhibits.iter().all(|e| e["exhibit"]["edition"].is_null());
    stage.same("18:01 出示件到期，何某不能再打开", (exhibits.len(), closed), (2, true))?;
    let edit = stage.by_with("wumou", &["workpaper", "set", paper, "severity=high"], None).await?;
    let got = text(&edit.err["error"]);
    stage.same("巡察办不能改动第五组的底稿", got.as_str(), "unknown_name")
}
