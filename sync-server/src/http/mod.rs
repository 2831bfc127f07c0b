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
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_server::{
    accept::NoDelayAcceptor,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use shared::api::{files::CHUNK_LEN, paths, session::Problem};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::{app::Handle, identity::Identity, limits::Gates};
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
    gates: Arc<Gates>,
    sessions: Mutex<Sessions>,
    files: Files,
}

impl Front {
    pub(crate) fn new(
        app: Handle,
        identity: Arc<Identity>,
        training: Arc<std::sync::atomic::AtomicBool>,
        gates: Arc<Gates>,
        data: &std::path::Path,
    ) -> Arc<Self> {
        let files = Files::new(data.join("files"));
        Arc::new(Self { app, identity, training, gates, sessions: Mutex::default(), files })
    }
}

/// A refusal: a status and a code.
#[derive(Debug)]
pub(crate) struct Refused(StatusCode, &'static str);

/// One asks for more than it may.
fn too_many() -> Refused {
    Refused(StatusCode::TOO_MANY_REQUESTS, "too_many")
}

/// When to ask again what could not be done now, in seconds.
const ASK_AGAIN: &str = "10";

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = (self.0, Json(Problem { error: self.1.to_owned() })).into_response();
        if matches!(self.0.as_u16(), 429 | 503 | 507) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(ASK_AGAIN));
        }
        response
    }
}

/// Gives every refusal the same form, also those that no handler of ours made: a path that is
/// not there, a body that is too long or does not read, a request that took too long.
async fn same_form(response: Response) -> Response {
    let status = response.status();
    let json = response.headers().get(CONTENT_TYPE).is_some_and(|t| t == "application/json");
    if json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        StatusCode::CONFLICT => "offset",
        StatusCode::LOCKED => "locked",
        StatusCode::PAYLOAD_TOO_LARGE => "too_long",
        StatusCode::TOO_MANY_REQUESTS => "too_many",
        StatusCode::INSUFFICIENT_STORAGE => "full",
        status if status.is_server_error() => "failed",
        _ => "bad_request",
    };
    let mut refused = Refused(status, code).into_response();
    // What a handler said beside it stays: how much of a file is held, for one.
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            refused.headers_mut().insert(name.clone(), value.clone());
        }
    }
    refused
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
        .layer(map_response(same_form))
        .with_state(front)
}

/// Ready when the task that owns the core answers and commits are taken.
async fn ready(State(front): State<Arc<Front>>) -> Result<&'static str, Refused> {
    if front.app.ready().await? { Ok("ready") } else { Err(crate::app::AppError::Full.into()) }
}

/// Serves until the handle says stop.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    front: Arc<Front>,
    handle: axum_server::Handle<SocketAddr>,
) -> Result<(), crate::ServeError> {
    let tls = RustlsConfig::from_config(front.identity.tls()?);
    // A receipt is small and is waited for: it must not lie until the one before is acknowledged.
    let acceptor = RustlsAcceptor::new(tls).acceptor(NoDelayAcceptor::new());
    let mut server = axum_server::from_tcp(listener)?.acceptor(acceptor).handle(handle);
    server.http_builder().http1().header_read_timeout(Duration::from_secs(20));
    let router = router(front).into_make_service_with_connect_info::<SocketAddr>();
    server.serve(router).await?;
    Ok(())
}
