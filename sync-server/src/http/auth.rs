//! Who is speaking: challenges, sessions, tokens.
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, State},
    http::{StatusCode, header::AUTHORIZATION, request::Parts},
};
use data_encoding::BASE64URL_NOPAD;
use shared::{
    api::session::{Challenge, Hex32, Session, SessionRequest},
    crypto::{Context, VerifyingKey, hash::hash},
    journal::server::Server,
    model::{DeviceId, Digest},
    workflow::ids,
};

use super::{Front, Refused, too_many};

const TOKEN: Context = Context("xunji session token");
/// How long a challenge is good for.
const CHALLENGE_LIFE: Duration = Duration::from_secs(60);
/// How many challenges may stand at once.
const MAX_CHALLENGES: usize = 4096;
/// After this long without a request a session is over.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// How many sessions may be open at once.
const MAX_SESSIONS: usize = 10_000;
/// How many sessions one device may have: the one used longest ago gives way.
const SESSIONS_OF_ONE: usize = 16;

/// Challenges and sessions; in memory only, so a restart ends them all.
#[derive(Default)]
pub(super) struct Sessions {
    challenges: HashMap<[u8; 32], Instant>,
    /// By the hash of the token.
    open: HashMap<Digest, (DeviceId, Instant)>,
}

impl Sessions {
    fn challenge(&mut self, nonce: [u8; 32], now: Instant) -> bool {
        if self.challenges.len() >= MAX_CHALLENGES {
            self.challenges.retain(|_, made| now < *made + CHALLENGE_LIFE);
        }
        let room = self.challenges.len() < MAX_CHALLENGES;
        if room {
            self.challenges.insert(nonce, now);
        }
        room
    }

    /// Takes a challenge away; tells whether it was good.
    fn spend(&mut self, nonce: &[u8; 32], now: Instant) -> bool {
        self.challenges.remove(nonce).is_some_and(|made| now < made + CHALLENGE_LIFE)
    }

    fn begin(&mut self, token: &str, device: DeviceId, now: Instant) -> bool {
        let own = self.open.iter().filter(|(_, (of, _))| *of == device);
        let oldest = own.clone().min_by_key(|(_, (_, used))| *used).map(|(hash, _)| *hash);
        if own.count() >= SESSIONS_OF_ONE
            && let Some(oldest) = oldest
        {
            self.open.remove(&oldest);
        }
        if self.open.len() >= MAX_SESSIONS {
            self.open.retain(|_, (_, used)| now < *used + IDLE);
        }
        let room = self.open.len() < MAX_SESSIONS;
        if room {
            self.open.insert(hash(TOKEN, &[token.as_bytes()]), (device, now));
        }
        room
    }

    fn device(&mut self, token: &str, now: Instant) -> Option<DeviceId> {
        let hash = hash(TOKEN, &[token.as_bytes()]);
        let (device, used) = self.open.get_mut(&hash)?;
        if now < *used + IDLE {
            *used = now;
            return Some(*device);
        }
        self.open.remove(&hash);
        None
    }
}

/// Returns the key of an enrolled device, from its holder's control space, or from any other
/// that knows it: a restored server may have lost the one and been given back the other, and
/// the certificate is its own word in both. One that was revoked still speaks: what it says is
/// stored and set aside (design §3).
pub(super) fn device_key(server: &Server, device: DeviceId) -> Option<VerifyingKey> {
    let control = server.holder(device).map(ids::control_space);
    let known = control.and_then(|space| server.space(space)?.state().device(device));
    let known =
        known.or_else(|| server.spaces().find_map(|(_, space)| space.state().device(device)))?;
    VerifyingKey::from_bytes(&known.key).ok()
}

fn no_session() -> Refused {
    Refused(StatusCode::UNAUTHORIZED, "no_session")
}

fn random<const N: usize>() -> Result<[u8; N], Refused> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Refused(StatusCode::SERVICE_UNAVAILABLE, "busy"))?;
    Ok(bytes)
}

