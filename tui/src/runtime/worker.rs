//! The task that holds the unlocked laptop.
//!
//! Edits are gathered for a moment before they are committed; what came from the link meanwhile
//! is taken in together, because merging costs by the size of the document.
mod files;
mod find;
mod saving;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use shared::{
    crypto::Passphrase,
    doc::{Birth, Edit},
    journal::{
        frame::{Down, Presence, Up},
        laptop::Note,
    },
    model::{DocId, DocKind, SpaceId},
    workflow::{Command, SpaceKind},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender},
    time::{Instant, sleep_until},
};

use super::{
    carrier::{self, Carrier, Carry},
    snapshot::{self, Beside},
};
use crate::{
    app::{
        Effect, Failure, News, Place, Said,
        data::{NotTaken, Trouble},
        verb::Verb,
    },
    laptop::{
        FieldNode, NodeError,
        courier::{self, CourierError, Export},
        link::{Client, LinkError, Live, sync},
        remembered::Holdup,
        vault::VaultError,
    },
};
use saving::Saving;

/// How long edits are gathered before a commit.
const GATHER: Duration = Duration::from_millis(300);
/// How long after the last commit while somebody else is in the same record: they see what is
/// typed as it is typed, and the first key after a pause at once.
const GATHER_IN_COMPANY: Duration = Duration::from_millis(30);
/// How long after trouble the link is tried again.
const AGAIN: Duration = Duration::from_secs(15);
/// How often a full disk is tried again, while nothing else tries it.
const RETRY: Duration = Duration::from_secs(2);
/// How long one synchronisation waits for verdicts.
const PATIENCE: Duration = Duration::from_secs(5);

/// Edits that are not committed yet.
struct Pending {
    at: Place,
    edits: Vec<Edit>,
    made: u64,
}

/// An unlocked laptop and what belongs to it.
struct Unlocked {
    node: FieldNode,
    client: Option<Client>,
    live: Option<Live>,
    beside: Beside,
    carrier: Carrier,
    open: Option<Place>,
    /// How many of the screen's edits are in the open document.
    made: u64,
    pending: Option<Pending>,
    /// Edits of the open document that could not be kept: only the screen holds them.
    unkept: Option<Pending>,
    flush_at: Option<Instant>,
    /// When edits were committed last.
    flushed: Instant,
    link_at: Instant,
    /// Files that are to be written out once they are here, oldest first.
    saving: Vec<Saving>,
}

/// Holds the laptop in `home` for whoever shows it: carries out what is asked and tells the
/// news, until nobody asks any more; then the laptop is locked.
///
/// `trials` says how to start the sandbox in which a courier's content is tried. Nothing here
/// fails: what goes wrong is told ([`News::Failed`]).
pub async fn hold(
    home: PathBuf,
    trials: sandbox::PoolConfig,
    mut asked: UnboundedReceiver<Effect>,
    tell: UnboundedSender<News>,
) {
    let mut unlocked: Option<Box<Unlocked>> = None;
    loop {
        let effect = match unlocked.as_mut() {
            None => asked.recv().await,
            Some(u) => {
                let far = Instant::now() + AGAIN;
                let (flush, link) = (u.flush_at.unwrap_or(far), u.link_at);
                tokio::select! {
                    effect = asked.recv() => effect,
                    () = sleep_until(flush), if u.flush_at.is_some() => {
                        u.flush(&tell).await;
                        continue;
                    }
                    () = sleep_until(link), if u.live.is_none() => {
                        Box::pin(u.contact(&tell, false)).await;
                        continue;
                    }
                    () = sleep_until(Instant::now() + RETRY), if u.node.not_saved() > 0 => {
                        if u.node.retry().await.is_ok() {
                            u.done(Ok(()), &tell).await;
                        }
                        continue;
                    }
                    frames = next(&mut u.live) => {
                        u.heard(frames, &tell).await;
                        continue;
                    }
                    carry = u.carrier.next() => {
                        u.carried(carry, &tell).await;
                        continue;
                    }
                }
            }
        };
        let Some(effect) = effect else { break };
        match (effect, unlocked.as_mut()) {
            (Effect::Unlock(typed), None) => {
                let passphrase = Passphrase::new(typed.as_str().to_owned());
                match FieldNode::open(&home, &passphrase).await {
                    Ok(mut node) => {
                        node.use_sandbox(sandbox::Pool::new(trials.clone()));
                        let mut u = Box::new(Unlocked::new(node));
                        u.remembered(&tell).await;
                        u.show(&tell).await;
                        unlocked = Some(u);
                    }
                    Err(error) => say(&tell, News::Failed(failure(&error))),
                }
            }
            (Effect::Lock, Some(u)) => {
                Box::pin(u.flush(&tell)).await;
                if let Some(u) = unlocked.take() {
                    lock(*u).await;
                }
                say(&tell, News::Locked);
            }
            (effect, Some(u)) => Box::pin(u.carry_out(effect, &tell)).await,
            (_, None) => {}
        }
    }
    if let Some(mut u) = unlocked {
        Box::pin(u.flush(&tell)).await;
        lock(*u).await;
    }
}

