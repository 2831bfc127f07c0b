//! What must hold, at each step and in the end.
use std::collections::{BTreeMap, BTreeSet};

use shared::{
    journal::{
        cbor,
        entry::{Fault, Verdict},
        envelope::Envelope,
        labels,
        laptop::Origin,
    },
    model::{ChangeHash, Digest, DocId, SpaceId},
    workflow::Request,
};

use super::{station::Station, work, world::World};

/// What holds at every moment. What holds of every single commit, frame and note is looked at
/// where these pass.
pub(super) fn always(world: &mut World) {
    one_journal(world);
    signatures(world);
}

/// What a laptop holds of a journal is the beginning of what is on the server's disk.
fn one_journal(world: &mut World) {
    if world.ctx.restored {
        return;
    }
    for station in &world.stations {
        for (id, held) in station.core().spaces() {
            let head = held.head();
            let there = head.pos == 0
                || world.host.disk.entry(*id, head.pos).is_some_and(|e| e.hash() == head.hash);
            let name = station.name;
            world.ctx.check(there, || format!("L{name} holds an entry that is not on disk"));
        }
    }
}

/// What holds when all faults are over and everybody has been in contact.
pub(super) fn together(world: &mut World) {
    verdicts(world);
    same_everywhere(world);
    nothing_lost(world);
    signatures(world);
}

/// One verdict for each envelope, and never a refusal of what an honest build makes.
fn verdicts(world: &mut World) {
    let spaces: Vec<SpaceId> = world.host.core().spaces().map(|(id, _)| *id).collect();
    let mut decided: BTreeMap<Digest, Verdict> = BTreeMap::new();
    for space in spaces {
        let entries: Vec<_> = world.host.disk.entries(space, 0).cloned().collect();
        for entry in entries {
            let Some(hash) = entry.body().envelope else { continue };
            let Some(verdict) = entry.verdict().cloned() else { continue };
            let twice = decided.insert(hash, verdict).is_some();
            world.ctx.check(!twice, || format!("{hash:?} is decided twice"));
        }
    }
    refusals(world, &decided);
    if !world.ctx.restored {
        let told = std::mem::take(&mut world.ctx.told);
        for (hash, verdict) in &told {
            let same = decided.get(hash) == verdict.as_ref();
            world.ctx.check(same, || format!("a laptop was told otherwise of {hash:?}"));
        }
    }
}

/// Only what no honest build makes is refused, and what rests on that alone.
fn refusals(world: &mut World, decided: &BTreeMap<Digest, Verdict>) {
    let ctx = &mut world.ctx;
    let mut stands: BTreeSet<ChangeHash> = BTreeSet::new();
    // The places of actors' sequences that changes which stand have.
    let mut places = BTreeSet::new();
    for hash in decided.iter().filter(|(_, v)| !matches!(v, Verdict::Malformed(_))).map(|d| d.0) {
        for change in world.host.disk.envelope(hash).map_or(&[][..], |e| ctx.changes.headers(e)) {
            stands.insert(change.hash);
            places.insert((change.actor, change.seq));
        }
    }
    for (hash, verdict) in decided {
        let Verdict::Malformed(fault) = verdict else { continue };
        let Some(envelope) = world.host.disk.envelope(hash) else { continue };
        let device = envelope.header().device;
        let changes = ctx.changes.headers(envelope).to_vec();
        let crafted = changes.iter().any(|c| ctx.crafted.contains(&(device, c.hash)));
        let excused = match fault {
            Fault::FollowsRefused => {
                changes.iter().flat_map(|c| &c.deps).any(|dep| !stands.contains(dep))
            }
            Fault::Quarantined if ctx.interrupted.contains(hash) => true,
            _ => crafted || changes.iter().any(|c| ctx.poison.contains(&c.hash)),
        };
        ctx.check(excused, || format!("honest {hash:?} is refused: {fault:?}"));
        if crafted
            && changes
                .iter()
                .any(|c| !stands.contains(&c.hash) && places.contains(&(c.actor, c.seq)))
        {
            ctx.hit("a claimed place kept");
        }
    }
}

