//! Chunks of files as requests of their own, beside the frames and never in their way.
use reqwest::{Method, Response, StatusCode, header::HeaderMap};
use shared::{
    api::{
        files::{HASH, HELD, OFFSET, TOTAL},
        paths,
        session::Problem,
    },
    model::{Digest, SpaceId},
};

use super::{Client, LinkError, traffic::Traffic};
use crate::laptop::{
    Identity,
    transfer::{Chunk, FileRoad, Held, RoadError},
};

/// The road of files to one server.
///
/// It opens its session anew when the server has ended it, so a transfer outlives a restart.
#[derive(Clone)]
pub struct HttpRoad {
    client: Client,
    identity: Identity,
    traffic: Traffic,
}

impl HttpRoad {
    /// Makes a road in a client's session. A request is given up when `traffic` is stopped.
    pub fn new(client: &Client, identity: &Identity, traffic: &Traffic) -> Self {
        let (client, identity) = (client.clone(), identity.clone());
        Self { client, identity, traffic: traffic.clone() }
    }

    /// Sends a request, once more under a new session if the server knows no such session.
    async fn send(
        &mut self,
        request: impl Fn(&Client) -> reqwest::RequestBuilder + Send + Sync,
    ) -> Result<Response, RoadError> {
        let mut answer = self.once(request(&self.client)).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            let server = self.identity.server().ok_or_else(senseless)?;
            let opened = self.client.open(&self.identity.signing_key(), &server).await;
            opened.map_err(|e| lost(&e))?;
            answer = self.once(request(&self.client)).await?;
        }
        Ok(answer)
    }

    async fn once(&self, request: reqwest::RequestBuilder) -> Result<Response, RoadError> {
        let sent = tokio::select! {
            sent = request.send() => sent,
            () = self.traffic.stopped() => return Err(RoadError::Cut),
        };
        sent.map_err(|e| lost(&self.client.unreachable(&e)))
    }
}

impl FileRoad for HttpRoad {
    async fn head(&mut self, space: SpaceId, file: Digest) -> Result<Held, RoadError> {
        let path = paths::file(space, &file);
        let answer = self.send(|c| c.request(Method::HEAD, &path)).await?;
        match answer.status() {
            StatusCode::OK => held(answer.headers()),
            status => Err(refused(status, String::new())),
        }
    }

    async fn put(
        &mut self,
        space: SpaceId,
        file: Digest,
        total: u64,
        chunk: Chunk,
    ) -> Result<Held, RoadError> {
        let path = paths::file(space, &file);
        let answer = self
            .send(|c| {
                c.request(Method::PUT, &path)
                    .header(OFFSET, chunk.offset)
                    .header(TOTAL, total)
                    .header(HASH, chunk.hash.to_string())
                    .body(chunk.bytes.clone())
            })
            .await?;
        match answer.status() {
            StatusCode::OK | StatusCode::CONFLICT => held(answer.headers()),
            status => Err(refused(status, word(answer).await)),
        }
    }

    async fn get(
        &mut self,
        space: SpaceId,
        file: Digest,
        offset: u64,
    ) -> Result<Option<Chunk>, RoadError> {
        let path = format!("{}?offset={offset}", paths::file(space, &file));
        let answer = self.send(|c| c.request(Method::GET, &path)).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status => return Err(refused(status, word(answer).await)),
        }
        let said = answer.headers();
        let place = number(said, OFFSET).zip(text(said, HASH).and_then(|h| h.parse().ok()));
        let (offset, hash) = place.ok_or_else(senseless)?;
        let bytes = tokio::select! {
            bytes = answer.bytes() => bytes.map_err(|e| lost(&self.client.unreachable(&e)))?,
            () = self.traffic.stopped() => return Err(RoadError::Cut),
        };
        Ok(Some(Chunk { offset, hash, bytes: bytes.to_vec() }))
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|h| h.to_str().ok())
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name)?.parse().ok()
}

fn held(headers: &HeaderMap) -> Result<Held, RoadError> {
    let bytes = number(headers, HELD).ok_or_else(senseless)?;
    Ok(Held { bytes, whole: number(headers, TOTAL).is_some() })
}

/// What came is no answer of this protocol, perhaps a proxy's page.
fn senseless() -> RoadError {
    RoadError::Refused { code: "answer".to_owned() }
}

async fn word(answer: Response) -> String {
    let bytes = answer.bytes().await.unwrap_or_default();
    serde_json::from_slice::<Problem>(&bytes).map_or_else(|_| String::new(), |p| p.error)
}

fn refused(status: StatusCode, code: String) -> RoadError {
    match status {
        StatusCode::LOCKED
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::REQUEST_TIMEOUT => RoadError::Busy,
        StatusCode::INSUFFICIENT_STORAGE => RoadError::Full,
        // The answer to a HEAD has no words.
        StatusCode::NOT_FOUND => RoadError::Refused { code: "no_space".to_owned() },
        _ if code.is_empty() => RoadError::Refused { code: status.as_u16().to_string() },
        _ => RoadError::Refused { code },
    }
}

fn lost(error: &LinkError) -> RoadError {
    match error {
        LinkError::Unreachable(_) => RoadError::Cut,
        LinkError::OtherServer => RoadError::Refused { code: "other_server".to_owned() },
        LinkError::Refused => RoadError::Refused { code: "no_session".to_owned() },
        LinkError::Recovering => RoadError::Busy,
        LinkError::Server { status, .. } if *status >= 429 => RoadError::Busy,
        _ => senseless(),
    }
}