/// Seals and closes. What the disk says now reaches nobody; what was not saved was said.
async fn lock(mut u: Unlocked) {
    let _ = u.carrier.stop(&mut u.node).await;
    let _ = u.node.lock().await;
}

async fn next(live: &mut Option<Live>) -> Option<Vec<Down>> {
    match live {
        Some(live) => live.next_all().await.ok(),
        None => std::future::pending().await,
    }
}

fn say(tell: &UnboundedSender<News>, news: News) {
    // The screen is gone only when the program ends.
    let _ = tell.send(news);
}

fn failure(error: &NodeError) -> Failure {
    match error {
        NodeError::Vault(VaultError::WrongKey) => Failure::WrongPassphrase,
        NodeError::Vault(VaultError::InUse { .. }) => Failure::InUse,
        NodeError::NotEnrolled | NodeError::Vault(VaultError::Absent { .. }) => {
            Failure::NotEnrolled
        }
        NodeError::NotSaved { waiting } => Failure::DiskFull(*waiting),
        NodeError::Working(_) => Failure::NoDocument,
        NodeError::Edit(_) => Failure::EditLost,
        NodeError::NotKept { why } => Failure::NotKept(why.clone()),
        NodeError::Identity => Failure::Damaged,
        other => Failure::Other(other.to_string()),
    }
}

/// Says why there was no contact.
fn trouble(error: &LinkError) -> Trouble {
    match error {
        LinkError::Unreachable(_) => Trouble::Unreachable,
        LinkError::OtherServer | LinkError::Pin { .. } => Trouble::OtherServer,
        LinkError::Refused | LinkError::Code => Trouble::DeviceRefused,
        LinkError::Server { status, .. } => Trouble::Server(*status),
        LinkError::Recovering => Trouble::Recovering,
        LinkError::Answer(_) => Trouble::Answer,
        LinkError::Node(error) => Trouble::Here(Box::new(failure(error))),
    }
}

impl Unlocked {
    fn new(node: FieldNode) -> Self {
        Self {
            node,
            client: None,
            live: None,
            beside: Beside::default(),
            carrier: Carrier::default(),
            open: None,
            made: 0,
            pending: None,
            unkept: None,
            flush_at: None,
            flushed: Instant::now(),
            link_at: Instant::now(),
            saving: Vec::new(),
        }
    }

    /// Takes up what the laptop remembers.
    async fn remembered(&mut self, tell: &UnboundedSender<News>) {
        match self.node.text_only().await {
            Ok(on) => {
                self.carrier.text_only(on);
                self.beside.link.text_only = on;
            }
            Err(error) => say(tell, News::Failed(failure(&error))),
        }
        self.not_taken(tell).await;
    }

    /// Reads what the server would not store.
    async fn not_taken(&mut self, tell: &UnboundedSender<News>) {
        match self.node.not_taken().await {
            Ok(not) => {
                self.beside.link.not_taken = not.map(|not| NotTaken {
                    full: not.why == Holdup::Full,
                    at: not.at,
                    envelopes: not.envelopes,
                });
            }
            Err(error) => say(tell, News::Failed(failure(&error))),
        }
    }