/// Every laptop has the server's journal, and the same documents and conflicts.
fn same_everywhere(world: &mut World) {
    let now = world.ctx.now;
    let mut readings: BTreeMap<(SpaceId, DocId), (usize, shared::model::Reading)> = BTreeMap::new();
    for n in 0..world.stations.len() {
        let person = world.stations[n].person;
        let spaces: Vec<(SpaceId, shared::journal::entry::Cursor)> = world
            .host
            .core()
            .spaces()
            .filter(|(_, s)| s.state().may_read(person, now))
            .map(|(id, s)| (*id, s.head()))
            .collect();
        for (id, head) in spaces {
            let Some(held) = world.stations[n].core().space(id) else {
                world.ctx.check(false, || format!("L{n} lacks {id}"));
                continue;
            };
            let at = held.head();
            world
                .ctx
                .check(at == head, || format!("L{n} is at {} of {} in {id}", at.pos, head.pos));
            let same = world.host.core().space(id).map(|s| s.state()) == Some(held.state());
            world.ctx.check(same, || format!("L{n} folds another state of {id}"));
            let open: Vec<String> = held
                .undecided()
                .map(|(h, k)| {
                    format!("{h:?} of {} seq {} {:?}", k.header.doc, k.header.seq, k.request)
                })
                .collect();
            world.ctx.check(open.is_empty(), || format!("L{n} still waits for {open:?} in {id}"));
            let silent: Vec<Digest> = held
                .documents()
                .flat_map(|doc| held.about(doc))
                .filter(|(_, k)| k.origin == Origin::Own && k.decided.is_some())
                .filter(|(_, k)| k.received.is_none())
                .map(|(h, _)| *h)
                .collect();
            world.ctx.check(silent.is_empty(), || {
                format!("L{n} was told what became of {silent:?} and has no receipt")
            });
            let drafts = held.drafts();
            world.ctx.check(drafts == 0, || format!("L{n} still has {drafts} drafts in {id}"));
            let docs: Vec<DocId> = held.documents().collect();
            for doc in docs {
                same_document(world, n, id, doc, &mut readings);
            }
        }
    }
}

fn same_document(
    world: &mut World,
    n: usize,
    space: SpaceId,
    doc: DocId,
    readings: &mut BTreeMap<(SpaceId, DocId), (usize, shared::model::Reading)>,
) {
    let main = world.stations[n].core().space(space).map(|s| s.main_heads(doc)).unwrap_or_default();
    if main.is_empty() {
        return;
    }
    let kept = world.stations[n].kept_heads(space, doc);
    let Some(made) = world.stations[n].rebuilt(space, doc) else {
        return world.ctx.check(false, || format!("L{n} cannot make {doc}"));
    };
    let heads = made.heads();
    world.ctx.check(heads == main, || format!("L{n}: {doc} is at {heads:?}, not {main:?}"));
    world.ctx.check(kept.is_none_or(|k| k == heads), || format!("L{n}: {doc} on screen differs"));
    if let Some(held) = world.stations[n].core().space(space)
        && let Some(version) = held.state().record(doc).and_then(|r| r.standing())
    {
        let text = made
            .reading_at(&version.heads)
            .ok()
            .map(|reading| labels::content(held.state(), doc, &reading).1);
        let same = text.is_some_and(|t| t.digest() == version.rendering && t.text == version.text);
        world.ctx.check(same, || format!("L{n}: {doc} was signed as another text"));
    }
    let reading = made.reading();
    match readings.get(&(space, doc)) {
        None => {
            readings.insert((space, doc), (n, reading));
        }
        Some((first, other)) => {
            world.ctx.check(other.conflicts == reading.conflicts, || {
                format!("L{first} and L{n} list other conflicts of {doc}")
            });
            world
                .ctx
                .check(*other == reading, || format!("L{first} and L{n} read {doc} otherwise"));
        }
    }
}

/// What was said to be saved or received is there.
fn nothing_lost(world: &mut World) {
    let stored = world.stored_changes();
    let saved = std::mem::take(&mut world.ctx.saved);
    for ((name, change), doc) in &saved {
        let there = stored.contains(change) || world.stations[*name].disk.holds(change);
        world.ctx.check(there, || format!("L{name} had saved {change:?} of {doc}: it is lost"));
    }
    let decided = world.decided_changes();
    let received = std::mem::take(&mut world.ctx.received);
    for hash in received {
        let there = world.host.disk.holds(&hash) || gave_way(world, &hash, &decided);
        world.ctx.check(there, || format!("received {hash:?} is not on the server"));
    }
}

