//! Trials: bytes from the store into the sandbox, its report back to the core.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sandbox::{Confinement, Pool};
use shared::{
    doc::{TrialError, TrialReport, TrialRequest, Trials, trial::Bytes},
    journal::server::TrialFailure,
    model::{Digest, DocId, SpaceId},
};

use crate::store::{Store, StoreError};

/// How long a trial may take. More than the processor time that a child has, so that bytes
/// which never end are found out as such ([`sandbox::SandboxDeath::may_be_the_input`]).
const TIME: Duration = Duration::from_secs(60);

const REPORT: u8 = 0;
const DAMAGED: u8 = 1;

/// What is to be tried.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) space: SpaceId,
    pub(crate) doc: DocId,
    pub(crate) snapshot: bool,
    pub(crate) later: Vec<Digest>,
    pub(crate) batch: Vec<Digest>,
    pub(crate) alone: bool,
    pub(crate) brief: bool,
}

/// Runs a trial.
pub(crate) async fn run(
    pool: Arc<Pool>,
    store: Arc<dyn Store>,
    job: Job,
) -> Result<TrialReport, TrialFailure> {
    let request = match request(store.as_ref(), &job).await {
        Ok(request) => request,
        Err(error) => {
            tracing::error!(%error, space = %job.space, doc = %job.doc, "a trial cannot be read");
            return Err(TrialFailure::Later);
        }
    };
    let begun = Instant::now();
    let answer = if job.alone {
        pool.run_alone(&request, TIME).await
    } else {
        pool.run(&request, TIME).await
    };
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(doc = %job.doc, envelopes = job.batch.len(), millis, "trial");
    match answer {
        Ok(answer) => open(&answer),
        Err(death) => {
            tracing::warn!(%death, doc = %job.doc, alone = job.alone, "a trial has no answer");
            Err(if death.may_be_the_input() { TrialFailure::Died } else { TrialFailure::Later })
        }
    }
}

async fn request(store: &dyn Store, job: &Job) -> Result<Vec<u8>, StoreError> {
    let base = match job.snapshot {
        true => store.snapshot(job.space, job.doc).await?.map(Bytes),
        false => None,
    };
    let later = payloads(store, &job.later).await?;
    let batch = payloads(store, &job.batch).await?;
    let request = TrialRequest { base, later, batch, brief: job.brief, ..TrialRequest::default() };
    request.to_cbor().map_err(|e| StoreError::Damaged { table: "envelopes", why: e.to_string() })
}

async fn payloads(store: &dyn Store, hashes: &[Digest]) -> Result<Vec<Bytes>, StoreError> {
    let envelopes = store.envelopes(hashes).await?;
    if envelopes.len() != hashes.len() {
        let why = "an envelope that was stored is not there".to_owned();
        return Err(StoreError::Damaged { table: "envelopes", why });
    }
    Ok(envelopes.iter().map(|e| Bytes(e.payload().to_vec())).collect())
}

fn open(answer: &[u8]) -> Result<TrialReport, TrialFailure> {
    match answer.split_first() {
        Some((&REPORT, report)) => TrialReport::from_cbor(report).map_err(|_| TrialFailure::Died),
        Some((&DAMAGED, _)) => Err(TrialFailure::Damaged),
        _ => Err(TrialFailure::Died),
    }
}

/// Is a sandbox child: confines this process and tries what it is sent, until the pipe
/// closes. Call it first thing in `main`.
pub fn sandbox_child() -> ! {
    let mut trials = Trials::default();
    sandbox::child::serve(&Confinement::default(), |request| {
        let report = TrialRequest::from_cbor(request).and_then(|r| trials.try_batch(&r));
        match report.and_then(|report| report.to_cbor()) {
            Ok(mut bytes) => {
                bytes.insert(0, REPORT);
                bytes
            }
            Err(TrialError::Base(_) | TrialError::Request | TrialError::Report) => vec![DAMAGED],
        }
    })
}
