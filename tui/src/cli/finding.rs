//! `xunji finding`: what an approved paper opens.
use clap::Subcommand;
use serde_json::json;
use shared::workflow::{Command, Matter, chain};

use super::{failure::Failure, names::local, session::Session, shown::Shown};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// All findings.
    List,
    /// One finding, with its chain.
    Show {
        /// The finding.
        record: String,
    },
    /// Stand by it, as the leader.
    Approve {
        /// The finding.
        record: String,
    },
    /// Withdraw it.
    Withdraw {
        /// The finding.
        record: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
}

const fn is_finding(matter: &Matter) -> bool {
    matches!(matter, Matter::Finding(_))
}

impl Verb {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::List => s.list(is_finding).await,
            Self::Show { record } => {
                let at = s.record(&record, is_finding).await?;
                let mut shown = s.show(at).await?;
                let state = s.state(at.space).await?;
                if let Some(chain) = chain(&state, at.doc) {
                    for m in &chain.milestones {
                        let what = s.say.words.milestone(m.what);
                        shown.lines.push(format!("  {}  {what}", local(&state, m.at)));
                    }
                    shown.value["chain"] = json!(chain);
                }
                Ok(shown)
            }
            Self::Approve { record } => {
                let at = s.record(&record, is_finding).await?;
                s.ask(at, Command::ApproveFinding).await
            }
            Self::Withdraw { record, reason } => {
                let at = s.record(&record, is_finding).await?;
                s.ask(at, Command::WithdrawFinding { reason }).await
            }
        }
    }
}
