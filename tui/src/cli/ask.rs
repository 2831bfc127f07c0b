//! Asking for a legal step: tried here first, then put into the outbox.
use serde_json::json;
use shared::{
    doc::render,
    journal::{entry::Verdict, labels::labels},
    model::{Digest, DocId},
    workflow::{
        Actor, Asked, Command, Content, Pin, Refusal, Request, SpaceState, conflict, decide,
    },
};

use super::{
    failure::Failure,
    session::{At, Session},
    shown::Shown,
};

impl Session {
    /// Tries a command on the preview, asks for it, and synchronises if that was wished.
    pub(super) async fn ask(&mut self, at: At, command: Command) -> Result<Shown, Failure> {
        if !self.global.anyway {
            self.try_out(at, &command).await?;
        }
        let envelope = self.node.ask(at.space, at.doc, command).await?;
        self.answer(at, envelope).await
    }

    /// Tells whether a command would be refused now, as far as this laptop knows.
    async fn try_out(&mut self, at: At, command: &Command) -> Result<(), Failure> {
        let state = self.state(at.space).await?;
        let content = if command.needs_content() { self.content(&state, at).await? } else { None };
        let request = Request { basis: Vec::new(), command: command.clone() };
        let asked = Asked {
            doc: at.doc,
            envelope: Digest([0; 32]),
            request: &request,
            claimed_at: self.now(),
        };
        let actor = Actor::Person { person: self.me(), device: Some(self.node.core().device()) };
        decide(&state, &actor, &asked, content.as_ref(), self.now())?;
        Ok(())
    }

    /// Reads a document as the rules see it: settled conflicts settled.
    async fn content(&mut self, state: &SpaceState, at: At) -> Result<Option<Content>, Failure> {
        if !self.node.space(at.space)?.documents().any(|d| d == at.doc) {
            return Ok(None);
        }
        let reading = self.node.reading(at.space, at.doc).await?;
        let reading = match state.record(at.doc) {
            Some(record) => conflict::settle(&reading, &record.resolutions),
            None => reading,
        };
        let rendering = render(&reading, &labels(state, at.doc)).digest();
        Ok(Some(Content { reading, rendering }))
    }

    /// Names what a signature made now would sign.
    pub(super) async fn pin(&mut self, at: At) -> Result<Pin, Failure> {
        let state = self.state(at.space).await?;
        if let Some(version) = state.record(at.doc).and_then(|r| r.standing()) {
            let (heads, rendering) = (version.heads.clone(), version.rendering);
            return Ok(Pin { heads, rendering, text: None });
        }
        let content = self.content(&state, at).await?.ok_or(Refusal::ContentMissing)?;
        let text = render(&content.reading, &labels(&state, at.doc)).text;
        Ok(Pin { heads: content.reading.heads, rendering: content.rendering, text: Some(text) })
    }

    /// Says how far a request has come, after the synchronisation that was wished for.
    async fn answer(&mut self, at: At, envelope: Digest) -> Result<Shown, Failure> {
        if self.global.sync {
            self.sync().await?;
            self.verdict(at, &envelope)?;
        }
        let stage = self.stage(at.space, &envelope);
        let number = self.number(at).await?;
        let line =
            if stage == "decided" { self.say.decided(&number) } else { self.say.asked(&number) };
        let value = json!({
            "request": envelope, "record": at.doc, "number": number, "stage": stage,
        });
        Ok(Shown::line(value, line))
    }

    /// Fails if the server refused a request.
    fn verdict(&self, at: At, envelope: &Digest) -> Result<(), Failure> {
        let kept = self.node.core().space(at.space).and_then(|s| s.envelope(envelope));
        match kept.and_then(|k| k.decided.as_ref()) {
            Some((_, Some(Verdict::Declined(refusal)))) => {
                Err(Failure::Refused { refusal: refusal.clone(), by_server: true })
            }
            Some((_, Some(Verdict::Malformed(_)))) => {
                let state = self.node.space(at.space)?.state();
                Err(Failure::Malformed { number: number_in(state, at.doc) })
            }
            _ => Ok(()),
        }
    }

    /// Says that text was saved, after the synchronisation that was wished for.
    pub(super) async fn saved(&mut self, at: At, line: Option<String>) -> Result<Shown, Failure> {
        if self.global.sync {
            self.sync().await?;
        }
        let number = self.number(at).await?;
        let line = line.unwrap_or_else(|| self.say.saved(&number));
        let value = json!({ "record": at.doc, "number": number, "space": at.space });
        Ok(Shown::line(value, line))
    }

    /// Returns a record's number, or its id.
    pub(super) async fn number(&mut self, at: At) -> Result<String, Failure> {
        let state = self.state(at.space).await?;
        Ok(number_in(&state, at.doc))
    }
}

/// Returns a record's number, or its id.
pub(super) fn number_in(state: &SpaceState, doc: DocId) -> String {
    let number = state.record(doc).and_then(|r| r.number().map(str::to_owned));
    number.unwrap_or_else(|| doc.to_string())
}
