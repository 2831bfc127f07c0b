//! Files of evidence that are written out once they have come: long ones come when somebody
//! asks for them, which may take longer than anybody looks at.
use shared::{
    crypto::FileManifest,
    model::{EvidenceId, SpaceId},
};
use tokio::sync::mpsc::UnboundedSender;

use super::{Unlocked, say};
use crate::{
    app::{Failure, News, Said, data::Fetching},
    laptop::{evidence, link::Carried},
};

/// A file that is to be written out once it is here.
pub(super) struct Saving {
    space: SpaceId,
    evidence: EvidenceId,
    name: String,
    manifest: FileManifest,
    file: String,
    open: bool,
}

impl Unlocked {
    /// Has a file fetched, to be written out when it is whole.
    pub(super) async fn save_later(
        &mut self,
        space: SpaceId,
        evidence: EvidenceId,
        file: String,
        open: bool,
        tell: &UnboundedSender<News>,
    ) {
        let found = self.node.space(space).ok().and_then(|held| {
            let manifest = evidence::manifest(held, evidence).ok()?;
            let name = held.state().evidence.get(&evidence).map(|r| r.evidence.name.clone());
            Some((manifest, name.unwrap_or_default()))
        });
        let Some((manifest, name)) = found else {
            say(tell, News::Failed(Failure::FileNotHere));
            return;
        };
        self.carrier.ask_for(evidence, manifest.address);
        self.saving.retain(|s| s.evidence != evidence);
        self.saving.push(Saving { space, evidence, name, manifest, file, open });
        self.files(tell).await;
        say(tell, News::Files(self.beside.link.files));
        self.tell_fetching(tell);
    }

    /// Says how far the file asked for last is.
    pub(super) fn tell_fetching(&mut self, tell: &UnboundedSender<News>) {
        let files = self.node.vault().files();
        let now = self.saving.last().map(|s| Fetching {
            evidence: s.evidence,
            name: s.name.clone(),
            got: files.received(&s.manifest),
            of: s.manifest.sealed_len(),
        });
        if now.is_some() || self.beside.link.fetching.is_some() {
            self.beside.link.fetching.clone_from(&now);
            say(tell, News::Fetching(now));
        }
    }

    /// Writes out what has come.
    pub(super) fn save_now(&mut self, tell: &UnboundedSender<News>) {
        let files = self.node.vault().files();
        let (here, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.saving)
            .into_iter()
            .partition(|saving| files.has(&saving.manifest));
        self.saving = rest;
        for saving in here {
            let said = self.save_file(saving.space, saving.evidence, &saving.file, saving.open);
            say(tell, said);
        }
        self.tell_fetching(tell);
    }

    /// Says why a file that somebody waits for did not come whole; it is tried again.
    pub(super) fn held_up(&mut self, carried: &Carried, tell: &UnboundedSender<News>) {
        for saving in &self.saving {
            let mut left = carried.left.iter();
            let Some((_, why)) = left.find(|(w, _)| w.evidence == saving.evidence) else {
                continue;
            };
            let name = saving.name.clone();
            say(
                tell,
                News::Failed(match why {
                    Some(why) => Failure::FetchCut { name, why: why.to_string() },
                    None => Failure::NotAtServer(name),
                }),
            );
        }
    }

    /// Gives up what is fetched; what came of it stays for the next time.
    pub(super) async fn stop_fetch(&mut self, evidence: EvidenceId, tell: &UnboundedSender<News>) {
        let Some(at) = self.saving.iter().position(|s| s.evidence == evidence) else { return };
        let saving = self.saving.remove(at);
        self.carrier.give_up(evidence, saving.manifest.address);
        self.tell_fetching(tell);
        say(tell, News::Said(Said::FetchStopped(saving.name)));
        self.files(tell).await;
        say(tell, News::Files(self.beside.link.files));
    }
}
