//! The demo with a person at it: one machine, several laptops, and the choice of whose to open.
//!
//! Everything is the real part: the server is a process, each laptop a home of its own, and
//! opening one asks for its passphrase. All have the same one, which the list shows.
use shared::model::round::Role;

use super::{
    Demo, scene,
    scene::sync,
    stage::{Broken, PASSPHRASE, Stage},
    us1, us2, us3, us6, us7,
};
use crate::{
    cli::{Global, failure::Failure, roles, shown},
    runtime::{Choice, Ended, choose},
    words::t,
};

/// Whose laptops there are: code, name, where, and as what.
const SEATS: &[(&str, &str, &str, &[Role])] = &[
    ("zhaomou", "赵某", "第三组", &[Role::GroupLeader]),
    ("qianmou", "钱某", "第三组", &[Role::DeputyLeader]),
    ("sunmou", "孙某", "第三组", &[Role::Member]),
    ("limou", "李某", "第三组", &[Role::Member]),
    ("zhoumou", "周某", "第三组", &[Role::Member]),
    ("chenmou", "陈某", "第五组", &[Role::GroupLeader]),
    ("chumou", "褚某", "第五组", &[Role::DeputyLeader]),
    ("weimou", "卫某", "第五组", &[Role::Member]),
    ("jiangmou", "蒋某", "第五组", &[Role::Member]),
    ("wumou", "吴某", "巡察办", &[Role::OfficeDirector, Role::Delegate]),
    ("zhengmou", "郑某", "巡察办", &[Role::OfficeStaff]),
    ("wangmou", "王某", "甲局", &[Role::UnitHead]),
    ("fengmou", "冯某", "甲局", &[Role::Liaison]),
    ("hemou", "何某", "市审计局", &[Role::Expert]),
];

/// Sets the stage up.
pub(super) async fn furnish(stage: &Stage) -> Result<(), Broken> {
    scene::open(stage).await?;
    us1::play(stage).await?;
    us2::play(stage).await?;
    stage.story(t!(stage.words, "demo-furnish"));
    us3::edited(stage, "甲局会议费报销依据不足", &["limou", "zhoumou"]).await?;
    stage.done(t!(stage.words, "demo-furnish-conflict"));
    stage.clock("2026-05-12T09:00:00+08:00").await?;
    us7::issued(stage).await?;
    stage.done(t!(stage.words, "demo-furnish-notice"));
    us6::raised(stage).await?;
    let all: Vec<&str> = SEATS.iter().map(|seat| seat.0).collect();
    sync(stage, &all).await?;
    stage.done(t!(stage.words, "demo-furnish-synced"));
    Ok(())
}

/// Lets somebody choose whose laptop to open, again and again, until they leave.
pub(super) async fn live(demo: &Demo, global: &Global, stage: &Stage) -> Result<(), Failure> {
    let furnished = tokio::select! {
        furnished = Box::pin(furnish(stage)) => furnished,
        _ = tokio::signal::ctrl_c() => Err(Broken::Interrupted),
    };
    furnished.map_err(|broken| Failure::Play(broken.said(&stage.words)))?;
    let w = &stage.words;
    let rows = SEATS.iter().map(|(_, name, place, roles)| {
        let roles = w.join(roles.iter().map(|role| w.role(*role)));
        ((*name).to_owned(), format!("{place}  {roles}"))
    });
    let mut notes = vec![t!(w, "demo-choose-passphrase", passphrase = PASSPHRASE)];
    notes.push(match &demo.keep {
        Some(dir) => t!(w, "demo-choose-kept", dir = dir.display().to_string()),
        None => t!(w, "demo-choose-removed"),
    });
    let mut choice = Choice { title: t!(w, "demo-choose"), rows: rows.collect(), notes, at: 0 };
    let program = std::env::current_exe()?;
    let trials = sandbox::PoolConfig::new(program, vec![roles::SANDBOX.into()], 1);
    // The list is answered by keys alone; nothing else of this program waits meanwhile.
    while let Some(seat) =
        tokio::task::block_in_place(|| choose(&mut choice, w))?.and_then(|at| SEATS.get(at))
    {
        let home = stage.path(seat.0);
        // The server of the demo lives in this process, which therefore goes on.
        while crate::runtime::run(&home, global.lang.language(), &trials).await? == Ended::Locked {}
    }
    shown::line(&t!(w, "demo-ended"));
    Ok(())
}
