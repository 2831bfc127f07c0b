//! Failures in words: what happened, and what to do next.
use shared::bundle::{BundleError, Foreign};

use super::Say;
use crate::{
    cli::failure::Failure,
    laptop::{
        NodeError, courier::CourierError, evidence::EvidenceError, link::LinkError,
        vault::VaultError,
    },
    words::t,
};

impl Say {
    /// Says what happened and what to do next; the second may be empty.
    pub(in crate::cli) fn failure(&self, failure: &Failure) -> (String, String) {
        let w = &self.words;
        match failure {
            Failure::Refused { refusal, by_server } => {
                let (why, code) = (w.refusal(refusal, |p| p.to_string()), refusal.code());
                let what = match by_server {
                    true => t!(w, "fail-refused-server", why = why, code = code),
                    false => t!(w, "fail-refused-here", why = why, code = code),
                };
                (what, self.next(refusal))
            }
            Failure::Unknown { name } => {
                (t!(w, "fail-unknown", name = name.clone()), t!(w, "next-list"))
            }
            Failure::Ambiguous { name, fits } => {
                let fits = w.join(fits.iter().cloned());
                (t!(w, "fail-ambiguous", name = name.clone(), fits = fits), t!(w, "next-whole"))
            }
            Failure::Unreadable { what, text } => {
                let said = t!(w, "fail-unreadable", what = what.to_owned(), text = text.clone());
                (said, t!(w, "next-form"))
            }
            Failure::NoHome => (t!(w, "fail-no-home"), t!(w, "next-home")),
            Failure::NoServer { url } => {
                (t!(w, "fail-no-server", url = url.clone()), t!(w, "next-no-server"))
            }
            Failure::NoPassphrase => (t!(w, "fail-no-passphrase"), t!(w, "next-passphrase")),
            Failure::Twice => (t!(w, "fail-twice"), t!(w, "next-again")),
            Failure::RecoveryKey => (t!(w, "fail-recovery-key"), t!(w, "next-recovery-key")),
            #[cfg(feature = "demo")]
            Failure::NoTerminal => (t!(w, "fail-no-terminal"), t!(w, "next-script")),
            Failure::Courier(e) => self.courier(e),
            Failure::Evidence(e) => self.evidence(e),
            Failure::FileNotHere { name } => {
                (t!(w, "fail-file-not-here", name = name.clone()), t!(w, "next-file"))
            }
            Failure::FileDamaged { name, why } => (
                t!(w, "fail-file-damaged", name = name.clone(), why = why.clone()),
                t!(w, "next-file"),
            ),
            Failure::Entries { space, found, of } => (
                t!(
                    w,
                    "fail-entries",
                    space = space.clone(),
                    found = found.to_owned(),
                    of = of.to_owned()
                ),
                t!(w, "next-sync"),
            ),
            Failure::Text { number } => {
                (t!(w, "fail-text", number = number.clone()), t!(w, "next-office"))
            }
            Failure::Malformed { number } => {
                (t!(w, "cli-malformed", number = number.clone()), t!(w, "next-office"))
            }
            Failure::Held { count, lines } => {
                let head = t!(w, "fail-held", n = count.to_owned());
                let all: Vec<String> =
                    std::iter::once(head).chain(lines.iter().map(|l| format!("  {l}"))).collect();
                (all.join("\n"), t!(w, "next-held"))
            }
            Failure::NotRevoked { device } => {
                let said = t!(w, "fail-not-revoked", device = device.clone());
                (said, t!(w, "next-revoke", device = device.clone()))
            }
            Failure::Checkup { bad } => {
                (t!(w, "fail-checkup", n = bad.to_owned()), t!(w, "next-checkup"))
            }
            Failure::Play(what) => (what.clone(), t!(w, "next-play")),
            Failure::Node(e) => self.node(e),
            Failure::Link(e) => self.link(e),
            Failure::Io(e) => (t!(w, "fail-io", why = e.to_string()), t!(w, "next-io")),
        }
    }

    fn node(&self, e: &NodeError) -> (String, String) {
        let w = &self.words;
        match e {
            NodeError::Vault(e) => self.vault(e),
            NodeError::NotEnrolled => (t!(w, "fail-not-enrolled"), t!(w, "next-enrol")),
            NodeError::Identity => (t!(w, "fail-identity"), t!(w, "next-salvage")),
            NodeError::NoSpace => (t!(w, "fail-no-space"), t!(w, "next-sync")),
            NodeError::Working(e) => {
                (t!(w, "fail-working", why = e.to_string()), t!(w, "next-sync"))
            }
            NodeError::Edit(e) => (t!(w, "fail-edit", why = e.to_string()), t!(w, "next-form")),
            NodeError::NotKept { why } => {
                (t!(w, "fail-not-kept", why = why.clone()), t!(w, "next-in-parts"))
            }
            NodeError::NotSaved { waiting } => {
                (t!(w, "fail-not-saved", n = waiting.to_owned()), t!(w, "next-room"))
            }
        }
    }