    async fn carry_out(&mut self, effect: Effect, tell: &UnboundedSender<News>) {
        match effect {
            Effect::Look { path } => {
                say(tell, News::Looked(files::look(path)));
                return;
            }
            Effect::Edit { at, edits, edits_made } => {
                self.gather(at, edits, edits_made, tell).await;
                return;
            }
            Effect::Present { at, field } => {
                self.present(at, field).await;
                return;
            }
            _ => self.flush(tell).await,
        }
        match effect {
            Effect::Open(at) => {
                self.open = Some(at);
                self.made = 0;
                self.left();
                self.exhibit_opened(at, tell).await;
                self.read(tell).await;
            }
            Effect::Close => {
                self.open = None;
                self.left();
                // What was written is sealed when its writer turns away from it.
                let sealed = self.node.seal().await;
                self.done(sealed, tell).await;
            }
            Effect::Begin { space, kind, birth } => {
                match self.node.begin(space, kind, &birth).await {
                    Ok(doc) => {
                        self.beside.drafts.insert((space, doc));
                        self.written(Ok(()), tell).await;
                        say(tell, News::Begun(Place { space, doc }));
                    }
                    Err(error) => say(tell, News::Failed(failure(&error))),
                }
            }
            Effect::BeginText { at, kind, birth } => {
                let begun = self.begin_text(at, kind, &birth).await;
                self.written(begun, tell).await;
            }
            Effect::Ask { at, command } => {
                let verb = Verb::of(&command);
                let asked = self.node.ask(at.space, at.doc, *command).await;
                let saved = asked.is_ok();
                self.done(asked.map(|_| ()), tell).await;
                if saved {
                    say(tell, News::Said(Said::Asked(verb)));
                }
            }
            Effect::Attach { at, evidence, file } => {
                let said = self.attach(at, *evidence, &file).await;
                self.done(Ok(()), tell).await;
                say(tell, said);
            }
            Effect::SaveFile { space, evidence, file, open } => {
                let said = self.save_file(space, evidence, &file, open);
                match said {
                    News::Failed(Failure::FileNotHere) => {
                        self.save_later(space, evidence, file, open, tell).await;
                    }
                    said => say(tell, said),
                }
            }
            Effect::StopFetch(evidence) => self.stop_fetch(evidence, tell).await,
            Effect::Print { at, file } => {
                let said = self.print(at, &file).await;
                say(tell, said);
            }
            Effect::Search { text } => {
                let found = self.search(text).await;
                say(tell, found);
            }
            Effect::History(at) => {
                let happened = self.history(at).await;
                say(tell, happened);
            }
            Effect::TextOnly(on) => {
                self.carrier.text_only(on);
                self.beside.link.text_only = on;
                let set = self.node.set_text_only(on).await;
                self.done(set, tell).await;
            }
            Effect::Sync => self.contact(tell, true).await,
            Effect::Export { file } => {
                let written = self.export(&file).await;
                say(
                    tell,
                    match written {
                        Ok(()) => News::Said(Said::Exported(file)),
                        Err(error) => News::Failed(Failure::Courier(error.to_string())),
                    },
                );
                self.show(tell).await;
            }
            Effect::Import { file } => {
                match courier::import(&mut self.node, Path::new(&file)).await {
                    Ok(report) => {
                        let missing = report.gaps.iter().map(|g| g.missing);
                        let missing = missing.fold(0, u64::saturating_add);
                        let who = report.gaps.into_iter().map(|g| g.person_name).collect();
                        let new = report.new;
                        say(tell, News::Said(Said::Imported { new, missing, who }));
                    }
                    Err(error) => {
                        say(tell, News::Failed(Failure::Courier(error.to_string())));
                    }
                }
                self.done(Ok(()), tell).await;
                self.save_now(tell);
            }
            _ => {}
        }
    }

    async fn begin_text(
        &mut self,
        at: Place,
        kind: DocKind,
        birth: &Birth,
    ) -> Result<(), NodeError> {
        if self.node.space(at.space)?.documents().any(|d| d == at.doc) {
            return Ok(());
        }
        self.beside.drafts.insert((at.space, at.doc));
        self.node.begin_text(at.space, at.doc, kind, birth).await
    }

    /// Has it recorded that this person opens an exhibit of somebody else.
    async fn exhibit_opened(&mut self, at: Place, tell: &UnboundedSender<News>) {
        let me = self.node.identity().person;
        let others = self.node.space(at.space).is_ok_and(|space| {
            let exhibit = space.state().record(at.doc).and_then(|r| r.matter.exhibit());
            exhibit.is_some_and(|e| e.ended.is_none() && e.by != me)
        });
        if others {
            let asked = self.node.ask(at.space, at.doc, Command::OpenExhibit).await;
            self.done(asked.map(|_| ()), tell).await;
        }
    }

    /// Writes a courier's file of the stays on this laptop, for whoever may read them.
    async fn export(&mut self, file: &str) -> Result<(), CourierError> {
        let stays = self
            .node
            .core()
            .spaces()
            .filter(|(_, s)| !s.withdrawn() && s.state().kind() == Some(SpaceKind::Engagement));
        let what = Export { spaces: stays.map(|(id, _)| *id).collect(), ..Export::default() };
        courier::export(&mut self.node, &what, Path::new(file)).await.map(|_| ())
    }

