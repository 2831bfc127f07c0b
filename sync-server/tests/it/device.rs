//! A small laptop: a key, one chain in each space, cursors.
use std::collections::BTreeMap;

use reqwest::{Client, Response, StatusCode};
use serde::Serialize;
use shared::{
    api::{
        enrol::{EnrolRequest, Enrolled},
        frames, paths,
        session::{Challenge, Problem, Session, SessionRequest},
    },
    crypto::{Secret, SigningKey, VerifyingKey},
    doc::{Birth, Document, Edit},
    journal::{
        cbor,
        entry::{Cursor, Entry, Verdict},
        envelope::{Codec, Content, Envelope, SessionNonce, actor},
        frame::{Down, Item, Place, Receipt, Reject, Up},
        precheck,
    },
    model::{ChangeHash, Digest, DocId, DocKind, FieldPath, SpaceId, Timestamp},
    workflow::{Command, Request},
};

pub struct Device {
    pub url: String,
    pub key: SigningKey,
    pub client: Client,
    pub token: String,
    pub server: Option<VerifyingKey>,
    pub session: SessionNonce,
    chains: BTreeMap<SpaceId, (u64, Option<Digest>)>,
    pub cursors: BTreeMap<SpaceId, Cursor>,
    pub entries: Vec<Entry>,
    pub bodies: BTreeMap<Digest, Envelope>,
    own: BTreeMap<Digest, Envelope>,
}

pub fn client() -> Client {
    // The provider may be installed already, by another test.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // What laptops do instead, pinning, is theirs to test; the certificate is made here.
    Client::builder().tls_danger_accept_invalid_certs(true).build().unwrap()
}

impl Device {
    pub fn new(url: String, fill: u8) -> Self {
        Self {
            url,
            key: SigningKey::from_secret(&Secret::copy_from(&[fill; 32])),
            client: client(),
            token: String::new(),
            server: None,
            session: SessionNonce([fill; 16]),
            chains: BTreeMap::new(),
            cursors: BTreeMap::new(),
            entries: Vec::new(),
            bodies: BTreeMap::new(),
            own: BTreeMap::new(),
        }
    }

    pub async fn post<T: Serialize>(&self, path: &str, body: &T) -> Response {
        let body = serde_json::to_vec(body).unwrap();
        let request = self.client.post(format!("{}{path}", self.url));
        let request = request.header("content-type", "application/json");
        request.bearer_auth(&self.token).body(body).send().await.unwrap()
    }

    pub async fn enrol(&mut self, code: &str) -> Result<Enrolled, (StatusCode, String)> {
        let request = EnrolRequest::sign(code, "", "测试笔记本", &self.key);
        let answer = self.post(paths::ENROL, &request).await;
        let status = answer.status();
        if status != StatusCode::OK {
            return Err((status, answer.text().await.unwrap()));
        }
        let enrolled: Enrolled = answer.json().await.unwrap();
        self.server = Some(VerifyingKey::from_bytes(&enrolled.server_key.0).unwrap());
        Ok(enrolled)
    }

    /// The status that this code gets.
    pub async fn enrol_status(&self, code: &str) -> StatusCode {
        let request = EnrolRequest::sign(code, "", "测试笔记本", &self.key);
        self.post(paths::ENROL, &request).await.status()
    }

    pub async fn try_log_in(&mut self) -> StatusCode {
        let answer = self.post(paths::CHALLENGE, &()).await;
        if answer.status() != StatusCode::OK {
            return answer.status();
        }
        let challenge: Challenge = answer.json().await.unwrap();
        let server = VerifyingKey::from_bytes(&challenge.server_key.0).unwrap();
        let request = SessionRequest::sign(challenge.nonce, &server, &self.key);
        let answer = self.post(paths::SESSION, &request).await;
        let status = answer.status();
        if status == StatusCode::OK {
            self.token = answer.json::<Session>().await.unwrap().token;
        }
        status
    }