/// A disk that was put back may have given the place in a chain to the envelope of a copied
/// machine. What was received is not lost then, if either
/// - the server has decided every change of it, brought by other envelopes; or
/// - its author holds it and has said it anew, and the server has decided all the changes by
///   which it did, or a request of the same words. What says it anew may have given way in its
///   turn. Where nothing was left to say, all of it stood in the author's document already.
///
/// Without a restore nothing gives way: the envelope itself is on the server.
fn gave_way(world: &mut World, hash: &Digest, decided: &BTreeSet<ChangeHash>) -> bool {
    if !world.ctx.restored {
        return false;
    }
    let Some(envelope) = world.stations.iter().find_map(|s| s.disk.envelope(hash)) else {
        return false;
    };
    let changes = world.ctx.changes.of(&envelope);
    if !changes.is_empty() && changes.iter().all(|c| decided.contains(c)) {
        return true;
    }
    let space = envelope.header().space;
    let anew = |station: &Station| {
        let held = station.core().space(space).and_then(|s| s.envelope(hash));
        held.is_some_and(|k| k.origin == Origin::Own && k.said_anew())
    };
    if !world.stations.iter().any(anew) {
        return false;
    }
    if changes.is_empty() {
        return asked_again(world, &envelope);
    }
    let made = world.ctx.anew.get(hash).cloned().unwrap_or_default();
    let given_up: Vec<Digest> = world.ctx.anew.keys().filter(|h| *h != hash).copied().collect();
    made.iter().all(|change| {
        decided.contains(change)
            || given_up
                .iter()
                .any(|h| world.brought(h).contains(change) && gave_way(world, h, decided))
    })
}

/// Tells whether the server has decided another request of the same author in the same words.
fn asked_again(world: &World, envelope: &Envelope) -> bool {
    let read = |e: &Envelope| cbor::from_named::<Request>(e.payload()).ok().map(|r| r.command);
    let (header, command) = (envelope.header(), read(envelope));
    let decided = world.host.disk.entries(header.space, 0).filter_map(|e| e.body().envelope);
    decided.filter_map(|h| world.host.disk.envelope(&h)).any(|other| {
        let theirs = other.header();
        theirs.device == header.device && theirs.doc == header.doc && read(other) == command
    })
}

/// A standing signature covers the main document, and its text is that of its heads.
fn signatures(world: &mut World) {
    for n in 0..world.stations.len() {
        let spaces: Vec<SpaceId> = world.cast.spaces.clone();
        for space in spaces {
            let Some(held) = world.stations[n].core().space(space) else { continue };
            let standing: Vec<_> = held
                .state()
                .records
                .values()
                .filter_map(|r| r.standing().map(|v| (r.doc, v.heads.clone())))
                .map(|(doc, heads)| (doc, heads, held.main_heads(doc)))
                .collect();
            for (doc, heads, main) in standing {
                world.ctx.check(heads == main, || {
                    format!("L{n}: {doc} moved from what was signed: {heads:?}, {main:?}")
                });
            }
        }
    }
}

/// After all, an edit of everybody who may write still comes into the document.
pub(super) fn next_edits_are_decided(world: &mut World) {
    let mut made = Vec::new();
    let now = world.ctx.now;
    for n in 0..world.stations.len() {
        let person = world.stations[n].person;
        let places: Vec<(SpaceId, DocId)> = world.stations[n]
            .core()
            .spaces()
            .flat_map(|(id, s)| {
                let state = s.state();
                let may = world.host.core().space(*id).map(|s| s.state());
                let open = move |d: &DocId| {
                    may.is_some_and(|s| s.may_write(person, *d, now))
                        && state.record(*d).is_some_and(|r| {
                            r.standing().is_none()
                                && r.matter.interview().is_none_or(|i| !i.is_over())
                        })
                };
                s.documents().filter(open).map(|d| (*id, d)).collect::<Vec<_>>()
            })
            .collect();
        for (space, doc) in places {
            let item = shared::model::ItemId::mint(now, world.ctx.chance.rng());
            if let Some(edits) = work::last_words(&mut world.stations[n], space, doc, item)
                && let Some(change) = world.stations[n].edit(&mut world.ctx, space, doc, &edits)
            {
                made.push((n, doc, change));
            }
        }
        world.stations[n].feed(&mut world.ctx, shared::journal::laptop::Input::Seal);
    }
    world.rest();
    let mut main = BTreeSet::new();
    let spaces: Vec<SpaceId> = world.host.core().spaces().map(|(id, _)| *id).collect();
    for space in spaces {
        let decided: Vec<Digest> = world
            .host
            .disk
            .entries(space, 0)
            .filter(|e| e.verdict() == Some(&Verdict::Main))
            .filter_map(|e| e.body().envelope)
            .collect();
        for hash in decided {
            main.extend(world.host.changes_of(&mut world.ctx, &hash));
        }
    }
    for (n, doc, change) in made {
        world.ctx.check(main.contains(&change), || {
            format!("L{n}: the next edit of {doc} is not in the document")
        });
    }
}
