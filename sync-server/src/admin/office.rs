//! What an administrator asks for, carried out.
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use shared::{
    api::enrol::{EnrolGrant, EnrolRequest, pin_words},
    journal::server::Input,
    model::{DeviceId, PersonId, SpaceId, Timestamp},
    workflow::{
        SpaceState,
        deadline::{local_day, start_of_day},
        ids,
    },
};

use super::{
    Answer, Request,
    round_file::{Change, RoundPlan, difference},
    seed,
};
use crate::{
    app::{AppError, Handle},
    codes, http,
    identity::Identity,
    serve::is_training,
    store::{Store, StoreError},
};

const ROUND: &str = "round";
const OFFSET: &str = "clock_offset";
const URL: &str = "url";
/// A training round that is applied before or after its days begins at this hour of its first.
const FIRST_HOUR_MILLIS: i64 = 8 * 60 * 60 * 1000;

/// Reads the round that was applied last.
pub(crate) async fn stored_round(store: &dyn Store) -> Result<Option<RoundPlan>, StoreError> {
    let bytes = store.meta(ROUND).await?;
    bytes
        .map(|bytes| serde_json::from_slice(&bytes))
        .transpose()
        .map_err(|e| StoreError::Damaged { table: "meta", why: e.to_string() })
}

/// Reads by how many milliseconds the training clock is ahead.
pub(crate) async fn stored_offset(store: &dyn Store) -> Result<i64, StoreError> {
    let bytes = store.meta(OFFSET).await?;
    Ok(bytes.and_then(|b| b.try_into().ok()).map_or(0, i64::from_be_bytes))
}

/// Carries requests out, in the process that has the folder open.
pub struct Office {
    app: Handle,
    identity: Arc<Identity>,
    training: Arc<AtomicBool>,
    url: Mutex<String>,
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Office({})", self.pin())
    }
}

/// Why a request was not carried out.
enum Failed {
    Refused(&'static str),
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<AppError> for Failed {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Full => Self::Refused("full"),
            AppError::Failed | AppError::Stopped => Self::Refused("failed"),
        }
    }
}

impl From<getrandom::Error> for Failed {
    fn from(_: getrandom::Error) -> Self {
        Self::Refused("failed")
    }
}

impl Office {
    pub(crate) fn new(app: Handle, identity: Arc<Identity>, training: Arc<AtomicBool>) -> Self {
        Self { app, identity, training, url: Mutex::default() }
    }

    /// Returns the server's identity.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// Returns the server's time.
    pub fn now(&self) -> Timestamp {
        self.app.clock().now()
    }

    /// Returns the state of a space as it is now; `None` if there is no such space, or the
    /// server is stopping.
    pub async fn state(&self, space: SpaceId) -> Option<SpaceState> {
        let state = self.app.ask(move |server, _| Some(server.space(space)?.state().clone()));
        state.await.ok().flatten()
    }

    pub(crate) fn training(&self) -> &Arc<AtomicBool> {
        &self.training
    }

    /// Returns what people compare with what their laptop shows.
    pub fn pin(&self) -> String {
        pin_words(&self.identity.fingerprint())
    }

    pub(crate) async fn set_url(&self, url: &str) -> Result<(), StoreError> {
        self.app.store().set_meta(URL, url.as_bytes()).await?;
        *self.url.lock().unwrap_or_else(PoisonError::into_inner) = url.to_owned();
        Ok(())
    }