    pub async fn log_in(&mut self) {
        assert_eq!(self.try_log_in().await, StatusCode::OK);
    }

    /// Says frames and takes in what comes back.
    pub async fn exchange(&mut self, said: &[Up], wait: u64) -> Vec<Down> {
        self.try_exchange(said, wait).await.expect("it is answered")
    }

    /// The same where the server may begin anew meanwhile; its refusal then.
    pub async fn try_exchange(&mut self, said: &[Up], wait: u64) -> Result<Vec<Down>, Response> {
        let mut body = Vec::new();
        for frame in said {
            frames::push(&mut body, frame);
        }
        let url = format!("{}{}?wait={wait}", self.url, paths::EXCHANGE);
        let request = self.client.post(url).bearer_auth(&self.token).body(body);
        let answer = request.send().await.unwrap();
        if answer.status() != StatusCode::OK {
            return Err(answer);
        }
        let heard: Vec<Down> = frames::read(&answer.bytes().await.unwrap()).unwrap();
        for frame in &heard {
            self.take(frame);
        }
        Ok(heard)
    }

    pub fn take(&mut self, frame: &Down) {
        if let Down::Entries { space, items } = frame {
            for Item { entry, envelope } in items {
                let cursor = self.cursors.entry(*space).or_default();
                entry.verify(&self.server.unwrap()).expect("the server signed it");
                assert_eq!(entry.body().pos, cursor.pos + 1, "no gap, nothing twice");
                assert_eq!(entry.body().prev, cursor.hash);
                *cursor = entry.cursor();
                self.entries.push(entry.clone());
                if let Some(envelope) = envelope {
                    self.bodies.insert(envelope.hash(), envelope.clone());
                }
            }
        }
    }

    pub fn have(&self) -> Up {
        let place = |(space, cursor): (&SpaceId, &Cursor)| Place { space: *space, cursor: *cursor };
        Up::Have { spaces: self.cursors.iter().map(place).collect() }
    }

    /// Reads everything there is.
    pub async fn catch_up(&mut self) -> Vec<Down> {
        let have = self.have();
        self.exchange(&[have], 0).await
    }

    /// Has contact with a server that may have been restored from an older copy: shows where
    /// it stands and gives back what it is asked for, until nothing more is asked. Returns how
    /// often the server began anew.
    pub async fn contact(&mut self) -> usize {
        let mut said = Vec::new();
        let mut anew = 0;
        loop {
            let gave = said.iter().any(|f| matches!(f, Up::GiveBack { .. }));
            let mut frames = vec![self.have()];
            frames.append(&mut said);
            let heard = match self.try_exchange(&frames, 0).await {
                Ok(heard) => heard,
                // What was given back makes the server begin anew: it is asked once more.
                Err(refused) => {
                    let again = refused.headers().contains_key("retry-after");
                    let problem: Problem = refused.json().await.unwrap();
                    assert_eq!((problem.error.as_str(), again), ("recovering", true));
                    anew += 1;
                    continue;
                }
            };
            let heads = heard.iter().any(|f| matches!(f, Down::Head { .. }));
            let asked = heard.iter().any(|f| matches!(f, Down::WantTrail { .. }));
            assert!(gave || heads || asked, "an answer says where the journal stands");
            for frame in heard {
                match frame {
                    Down::WantTrail { space } => said.push(self.trail(space)),
                    Down::WantBack { space, after } => said.push(self.give_back(space, after)),
                    _ => {}
                }
            }
            if said.is_empty() && !gave {
                return anew;
            }
        }
    }

