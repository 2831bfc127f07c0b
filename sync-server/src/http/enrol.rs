//! Enrolment by one-time code.
use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::StatusCode,
};
use shared::{
    api::{
        enrol::{EnrolRequest, Enrolled},
        session::Hex32,
    },
    crypto::VerifyingKey,
    journal::server::Input,
    model::PersonId,
    workflow::ids,
};

use super::{Front, Refused, too_many};
use crate::{app::Handle, codes, identity::Identity};

/// Enrols a device. Every reason to refuse gives the same answer.
pub(super) async fn enrol(
    State(front): State<Arc<Front>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(request): Json<EnrolRequest>,
) -> Result<Json<Enrolled>, Refused> {
    if !front.gates.enrol(from.ip()) {
        return Err(too_many());
    }
    let refused = || Refused(StatusCode::FORBIDDEN, "code_refused");
    let key = request.verified().ok_or_else(refused)?;
    let (selector, secret) = codes::read(&request.code).ok_or_else(refused)?;
    let now = front.app.clock().now();
    let person = front.app.store().spend_code(&selector, secret, now).await?;
    let person = person.ok_or_else(refused)?;
    let training = front.training.load(Ordering::Relaxed);
    let enrolled =
        carry_out(&front.app, &front.identity, training, person, key, request.name).await?;
    enrolled.map(Json).ok_or_else(refused)
}

/// Certifies a device and says what it must know; `None` if the person is not known here or
/// the device was revoked or is someone else's.
pub(crate) async fn carry_out(
    app: &Handle,
    identity: &Identity,
    training: bool,
    person: PersonId,
    key: VerifyingKey,
    name: String,
) -> Result<Option<Enrolled>, crate::app::AppError> {
    app.carry_out(Input::Enrol { person, key, name: name.clone() }).await?;
    let (device, control_space) = (key.device_id(), ids::control_space(person));
    let held = app
        .ask(move |server, _| {
            let state = server.space(control_space)?.state();
            let known = state.device(device)?;
            (known.person == person && known.revoked_at.is_none()).then_some(())?;
            Some(state.info.as_ref()?.title.clone())
        })
        .await?;
    Ok(held.map(|name| Enrolled {
        person,
        name,
        device,
        server_key: Hex32(*identity.verifying_key().as_bytes()),
        certificate: identity.fingerprint(),
        control_space,
        training,
        now: app.clock().now(),
    }))
}
