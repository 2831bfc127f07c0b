//! The server's clock, which only in a training round may be moved.
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use shared::model::Timestamp;

/// The system's clock plus an offset; the offset is zero outside training rounds.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that is `offset` milliseconds ahead of the system's.
    pub fn with_offset(offset: i64) -> Self {
        Self { offset: Arc::new(AtomicI64::new(offset)) }
    }

    /// Returns the time it is.
    pub fn now(&self) -> Timestamp {
        system().plus_millis(self.offset())
    }

    /// Returns by how many milliseconds it is ahead of the system's.
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Moves the clock so that it is `now` now, and returns the new offset.
    pub(crate) fn set(&self, now: Timestamp) -> i64 {
        let offset = now.since(system());
        self.offset.store(offset, Ordering::Relaxed);
        offset
    }
}

fn system() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{path::Path, sync::Arc};

    use shared::{crypto::SigningKey, journal::server::Input};

    use super::*;
    use crate::{
        SandboxProgram,
        admin::{Answer, Office, Request, round_file, seed},
        app,
        identity::Identity,
        limits::{Gates, Limits},
        store::{SqliteOptions, SqliteStore, Store},
    };

    fn moment(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[tokio::test]
    async fn after_a_jump_nothing_falls_due_until_it_is_confirmed() {
        let folder = tempfile::TempDir::new().unwrap();
        let options = SqliteOptions { create: true, ..SqliteOptions::default() };
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(folder.path(), &options).await.unwrap());
        let identity = Arc::new(Identity::take_up(store.as_ref()).await.unwrap());
        let key = SigningKey::from_secret(&identity.key().to_secret());
        let clock = Clock::default();
        clock.set(moment("2026-05-08T09:00:00+08:00"));
        let sandbox = SandboxProgram { program: "none".into(), args: Vec::new(), children: 1 };
        let gates = Gates::new(Limits::default());
        let (app, _task) =
            app::start(key, store, clock.clone(), false, sandbox, gates).await.unwrap();
        let office = Office::new(app.clone(), identity, Arc::default());

        // A real round, in which 孙某 is a member up to the 10th.
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples");
        let mut plan = round_file::check_path(&examples.join("round-2026R2.toml")).unwrap();
        plan.round.training = false;
        let sun = plan.person_named("sunmou").unwrap().id;
        let held = plan.appointments.iter_mut().find(|a| a.person == sun).unwrap();
        held.until = Some("2026-05-10".parse().unwrap());
        let space = seed::engagement_space(plan.round.id, "G3-JIA");
        let apply = Request::Apply { plan: Box::new(plan), clock: None };
        assert!(matches!(office.carry_out(apply).await, Answer::Changes { .. }));
        let ended = async || {
            app.carry_out(Input::Tick).await.unwrap();
            office.state(space).await.unwrap().members[&sun].ended.is_some()
        };
        assert!(!ended().await);

        // Somebody sets the machine's clock to the 11th; it may be wrong.
        clock.set(moment("2026-05-11T09:00:00+08:00"));
        assert!(!ended().await);
        assert!(!ended().await, "however long it stays so");
        clock.set(moment("2026-05-08T09:01:00+08:00"));
        assert!(!ended().await, "it was wrong, and is right again");
        clock.set(moment("2026-05-11T09:00:00+08:00"));
        assert!(!ended().await);
        assert!(matches!(office.carry_out(Request::ConfirmClock).await, Answer::Done));
        assert!(ended().await, "an administrator says that it is right");
        app.stop().await;
    }
}