    fn of(&self, space: SpaceId) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |e| e.body().space == space)
    }

    fn trail(&self, space: SpaceId) -> Up {
        let mut points: Vec<Cursor> = self.of(space).map(Entry::cursor).collect();
        points.reverse();
        Up::Trail { space, points }
    }

    fn give_back(&self, space: SpaceId, after: u64) -> Up {
        let item = |entry: &Entry| {
            let of = |hash| self.own.get(&hash).or_else(|| self.bodies.get(&hash)).cloned();
            Item { entry: entry.clone(), envelope: entry.body().envelope.and_then(of) }
        };
        let items = self.of(space).filter(|e| e.body().pos > after).map(item).collect();
        Up::GiveBack { space, items }
    }

    /// Pushes and waits for the verdicts.
    pub async fn push(&mut self, envelopes: &[Envelope]) -> Vec<Down> {
        let said = [self.have(), Up::Push { envelopes: envelopes.to_vec() }];
        self.exchange(&said, 20_000).await
    }

    pub fn actor(&self, space: SpaceId, doc: DocId) -> [u8; 16] {
        actor(&self.key.verifying_key(), space, doc, self.session)
    }

    pub fn seal(
        &mut self,
        codec: Codec,
        space: SpaceId,
        doc: DocId,
        changes: Option<(ChangeHash, ChangeHash)>,
        payload: &[u8],
    ) -> Envelope {
        let (seq, prev) = self.chains.get(&space).copied().unwrap_or((0, None));
        let session = self.session;
        let claimed_at = Timestamp(1);
        let content =
            Content { codec, space, doc, session, seq, prev, changes, claimed_at, payload };
        let envelope = Envelope::seal(content, &self.key);
        self.own.insert(envelope.hash(), envelope.clone());
        self.chains.insert(space, (seq + 1, Some(envelope.hash())));
        envelope
    }

    pub fn ask(&mut self, space: SpaceId, doc: DocId, command: Command) -> Envelope {
        let payload = cbor::to_named(&Request { basis: Vec::new(), command });
        self.seal(Codec::Command, space, doc, None, &payload)
    }

    /// A new workpaper, and the envelope of its birth.
    pub fn workpaper(&mut self, space: SpaceId, n: u8) -> (Document, DocId, Envelope) {
        let doc = DocId::from_bytes([n; 16]);
        let birth = Birth::new().text("title", "某市甲局采购拆分问题");
        let actor = self.actor(space, doc);
        let (document, body) = Document::born(DocKind::Workpaper, actor, &birth).unwrap();
        let hash = document.heads()[0];
        let envelope = self.seal(Codec::Content, space, doc, Some((hash, hash)), &body);
        (document, doc, envelope)
    }

    /// Writes into a workpaper, and returns the envelope of that.
    pub fn write(
        &mut self,
        space: SpaceId,
        doc: DocId,
        document: &mut Document,
        text: &str,
    ) -> Envelope {
        document.set_actor(self.actor(space, doc));
        let field = FieldPath::top("effect");
        let edit = Edit::SpliceText { field, at: 0, delete: 0, insert: text.to_owned() };
        let done = document.edit(&[edit]).unwrap().expect("it changes something");
        // A long text is several changes.
        let changes = precheck::check(&done.raw, &precheck::Limits::default()).unwrap();
        let first = changes[0].hash;
        self.seal(Codec::Content, space, doc, Some((first, done.hash)), &done.raw)
    }

    /// The verdict that was read on an envelope.
    pub fn verdict(&self, envelope: &Envelope) -> Option<&Verdict> {
        let about = |entry: &&Entry| entry.body().envelope == Some(envelope.hash());
        self.entries.iter().find(about).and_then(|entry| entry.verdict())
    }

    /// Whether the server's signed receipt for an envelope is among these.
    pub fn receipted(&self, heard: &[Down], envelope: &Envelope) -> bool {
        let key = self.server.unwrap();
        heard.iter().any(|frame| match frame {
            Down::Receipt(receipt) => Receipt::open(receipt, &key)
                .is_some_and(|body| body.envelopes.contains(&envelope.hash())),
            _ => false,
        })
    }
}

/// Why an envelope was rejected, if it was.
pub fn rejected<'h>(heard: &'h [Down], envelope: &Envelope) -> Option<&'h Reject> {
    heard.iter().find_map(|frame| match frame {
        Down::Rejected { envelope: e, why } if *e == envelope.hash() => Some(why),
        _ => None,
    })
}
