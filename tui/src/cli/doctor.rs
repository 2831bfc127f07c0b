//! `xunji doctor`: what this machine gives, and what to do where it is too little.
//!
//! It needs no passphrase, because it is for the day on which nothing opens. With one it also
//! asks the server for its time.
mod machine;
mod screen;

use clap::Args;
use serde_json::json;

use super::{Global, failure::Failure, passphrase, say::Say, shown::Shown};

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Good,
    /// It works, and could be better.
    Attention,
    /// It does not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(super) struct Check {
    /// Its stable name.
    check: &'static str,
    /// How it stands.
    state: State,
    /// What was found, in words.
    what: String,
    /// What to do; empty where nothing is.
    next: String,
}

impl Check {
    fn new(check: &'static str, state: State, what: String, next: String) -> Self {
        Self { check, state, what, next }
    }

    fn good(check: &'static str, what: String) -> Self {
        Self::new(check, State::Good, what, String::new())
    }
}

/// Looks for what could go wrong on this machine.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Ask for the passphrase, to reach the server as this device.
    #[arg(long)]
    unlock: bool,
}

impl Doctor {
    pub(super) async fn run(self, global: &Global) -> Result<Shown, Failure> {
        let say = Say::new(global.lang);
        let mut checks = screen::checks(&say.words, global.json);
        checks.push(machine::clock(&say.words));
        if let Some(home) = global.home.as_deref() {
            checks.extend(machine::disk(&say.words, home));
            checks.extend(machine::rights(&say.words, home));
            let (check, opens) = machine::vault(&say, home).await;
            checks.push(check);
            if opens && (self.unlock || passphrase::is_at_hand()) {
                checks.extend(machine::server(&say, home).await?);
            }
        } else {
            checks.push(machine::no_home(&say.words));
        }
        report(&say, &checks, global.json)
    }
}

/// Says everything; fails if anything is bad.
fn report(say: &Say, checks: &[Check], json: bool) -> Result<Shown, Failure> {
    let count = |state| checks.iter().filter(|c| c.state == state).count();
    let (good, attention, bad) = (count(State::Good), count(State::Attention), count(State::Bad));
    let mut lines = vec![format!("xunji {}", env!("CARGO_PKG_VERSION"))];
    for check in checks {
        let mark = say.state(check.state);
        lines.push(format!("{mark}  {}", check.what));
        if !check.next.is_empty() {
            lines.push(format!("      → {}", check.next));
        }
    }
    let value = json!({
        "version": env!("CARGO_PKG_VERSION"), "checks": checks, "good": good,
        "attention": attention, "bad": bad,
    });
    let shown = Shown::new(value, lines);
    if bad == 0 {
        return Ok(shown);
    }
    // All of it is wanted, also where the program then ends with a failure.
    shown.print(json);
    Err(Failure::Checkup { bad })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::say::Lang;

    #[test]
    fn one_bad_thing_makes_the_checkup_fail() {
        let say = Say::new(Lang::Zh);
        let fine = Check::good("clock", "时钟正常".into());
        let poor = Check::new("size", State::Attention, "窗口较小".into(), "放大窗口".into());
        let bad = Check::new("disk", State::Bad, "磁盘已满".into(), "腾出空间".into());
        let shown = report(&say, &[fine.clone(), poor.clone()], true).map(|s| s.value);
        assert!(shown.is_ok_and(|v| v["attention"] == 1 && v["bad"] == 0));
        let failed = report(&say, &[fine, poor, bad], true);
        assert!(matches!(failed, Err(Failure::Checkup { bad: 1 })));
    }
}