    fn vault(&self, e: &VaultError) -> (String, String) {
        let w = &self.words;
        match e {
            VaultError::WrongKey => (t!(w, "fail-wrong-key"), t!(w, "next-wrong-key")),
            VaultError::InUse { .. } => (t!(w, "fail-in-use"), t!(w, "next-in-use")),
            VaultError::Absent { .. } => (t!(w, "fail-not-enrolled"), t!(w, "next-enrol")),
            VaultError::Exists { .. } => (t!(w, "fail-exists"), t!(w, "next-other-home")),
            VaultError::EmptyPassphrase => {
                (t!(w, "fail-empty-passphrase"), t!(w, "next-passphrase"))
            }
            VaultError::Tampered { what } => {
                (t!(w, "fail-tampered", what = what.to_string()), t!(w, "next-salvage"))
            }
            VaultError::NewerFormat { found } => {
                (t!(w, "fail-newer", found = found.to_owned()), t!(w, "next-upgrade"))
            }
            VaultError::Full => (t!(w, "fail-full"), t!(w, "next-room")),
            VaultError::Io(e) => (t!(w, "fail-io", why = e.to_string()), t!(w, "next-io")),
            other => (t!(w, "fail-laptop", why = other.to_string()), t!(w, "next-verify")),
        }
    }

    fn link(&self, e: &LinkError) -> (String, String) {
        let w = &self.words;
        match e {
            LinkError::Unreachable(_) => (t!(w, "fail-unreachable"), t!(w, "next-offline")),
            LinkError::OtherServer => (t!(w, "fail-other-server"), t!(w, "next-stop")),
            LinkError::Refused => (t!(w, "fail-device-refused"), t!(w, "next-admin")),
            LinkError::Code => (t!(w, "fail-code"), t!(w, "next-new-code")),
            LinkError::Pin { found } => {
                (t!(w, "fail-pin", found = found.clone()), t!(w, "next-stop"))
            }
            LinkError::Recovering => (t!(w, "fail-recovering"), t!(w, "next-recovering")),
            LinkError::Node(e) => self.node(e),
            other => (t!(w, "fail-link", why = other.to_string()), t!(w, "next-later")),
        }
    }

    fn courier(&self, e: &CourierError) -> (String, String) {
        let w = &self.words;
        match e {
            CourierError::Node(e) => self.node(e),
            CourierError::File { path, error } => {
                let file = path.display().to_string();
                (t!(w, "fail-file", file = file, why = error.to_string()), t!(w, "next-io"))
            }
            CourierError::Bundle(e) => (self.cut(e), self.recopy(e)),
            CourierError::NoReaders => (t!(w, "fail-no-readers"), t!(w, "next-fewer")),
            CourierError::NotEntitled { .. } => (t!(w, "fail-not-entitled"), t!(w, "next-fewer")),
            other => (t!(w, "fail-laptop", why = other.to_string()), t!(w, "next-io")),
        }
    }

    /// Says why a courier's file, or the rest of it, could not be used.
    pub(in crate::cli) fn cut(&self, e: &BundleError) -> String {
        let w = &self.words;
        match e {
            BundleError::Truncated { have, of: Some(of) } => {
                t!(w, "courier-cut", have = have.to_owned(), of = of.to_owned())
            }
            BundleError::Truncated { .. } => t!(w, "courier-cut-early"),
            BundleError::Damaged { at, .. } => t!(w, "courier-damaged", at = at.to_owned()),
            BundleError::Foreign(Foreign::Reader) => t!(w, "courier-not-reader"),
            BundleError::Foreign(Foreign::Round) => t!(w, "courier-other-round"),
            BundleError::Foreign(Foreign::Training) => t!(w, "courier-training"),
            BundleError::Foreign(Foreign::Maker) => t!(w, "courier-maker"),
            BundleError::NotABundle => t!(w, "courier-none"),
            other => other.to_string(),
        }
    }

    fn recopy(&self, e: &BundleError) -> String {
        let w = &self.words;
        match e {
            BundleError::Foreign(_) => t!(w, "next-other-file"),
            _ => t!(w, "next-recopy"),
        }
    }

    fn evidence(&self, e: &EvidenceError) -> (String, String) {
        let w = &self.words;
        match e {
            EvidenceError::Vault(e) => self.vault(e),
            EvidenceError::TooLong => (t!(w, "fail-too-long"), t!(w, "next-split")),
            EvidenceError::NoFile(_) => (t!(w, "fail-no-file"), t!(w, "next-sync")),
        }
    }
}
