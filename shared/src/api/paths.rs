//! Where things are on the server.

/// Alive: the process answers.
pub const HEALTH: &str = "/health";
/// Ready: the journal is loaded and commits succeed.
pub const READY: &str = "/ready";
/// Enrols a device by code.
pub const ENROL: &str = "/v1/enrol";
/// Asks for something to sign.
pub const CHALLENGE: &str = "/v1/challenge";
/// Opens a session.
pub const SESSION: &str = "/v1/session";
/// Frames up, frames down. `?wait=MILLISECONDS` waits for decisions.
pub const EXCHANGE: &str = "/v1/exchange";
/// The live link: a WebSocket, one frame in each binary message.
pub const LINK: &str = "/v1/link";

/// Returns the path of a file of a space.
pub fn file(space: crate::model::SpaceId, name: &crate::model::Digest) -> String {
    format!("/v1/spaces/{space}/files/{name}")
}
