//! The line under the screen: what happened, and what to do next.
use shared::model::PersonId;

use super::{Words, t};
use crate::app::{
    data::{self, Trouble},
    model::Working,
    said::{Failure, Said},
};

impl Words {
    /// Puts the line into words. `name` names a person.
    pub fn said(&self, said: &Said, name: impl Fn(PersonId) -> String) -> String {
        match said {
            Said::Asked(verb) => t!(self, "said-asked", what = self.verb(*verb)),
            Said::Refused(refusal) => {
                t!(self, "said-refused", why = self.refusal(refusal, name))
            }
            Said::Aside(reason) => {
                t!(self, "said-aside", why = self.aside(reason))
            }
            Said::Failed(failure) => self.failure(failure),
            Said::Begun => t!(self, "said-begun"),
            Said::Copied => t!(self, "said-copied"),
            Said::Synced => t!(self, "said-synced"),
            Said::Exported(file) => t!(self, "said-exported", file = file.clone()),
            Said::Imported { new, missing: 0, .. } => {
                t!(self, "said-imported", n = new.to_owned())
            }
            Said::Imported { new, missing, who } => t!(
                self,
                "said-imported-gaps",
                n = new.to_owned(),
                missing = missing.to_owned(),
                who = self.join(who.iter().cloned())
            ),
            Said::Attached { name, size } => {
                t!(self, "said-attached", name = name.clone(), size = data::size(*size))
            }
            Said::Written(file) => t!(self, "said-written", file = file.clone()),
            Said::FetchesOn => t!(self, "said-fetches-on"),
            Said::FetchStopped(name) => t!(self, "said-fetch-stopped", name = name.clone()),
            Said::ChangedByOthers => t!(self, "said-changed"),
            Said::NotAnAmount => t!(self, "said-not-an-amount"),
            Said::NoStay => t!(self, "said-no-stay"),
        }
    }

    /// Says how far a file is that somebody waits for.
    pub fn fetching(&self, now: &data::Fetching) -> String {
        t!(
            self,
            "fetching",
            name = now.name.clone(),
            got = data::size(now.got.min(now.of)),
            of = data::size(now.of),
            percent = now.percent()
        )
    }

    /// Says what failed, and what to do.
    pub fn failure(&self, failure: &Failure) -> String {
        match failure {
            Failure::WrongPassphrase => t!(self, "failed-passphrase"),
            Failure::NotEnrolled => t!(self, "failed-not-enrolled"),
            Failure::InUse => t!(self, "failed-in-use"),
            Failure::Damaged => t!(self, "failed-damaged"),
            Failure::DiskFull(n) => t!(self, "failed-disk-full", n = n.to_owned()),
            Failure::NoLink => t!(self, "failed-no-link"),
            Failure::Link(trouble) => self.trouble(trouble),
            Failure::NoDocument => t!(self, "failed-no-document"),
            Failure::EditLost => t!(self, "failed-edit-lost"),
            Failure::NotKept(why) => t!(self, "failed-not-kept", why = why.clone()),
            Failure::Courier(why) => t!(self, "failed-courier", why = why.clone()),
            Failure::NoFile => t!(self, "failed-no-file"),
            Failure::FetchCut { name, why } => {
                t!(self, "failed-fetch-cut", name = name.clone(), why = why.clone())
            }
            Failure::NotAtServer(name) => t!(self, "failed-not-at-server", name = name.clone()),
            Failure::FileExists => t!(self, "failed-file-exists"),
            Failure::TooLong(most) => t!(self, "failed-too-long", most = data::size(*most)),
            Failure::FileNotHere => t!(self, "failed-file-not-here"),
            Failure::NotWritten(why) => t!(self, "failed-not-written", why = why.clone()),
            Failure::Other(why) => t!(self, "failed-other", why = why.clone()),
        }
    }

    /// Says why there is no contact, and what to do.
    pub fn trouble(&self, trouble: &Trouble) -> String {
        let (what, next) = match trouble {
            Trouble::Unreachable => return t!(self, "trouble-unreachable"),
            Trouble::Here(failure) => return self.failure(failure),
            Trouble::OtherServer => (t!(self, "fail-other-server"), t!(self, "next-stop")),
            Trouble::DeviceRefused => (t!(self, "fail-device-refused"), t!(self, "next-admin")),
            Trouble::Recovering => (t!(self, "fail-recovering"), t!(self, "next-recovering")),
            Trouble::Server(status) => {
                (t!(self, "trouble-server", status = status.to_string()), t!(self, "next-later"))
            }
            Trouble::Answer => (t!(self, "trouble-answer"), t!(self, "next-later")),
        };
        t!(self, "trouble-then", what = what, next = next)
    }

    /// Says what is under way.
    pub fn working(&self, working: Working) -> String {
        match working {
            Working::Unlocking => t!(self, "working-unlocking"),
            Working::Syncing => t!(self, "working-syncing"),
            Working::Exporting => t!(self, "working-exporting"),
            Working::Importing => t!(self, "working-importing"),
            Working::Attaching => t!(self, "working-attaching"),
            Working::Writing => t!(self, "working-writing"),
            Working::Locking => t!(self, "working-locking"),
        }
    }
}