impl Front {
    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        // The maps are whole after every step, so a panic elsewhere spoils nothing.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives out something to sign.
pub(super) async fn challenge(
    State(front): State<Arc<Front>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
) -> Result<Json<Challenge>, Refused> {
    if !front.gates.login(from.ip()) {
        return Err(too_many());
    }
    let nonce = random()?;
    if !front.sessions().challenge(nonce, Instant::now()) {
        return Err(too_many());
    }
    Ok(Json(Challenge {
        nonce: Hex32(nonce),
        server_key: Hex32(*front.identity.verifying_key().as_bytes()),
        now: front.app.clock().now(),
    }))
}

/// Opens a session for a device that signed a challenge.
pub(super) async fn session(
    State(front): State<Arc<Front>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(request): Json<SessionRequest>,
) -> Result<Json<Session>, Refused> {
    if !front.gates.login(from.ip()) {
        return Err(too_many());
    }
    let good = front.sessions().spend(&request.nonce.0, Instant::now());
    let device = request.device;
    let key = front.app.ask(move |server, _| device_key(server, device)).await?;
    let server = front.identity.verifying_key();
    if !good || !key.is_some_and(|key| request.holds(&server, &key)) {
        return Err(no_session());
    }
    // Counted only now: nobody else can use up what a device may ask for.
    if !front.gates.session(device) {
        return Err(too_many());
    }
    let token = BASE64URL_NOPAD.encode(&random::<32>()?);
    if !front.sessions().begin(&token, device, Instant::now()) {
        return Err(too_many());
    }
    Ok(Json(Session { token, idle_seconds: IDLE.as_secs() as u32 }))
}

/// The device whose session a request belongs to.
pub(super) struct Speaker(pub(super) DeviceId);

impl FromRequestParts<Arc<Front>> for Speaker {
    type Rejection = Refused;

    async fn from_request_parts(
        parts: &mut Parts,
        front: &Arc<Front>,
    ) -> Result<Self, Self::Rejection> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|h| h.to_str().ok());
        let token = header.and_then(|h| h.strip_prefix("Bearer ")).ok_or_else(no_session)?;
        front.sessions().device(token, Instant::now()).map(Self).ok_or_else(no_session)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_challenge_is_good_once_and_for_a_minute() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        assert!(sessions.challenge([1; 32], now) && sessions.challenge([2; 32], now));
        assert!(sessions.spend(&[1; 32], now));
        assert!(!sessions.spend(&[1; 32], now));
        assert!(!sessions.spend(&[2; 32], now + CHALLENGE_LIFE));
        assert!(!sessions.spend(&[3; 32], now));
    }

    #[test]
    fn challenges_do_not_pile_up_for_ever() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        for i in 0..MAX_CHALLENGES {
            let mut nonce = [0; 32];
            nonce[..8].copy_from_slice(&i.to_le_bytes());
            assert!(sessions.challenge(nonce, now));
        }
        assert!(!sessions.challenge([0xff; 32], now));
        assert!(sessions.challenge([0xff; 32], now + CHALLENGE_LIFE));
    }

    #[test]
    fn a_device_that_opens_many_sessions_closes_its_own() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let [many, other] = [1, 2].map(|n| DeviceId::from_bytes([n; 16]));
        assert!(sessions.begin("other", other, now));
        for n in 0..=SESSIONS_OF_ONE {
            assert!(sessions.begin(&n.to_string(), many, now + Duration::from_secs(n as u64)));
        }
        let now = now + Duration::from_secs(60);
        assert_eq!(sessions.device("0", now), None);
        assert_eq!(sessions.device("1", now), Some(many));
        assert_eq!(sessions.device("other", now), Some(other));
    }

    #[test]
    fn a_session_ends_when_it_is_not_used() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let device = DeviceId::from_bytes([1; 16]);
        sessions.begin("token", device, now);
        assert_eq!(sessions.device("other", now), None);
        let later = now + IDLE / 2;
        assert_eq!(sessions.device("token", later), Some(device));
        assert_eq!(sessions.device("token", now + IDLE), Some(device), "its use prolonged it");
        assert_eq!(sessions.device("token", now + IDLE * 3), None);
    }
}
