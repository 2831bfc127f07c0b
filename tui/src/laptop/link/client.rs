//! Requests to one server, and the session they run in.
use std::{sync::Arc, time::Duration};

use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    api::{
        paths,
        session::{Challenge, Problem, Session, SessionRequest},
    },
    crypto::{SigningKey, VerifyingKey},
    model::{Digest, Timestamp},
};

use super::{LinkError, pin::Pin};

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take; longer than the longest wait an exchange may ask for.
const ANSWER: Duration = Duration::from_secs(150);

/// A client of one server; cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub(super) tls: Arc<rustls::ClientConfig>,
    pin: Arc<Pin>,
    base: String,
    pub(super) token: Option<String>,
}

impl Client {
    /// Makes a client for the server at `url` with this certificate, or, before enrolment,
    /// with whatever certificate it shows.
    ///
    /// # Errors
    /// [`LinkError::Answer`] if TLS cannot be set up.
    pub fn new(url: &str, certificate: Option<Digest>) -> Result<Self, LinkError> {
        let pin = Arc::new(Pin::new(certificate));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|e| LinkError::Answer(e.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(pin.clone())
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .no_proxy()
            .build()
            .map_err(|e| LinkError::Answer(e.to_string()))?;
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { http, tls: Arc::new(tls), pin, base, token: None })
    }

    /// Returns the fingerprint of the certificate last shown.
    pub fn shown(&self) -> Option<Digest> {
        self.pin.seen()
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Asks the server what time it has.
    ///
    /// # Errors
    /// As every request.
    pub async fn time(&self) -> Result<Timestamp, LinkError> {
        let challenge: Challenge =
            self.json(Method::POST, paths::CHALLENGE, &serde_json::Value::Null).await?;
        Ok(challenge.now)
    }

    /// Opens a session for a device: signs the server's challenge.
    ///
    /// # Errors
    /// [`LinkError::OtherServer`] if the server names another key than the pinned one,
    /// [`LinkError::Refused`] if it does not take the device.
    pub async fn open(
        &mut self,
        device: &SigningKey,
        server: &VerifyingKey,
    ) -> Result<(), LinkError> {
        let challenge: Challenge =
            self.json(Method::POST, paths::CHALLENGE, &serde_json::Value::Null).await?;
        if challenge.server_key.0 != *server.as_bytes() {
            return Err(LinkError::OtherServer);
        }
        let request = SessionRequest::sign(challenge.nonce, server, device);
        let session: Session = self.json(Method::POST, paths::SESSION, &request).await?;
        self.token = Some(session.token);
        Ok(())
    }

    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, LinkError> {
        let body = serde_json::to_vec(body).map_err(|e| LinkError::Answer(e.to_string()))?;
        let request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body);
        let bytes = self.send(request).await?;
        serde_json::from_slice(&bytes).map_err(|e| LinkError::Answer(e.to_string()))
    }

    /// Posts frames and returns the frames of the answer.
    pub(super) async fn post(&self, path: &str, body: Vec<u8>) -> Result<Vec<u8>, LinkError> {
        self.send(self.request(Method::POST, path).body(body)).await
    }

    /// Begins a request inside the session.
    pub(super) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, LinkError> {
        let answer = request.send().await.map_err(|e| self.unreachable(&e))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|e| self.unreachable(&e))?;
        if status.is_success() {
            return Ok(bytes.to_vec());
        }
        let error = serde_json::from_slice::<Problem>(&bytes)
            .map_or_else(|_| status.canonical_reason().unwrap_or("?").to_owned(), |p| p.error);
        Err(match (status, error.as_str()) {
            (_, "code_refused") => LinkError::Code,
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => LinkError::Refused,
            (_, "recovering") => LinkError::Recovering,
            _ => LinkError::Server { status: status.as_u16(), error },
        })
    }

    pub(super) fn unreachable(&self, e: &reqwest::Error) -> LinkError {
        // The pin's refusal comes wrapped several times; what it noted says it plainly.
        let mut source: Option<&dyn std::error::Error> = Some(e);
        let mut text = String::new();
        while let Some(s) = source {
            text = s.to_string();
            if text.contains("certificate") {
                return LinkError::OtherServer;
            }
            source = s.source();
        }
        LinkError::Unreachable(text)
    }
}
