//! The door: HTTP and WebSocket over TLS 1.3.
//!
//! Requests are turned into inputs of the core and its frames into answers; nothing is decided
//! here but who is speaking. Answers that refuse are the same for what does not exist and for
//! what is not allowed.
mod auth;
mod enrol;
mod exchange;
mod files;
mod link;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use shared::api::{files::CHUNK_LEN, paths, session::Problem};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::{app::Handle, identity::Identity};
use auth::Sessions;
pub(crate) use enrol::carry_out as enrolled;
use files::Files;

/// The longest body of an exchange, in bytes.
pub const MAX_EXCHANGE: usize = 16 * 1024 * 1024;
/// The longest body of any other request, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long any request may take; an exchange waits for less.
const REQUEST_TIME: Duration = Duration::from_secs(120);

/// What all requests share.
pub(crate) struct Front {
    pub(crate) app: Handle,
    pub(crate) identity: Arc<Identity>,
    pub(crate) training: Arc<std::sync::atomic::AtomicBool>,
    sessions: Mutex<Sessions>,
    files: Files,
}

impl Front {
    pub(crate) fn new(
        app: Handle,
        identity: Arc<Identity>,
        training: Arc<std::sync::atomic::AtomicBool>,
        data: &std::path::Path,
    ) -> Arc<Self> {
        let files = Files::new(data.join("files"));
        Arc::new(Self { app, identity, training, sessions: Mutex::default(), files })
    }
}

/// A refusal: a status and a code.
#[derive(Debug)]
pub(crate) struct Refused(StatusCode, &'static str);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(Problem { error: self.1.to_owned() })).into_response()
    }
}

impl From<crate::app::AppError> for Refused {
    fn from(error: crate::app::AppError) -> Self {
        use crate::app::AppError;
        match error {
            AppError::Full => Self(StatusCode::INSUFFICIENT_STORAGE, "full"),
            AppError::Failed | AppError::Stopped => Self(StatusCode::SERVICE_UNAVAILABLE, "busy"),
        }
    }
}

impl From<crate::store::StoreError> for Refused {
    fn from(error: crate::store::StoreError) -> Self {
        tracing::error!(%error, "the store fails");
        match error {
            crate::store::StoreError::Full => Self(StatusCode::INSUFFICIENT_STORAGE, "full"),
            _ => Self(StatusCode::SERVICE_UNAVAILABLE, "busy"),
        }
    }
}

/// Answers every road that leads here.
pub(crate) fn router(front: Arc<Front>) -> Router {
    let file = get(files::get).head(files::head).put(files::put);
    Router::new()
        .route(paths::HEALTH, get(|| async { "ok" }))
        .route(paths::READY, get(ready))
        .route(paths::ENROL, post(enrol::enrol))
        .route(paths::CHALLENGE, post(auth::challenge))
        .route(paths::SESSION, post(auth::session))
        .route(paths::EXCHANGE, post(exchange::exchange).layer(DefaultBodyLimit::max(MAX_EXCHANGE)))
        .route(paths::LINK, get(link::link))
        .route("/v1/spaces/{space}/files/{name}", file.layer(DefaultBodyLimit::max(CHUNK_LEN)))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIME))
        .layer(CatchPanicLayer::new())
        .with_state(front)
}

/// Ready when the task that owns the core answers.
async fn ready(State(front): State<Arc<Front>>) -> Result<&'static str, Refused> {
    Ok(front.app.ask(|_, _| "ready").await?)
}

/// Serves until the handle says stop.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    front: Arc<Front>,
    handle: axum_server::Handle<SocketAddr>,
) -> Result<(), crate::ServeError> {
    let tls = axum_server::tls_rustls::RustlsConfig::from_config(front.identity.tls()?);
    let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
    server.http_builder().http1().header_read_timeout(Duration::from_secs(20));
    server.serve(router(front).into_make_service()).await?;
    Ok(())
}