    /// Shows what came of something, and sends what is to be sent.
    async fn done(&mut self, result: Result<(), NodeError>, tell: &UnboundedSender<News>) {
        if let Err(error) = result {
            say(tell, News::Failed(failure(&error)));
        }
        self.notes(tell).await;
        self.send().await;
        self.files(tell).await;
        self.show(tell).await;
        self.read(tell).await;
    }

    async fn gather(
        &mut self,
        at: Place,
        edits: Vec<Edit>,
        made: u64,
        tell: &UnboundedSender<News>,
    ) {
        if self.pending.as_ref().is_some_and(|p| p.at != at) {
            self.flush(tell).await;
        }
        let pending = self.pending.get_or_insert(Pending { at, edits: Vec::new(), made });
        let typing = edits.iter().all(|e| matches!(e, Edit::SpliceText { .. }));
        pending.edits.extend(edits);
        pending.made = made;
        if typing {
            let company = self.live.is_some()
                && self.beside.present.iter().any(|p| (p.space, p.doc) == (at.space, at.doc));
            let at = match company {
                true => self.flushed + GATHER_IN_COMPANY,
                false => Instant::now() + GATHER,
            };
            self.flush_at.get_or_insert(at);
        } else {
            // A choice or an item is one step: nothing more of it is to come.
            self.flush(tell).await;
        }
    }

    async fn flush(&mut self, tell: &UnboundedSender<News>) {
        self.flush_at = None;
        let Some(mut pending) = self.pending.take() else { return };
        self.flushed = Instant::now();
        let Place { space, doc } = pending.at;
        self.beside.drafts.insert((space, doc));
        // The screen shows them, and what was written since rests on them.
        if let Some(unkept) = self.unkept.take_if(|u| u.at == pending.at) {
            pending.edits.splice(0..0, unkept.edits);
        }
        let written = match self.live.is_some() {
            // On a live link the others see it now.
            true => self.node.edit_and_seal(space, doc, &pending.edits).await,
            false => self.node.edit(space, doc, &pending.edits).await,
        };
        let unkept = matches!(written, Err(NodeError::NotKept { .. }));
        if self.open == Some(pending.at) && unkept {
            // The screen stays ahead of what is kept, so that the text can be taken from it.
            self.beside.unkept = pending.edits.len();
            self.unkept = Some(pending);
        } else if self.open == Some(pending.at) {
            self.made = pending.made;
            self.beside.unkept = 0;
        }
        self.done(written, tell).await;
    }

    /// Shows what came of writing. On a live link the others see it now; without one it is
    /// sealed when there is a contact again.
    async fn written(&mut self, result: Result<(), NodeError>, tell: &UnboundedSender<News>) {
        let sealed = match self.live {
            Some(_) => self.node.seal().await,
            None => Ok(()),
        };
        self.done(result.and(sealed), tell).await;
    }

    /// The screen shows the document no more, and with it what could not be kept.
    fn left(&mut self) {
        self.unkept = None;
        self.beside.unkept = 0;
    }

    /// Tells the screen what is known now.
    async fn show(&mut self, tell: &UnboundedSender<News>) {
        match snapshot::make(&mut self.node, &mut self.beside).await {
            Ok(known) => say(tell, News::Snapshot(Box::new(known))),
            Err(error) => say(tell, News::Failed(failure(&error))),
        }
    }

    /// Tells the screen what the open document says.
    async fn read(&mut self, tell: &UnboundedSender<News>) {
        let Some(at) = self.open else { return };
        match self.node.reading(at.space, at.doc).await {
            Ok(reading) => {
                let held = self.node.space(at.space);
                let authors = held.map(|s| snapshot::authors(s, at.doc, &reading));
                say(
                    tell,
                    News::Reading {
                        at,
                        reading: Box::new(reading),
                        authors: authors.unwrap_or_default(),
                        edits: self.made,
                    },
                );
            }
            Err(error) => say(tell, News::Failed(failure(&error))),
        }
    }

    /// Starts to carry files, if there are any and the link is up.
    async fn files(&mut self, tell: &UnboundedSender<News>) {
        let Some(client) = self.client.as_ref().filter(|_| self.beside.link.online) else { return };
        match self.carrier.start(&mut self.node, client).await {
            Ok(Some(left)) => self.beside.link.files = left,
            Ok(None) => {}
            Err(error) => say(tell, News::Failed(failure(&error))),
        }
    }

