//! A server as a process of its own, on a round with as many groups as a figure needs.
use std::{
    fmt::Write as _,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use acceptance::roles::SERVER;
use anyhow::{Context, bail};
use shared::{
    api::enrol::{EnrolGrant, EnrolRequest, Enrolled},
    crypto::{Passphrase, SigningKey},
    model::{SpaceId, Timestamp},
};
use sync_server::admin::{
    Answer, Request, channel,
    round_file::{self, RoundPlan},
    seed,
};
use tempfile::TempDir;
use tui::laptop::{FieldNode, link};

const RULES: &str = include_str!("../../../docs/examples/rule-pack-2026.1.toml");
const CALENDAR: &str = include_str!("../../../docs/examples/calendar-2026.toml");
/// How long the server may take to answer after its start.
const START: Duration = Duration::from_secs(180);
/// The server's folder in the figure's.
const DATA: &str = "server";
const POLL: Duration = Duration::from_millis(10);

/// The folder of a figure, with the server that runs on it.
pub(crate) struct Place {
    folder: TempDir,
    address: SocketAddr,
    server: Option<Child>,
    plan: RoundPlan,
}

/// Returns the passphrase of every laptop here.
pub(crate) fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned())
}

/// What is typed to unlock a laptop.
pub(crate) const PASSPHRASE: &str = "figures 2026";

/// Returns the code of a member: groups and people count from 1.
pub(crate) fn member(group: usize, person: usize) -> String {
    format!("p{group}-{person}")
}

impl Place {
    /// Starts a server on a training round of `groups` groups of `people` people each.
    pub(crate) async fn new(groups: usize, people: usize) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let file = folder.path().join("round.toml");
        std::fs::write(folder.path().join("rule-pack-2026.1.toml"), RULES)?;
        std::fs::write(folder.path().join("calendar-2026.toml"), CALENDAR)?;
        std::fs::write(&file, round(groups, people)?)?;
        let plan = match round_file::check_path(&file) {
            Ok(plan) => plan,
            Err(problems) => bail!(
                "the round of the figures: {:?}",
                problems.iter().map(round_file::Problem::shown).collect::<Vec<_>>()
            ),
        };
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut place = Self { folder, address, server: None, plan };
        std::fs::create_dir(place.data())?;
        let apply = Request::Apply { plan: Box::new(place.plan.clone()), clock: None };
        match channel::ask(&place.data(), apply).await? {
            Answer::Changes { .. } => {}
            other => bail!("the round of the figures: {other:?}"),
        }
        place.start().await?;
        Ok(place)
    }

    /// Returns a path in the figure's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the server's folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.path(DATA)
    }

    /// Returns the space of a group's stay.
    pub(crate) fn stay(&self, group: usize) -> SpaceId {
        seed::engagement_space(self.plan.round.id, &format!("E{group}"))
    }

    /// Starts the server and returns how long it took until it answered.
    pub(crate) async fn start(&mut self) -> anyhow::Result<Duration> {
        let log = std::fs::File::create(self.path("server.log"))?;
        let begun = Instant::now();
        let child = Command::new(std::env::current_exe()?)
            .args([SERVER, "serve", "--listen", &self.address.to_string(), "--data"])
            .arg(self.data())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let server = self.server.insert(child);
        while channel::ask_running(&self.folder.path().join(DATA), Request::Health).await.is_err() {
            if begun.elapsed() > START || server.try_wait()?.is_some() {
                let log = std::fs::read_to_string(self.path("server.log")).unwrap_or_default();
                bail!("the server does not answer: {}", log.lines().last().unwrap_or_default());
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(begun.elapsed())
    }

    /// Stops the server.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(mut server) = self.server.take() {
            server.kill()?;
            server.wait()?;
        }
        // What it left there would be taken for that of the next one.
        let _ = std::fs::remove_file(self.data().join("admin.json"));
        Ok(())
    }

    /// Returns what the server's process has used: processor time of it and its children in
    /// milliseconds, resident memory of itself in MiB.
    pub(crate) fn used(&self) -> anyhow::Result<Used> {
        let id = self.server.as_ref().context("no server runs")?.id();
        Used::of(id)
    }

    /// Has an administrator do something.
    pub(crate) async fn admin(&self, request: Request) -> anyhow::Result<Answer> {
        match channel::ask_running(&self.data(), request).await? {
            Answer::Refused { why } => bail!("the server refuses: {why}"),
            answer => Ok(answer),
        }
    }

    /// Returns the server's time.
    pub(crate) async fn now(&self) -> anyhow::Result<Timestamp> {
        match self.admin(Request::Health).await? {
            Answer::Health { now, .. } => Ok(now),
            other => bail!("{other:?}"),
        }
    }

    /// Has a device certified, by file.
    pub(crate) async fn grant(
        &self,
        request: EnrolRequest,
        person: &str,
    ) -> anyhow::Result<(EnrolGrant, Enrolled)> {
        let person = Some(person.to_owned());
        match self.admin(Request::Enrol { request, person }).await? {
            Answer::Enrolled { mut grant, .. } => {
                grant.url = self.url();
                let enrolled = grant.open().context("the grant does not open")?;
                Ok((grant, enrolled))
            }
            other => bail!("{other:?}"),
        }
    }

    /// Returns where the server is.
    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Makes an enrolled laptop's home.
    pub(crate) async fn home(&self, person: &str) -> anyhow::Result<PathBuf> {
        let home = self.path(&format!("home-{person}"));
        let (request, key) = link::request(person, person)?;
        let (grant, _) = self.grant(request, person).await?;
        link::accept(&home, &grant, &key, &passphrase()).await?;
        Ok(home)
    }

    /// Makes an enrolled laptop and unlocks it.
    pub(crate) async fn laptop(&self, person: &str) -> anyhow::Result<FieldNode> {
        let home = self.home(person).await?;
        Ok(open(&home).await?)
    }

    /// Certifies a key for a person.
    pub(crate) async fn certify(&self, person: &str, key: &SigningKey) -> anyhow::Result<Enrolled> {
        let request = EnrolRequest::sign("", person, person, key);
        Ok(self.grant(request, person).await?.1)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The folder goes; nothing may write into it any more.
        let _ = self.stop();
    }
}