    async fn url(&self) -> Result<String, StoreError> {
        let url = self.url.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !url.is_empty() {
            return Ok(url);
        }
        let bytes = self.app.store().meta(URL).await?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Carries a request out.
    pub async fn carry_out(&self, request: Request) -> Answer {
        match self.try_to(request).await {
            Ok(answer) => answer,
            Err(Failed::Refused(why)) => Answer::refused(why),
            Err(Failed::Store(StoreError::Full)) => Answer::refused("full"),
            Err(Failed::Store(error)) => {
                tracing::error!(%error, "an administrator's request failed");
                Answer::refused("failed")
            }
        }
    }

    async fn try_to(&self, request: Request) -> Result<Answer, Failed> {
        match request {
            Request::Health => self.health().await,
            Request::Compare { plan } => Ok(Answer::changes(&self.compare(&plan).await?)),
            Request::Apply { plan, clock } => self.apply(*plan, clock).await,
            Request::Invite { person } => self.invite(&person).await,
            Request::Enrol { request, person } => self.enrol(request, person).await,
            Request::Revoke { device, reason } => self.revoke(&device, reason).await,
            Request::SetClock { to } => self.set_clock(to).await,
            Request::ConfirmClock => self.done(Input::ConfirmClock).await,
            Request::EndRecovery => self.done(Input::EndRecovery).await,
            Request::Backup { file } => {
                self.app.store().backup(&file).await?;
                Ok(Answer::Done)
            }
        }
    }

    async fn done(&self, input: Input) -> Result<Answer, Failed> {
        self.app.carry_out(input).await?;
        Ok(Answer::Done)
    }

    async fn health(&self) -> Result<Answer, Failed> {
        let training = is_training(&self.training);
        let answer = self.app.ask(move |server, now| Answer::Health {
            epoch: server.epoch().no,
            recovering: server.recovering(),
            training,
            spaces: server.spaces().count(),
            undecided: server.spaces().map(|(_, s)| s.undecided()).sum(),
            now,
        });
        Ok(answer.await?)
    }

    async fn round(&self) -> Result<RoundPlan, Failed> {
        stored_round(self.app.store().as_ref()).await?.ok_or(Failed::Refused("no_round"))
    }

    async fn compare(&self, plan: &RoundPlan) -> Result<Vec<Change>, Failed> {
        let old = stored_round(self.app.store().as_ref()).await?;
        Ok(changes(old.as_ref(), plan))
    }

    async fn apply(&self, plan: RoundPlan, clock: Option<Timestamp>) -> Result<Answer, Failed> {
        let changes = self.compare(&plan).await?;
        let new = match stored_round(self.app.store().as_ref()).await? {
            // One server keeps one round: training and real ones never mix.
            Some(old) if old.round.id != plan.round.id => {
                return Err(Failed::Refused("other_round"));
            }
            old => old.is_none(),
        };
        if clock.is_some() && !plan.round.training {
            return Err(Failed::Refused("not_training"));
        }
        if plan.round.training {
            self.training.store(true, Ordering::Relaxed);
            self.app.trust_clock().await?;
            let first = if new { first_moment(&plan, self.app.clock().now()) } else { None };
            if let Some(to) = clock.or(first) {
                self.move_clock(to).await?;
            }
        }
        let seeded = plan.clone();
        let words = self
            .app
            .ask(move |server, now| {
                seed::words(&seeded, |id| server.space(id).map(|s| s.state()), now)
            })
            .await?
            .map_err(|_| Failed::Refused("failed"))?;
        self.app.carry_out(Input::Say(words)).await?;
        let bytes = serde_json::to_vec(&plan).map_err(|_| Failed::Refused("failed"))?;
        self.app.store().set_meta(ROUND, &bytes).await?;
        Ok(Answer::changes(&changes))
    }

    async fn invite(&self, person: &str) -> Result<Answer, Failed> {
        let plan = self.round().await?;
        let person = plan.person_named(person).ok_or(Failed::Refused("no_person"))?;
        let now = self.app.clock().now();
        let (text, code) = codes::draw(person.id, now)?;
        self.app.store().add_code(&code, now).await?;
        Ok(Answer::Invited {
            code: text,
            person: person.name.clone(),
            url: self.url().await?,
            pin: self.pin(),
            expires: code.expires,
        })
    }

    async fn enrol(&self, request: EnrolRequest, person: Option<String>) -> Result<Answer, Failed> {
        let plan = self.round().await?;
        let code = person.as_deref().unwrap_or(&request.person);
        let person = plan.person_named(code).ok_or(Failed::Refused("no_person"))?.id;
        let key = request.verified().ok_or(Failed::Refused("proof"))?;
        let training = is_training(&self.training);
        let enrolled =
            http::enrolled(&self.app, &self.identity, training, person, key, request.name);
        let enrolled = enrolled.await?.ok_or(Failed::Refused("no_device"))?;
        let grant = EnrolGrant::sign(&self.url().await?, &enrolled, self.identity.key());
        let grant = grant.map_err(|_| Failed::Refused("failed"))?;
        Ok(Answer::Enrolled { grant, device: enrolled.device, pin: self.pin() })
    }

    async fn revoke(&self, device: &str, reason: String) -> Result<Answer, Failed> {
        let plan = self.round().await?;
        let people: Vec<PersonId> = plan.people.iter().map(|p| p.id).collect();
        let begin = device.to_lowercase();
        let found: Vec<DeviceId> = self
            .app
            .ask(move |server, _| {
                let controls = people.iter().filter_map(|p| server.space(ids::control_space(*p)));
                controls
                    .flat_map(|s| s.state().devices.keys().copied())
                    .filter(|d| !begin.is_empty() && d.to_string().starts_with(&begin))
                    .collect()
            })
            .await?;
        let [device] = found[..] else { return Err(Failed::Refused("no_device")) };
        self.done(Input::Revoke { device, reason }).await
    }

    async fn set_clock(&self, to: Timestamp) -> Result<Answer, Failed> {
        if !is_training(&self.training) {
            return Err(Failed::Refused("not_training"));
        }
        self.move_clock(to).await?;
        // What falls due by it is said before the command ends.
        self.done(Input::Tick).await
    }

    async fn move_clock(&self, to: Timestamp) -> Result<(), Failed> {
        let offset = self.app.clock().set(to);
        self.app.store().set_meta(OFFSET, &offset.to_be_bytes()).await?;
        Ok(())
    }
}

/// Returns what a plan changes of the round that was applied last, if any was.
pub(super) fn changes(old: Option<&RoundPlan>, plan: &RoundPlan) -> Vec<Change> {
    match old {
        Some(old) => difference(old, plan),
        None => {
            let empty = RoundPlan {
                units: Vec::new(),
                groups: Vec::new(),
                engagements: Vec::new(),
                people: Vec::new(),
                appointments: Vec::new(),
                ..plan.clone()
            };
            difference(&empty, plan)
        }
    }
}

/// Returns the first working hour of a training round that is not held now.
fn first_moment(plan: &RoundPlan, now: Timestamp) -> Option<Timestamp> {
    let zone = plan.rule_pack.utc_offset;
    let today = local_day(now, zone).ok()?;
    if plan.round.starts <= today && today <= plan.round.ends {
        return None;
    }
    Some(start_of_day(plan.round.starts, zone).ok()?.plus_millis(FIRST_HOUR_MILLIS))
}