    /// Says how far files are; when they went as far as they can, notes what came of it.
    async fn carried(&mut self, carry: Carry, tell: &UnboundedSender<News>) {
        match carry {
            Carry::Moved(now) => {
                self.beside.link.files = carrier::under_way(self.beside.link.files, now);
                say(tell, News::Files(self.beside.link.files));
                self.tell_fetching(tell);
            }
            Carry::Ended(carried) => {
                match self.carrier.ended(&mut self.node, &carried).await {
                    Ok(left) => self.beside.link.files = left,
                    Err(error) => say(tell, News::Failed(failure(&error))),
                }
                self.save_now(tell);
                self.held_up(&carried, tell);
                self.files(tell).await;
                say(tell, News::Files(self.beside.link.files));
            }
            Carry::Again => {
                self.files(tell).await;
                say(tell, News::Files(self.beside.link.files));
            }
        }
    }

    /// Makes contact: all that is outstanding by HTTP, then a live link if there can be one.
    async fn contact(&mut self, tell: &UnboundedSender<News>, asked: bool) {
        self.flush(tell).await;
        self.live = None;
        let first = self.carrier.text();
        let result = self.exchange().await;
        drop(first);
        self.carrier.contact();
        self.beside.link.online = result.is_ok();
        self.beside.link.trouble = result.as_ref().err().map(trouble);
        self.link_at = Instant::now() + AGAIN;
        self.notes(tell).await;
        if result.is_ok()
            && let Some(client) = &self.client
            && let Ok(live) = Live::open(client).await
        {
            self.live = Some(live);
            let connected = self.node.connected().await;
            self.done(connected, tell).await;
        }
        self.files(tell).await;
        self.show(tell).await;
        self.read(tell).await;
        if asked {
            say(
                tell,
                match result {
                    Ok(()) => News::Said(Said::Synced),
                    Err(error) => News::Failed(match trouble(&error) {
                        Trouble::Unreachable => Failure::NoLink,
                        other => Failure::Link(other),
                    }),
                },
            );
        }
    }

    async fn exchange(&mut self) -> Result<(), LinkError> {
        if self.client.is_none() {
            let identity = self.node.identity();
            let client = Client::new(&identity.server_url, Some(identity.certificate))?;
            self.client = Some(client);
        }
        self.node.seal().await?;
        match &mut self.client {
            Some(client) => sync(&mut self.node, client, PATIENCE).await.map(|_| ()),
            None => Ok(()),
        }
    }

    async fn heard(&mut self, frames: Option<Vec<Down>>, tell: &UnboundedSender<News>) {
        let Some(frames) = frames else {
            self.live = None;
            self.beside.link.online = false;
            self.beside.present.clear();
            self.link_at = Instant::now() + AGAIN;
            let gone = self.node.disconnected().await;
            self.done(gone, tell).await;
            return;
        };
        let heard = self.node.heard_all(frames).await;
        self.done(heard, tell).await;
    }

    async fn send(&mut self) {
        let Some(live) = &mut self.live else { return };
        for frame in self.node.take_outgoing() {
            if matches!(frame, Up::Push { .. }) {
                self.carrier.text_sent();
            }
            // A link that broke says so when it is read; what was not sent is offered again.
            if live.send(&frame).await.is_err() {
                return;
            }
        }
    }

    async fn present(&mut self, at: Place, field: String) {
        if let Some(live) = &mut self.live {
            let here = Presence {
                space: at.space,
                doc: at.doc,
                device: None,
                field,
                caret: String::new(),
            };
            let _ = live.send(&Up::Presence(here)).await;
        }
    }

    /// Takes note of what the laptop says: who is where, what was sealed, what went wrong.
    async fn notes(&mut self, tell: &UnboundedSender<News>) {
        let notes = self.node.take_notes();
        let not_stored = notes.iter().any(|n| matches!(n, Note::NotStored { .. }));
        if not_stored || self.beside.link.not_taken.is_some() {
            if let Err(error) = self.node.note_not_taken(&notes).await {
                say(tell, News::Failed(failure(&error)));
            }
            self.not_taken(tell).await;
        }
        for note in notes {
            match note {
                Note::Sealed { space, doc, .. } => self.sealed(space, doc),
                Note::Present(presence) => {
                    let known = &mut self.beside.present;
                    known.retain(|p| p.device != presence.device);
                    known.push(presence);
                }
                Note::Received { .. } => self.carrier.text_received(),
                Note::ServerTime(at) => self.beside.link.last_contact = Some(at),
                Note::Document { space, doc, .. } if self.open == Some(Place { space, doc }) => {
                    say(tell, News::Said(Said::ChangedByOthers));
                }
                _ => {}
            }
        }
    }

    fn sealed(&mut self, space: SpaceId, doc: DocId) {
        self.beside.drafts.remove(&(space, doc));
    }
}