/// Unlocks a home.
pub(crate) async fn open(home: &Path) -> Result<FieldNode, tui::laptop::NodeError> {
    FieldNode::open(home, &passphrase()).await
}

/// What a process has used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// Processor time with its ended children, in milliseconds.
    pub(crate) cpu: f64,
    /// Resident memory, in MiB.
    pub(crate) resident: f64,
    /// The most resident memory so far, in MiB.
    pub(crate) most: f64,
}

impl Used {
    fn of(process: u32) -> anyhow::Result<Self> {
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))
            .context("memory and processor time are read from /proc")?;
        let mib = |name: &str| {
            let line = status.lines().find_map(|l| l.strip_prefix(name))?;
            let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
            Some(kib / 1024.0)
        };
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // After the name, which may hold anything, come fields 3 and up.
        let fields: Vec<&str> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        // Clock ticks of 10 ms: user, system, and the same of children that were waited for.
        let ticks: f64 = fields.iter().skip(11).take(4).filter_map(|f| f.parse::<f64>().ok()).sum();
        Ok(Self {
            cpu: ticks * 10.0,
            resident: mib("VmRSS:").context("VmRSS")?,
            most: mib("VmHWM:").context("VmHWM")?,
        })
    }
}

/// A group's leader and two members: with fewer the rules let no round begin.
const LEAST: usize = 3;

/// Writes a round file.
fn round(groups: usize, people: usize) -> Result<String, std::fmt::Error> {
    let mut out = String::from(
        r#"
[round]
year = 2026
no = 2
kind = "routine"
title = "某市2026年第二轮巡察（演练）"
starts = 2026-05-06
ends = 2026-05-29
training = true
rule_pack = "rule-pack-2026.1.toml"
calendar = "calendar-2026.toml"

[[people]]
code = "wumou"
name = "吴某"
post = "巡察办主任"

[[appointments]]
person = "wumou"
role = "office_director"
at = "office"
"#,
    );
    for g in 1..=groups {
        write!(
            out,
            r#"
[[units]]
code = "U{g}"
name = "某局{g}"
kind = "inspected"

[[groups]]
code = "G{g}"
no = {g}
name = "第{g}组"

[[engagements]]
code = "E{g}"
group = "G{g}"
unit = "U{g}"
entry_on = 2026-05-06
exit_on = 2026-05-29

[[people]]
code = "head{g}"
name = "王某{g}"
post = "局长"

[[people]]
code = "desk{g}"
name = "冯某{g}"
post = "办公室主任"

[[appointments]]
person = "head{g}"
role = "unit_head"
at = "U{g}"

[[appointments]]
person = "desk{g}"
role = "liaison"
at = "U{g}"
"#
        )?;
        for p in 1..=people.max(LEAST) {
            let code = member(g, p);
            let role = if p == 1 { "group_leader" } else { "member" };
            write!(
                out,
                r#"
[[people]]
code = "{code}"
name = "张某{g}{p}"
post = "抽调干部"

[[appointments]]
person = "{code}"
role = "{role}"
at = "G{g}"
"#
            )?;
        }
    }
    Ok(out)
}
