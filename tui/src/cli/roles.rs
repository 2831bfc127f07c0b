//! The hidden roles in which this program starts itself: the sandbox, and in the demo the
//! server.
use std::{ffi::OsString, process::ExitCode};

use sandbox::Confinement;
use shared::doc::{TrialRequest, Trials};

/// The argument by which a laptop starts its own sandbox.
pub const SANDBOX: &str = "__sandbox";

/// Plays a hidden role if the arguments name one.
pub(super) fn play(args: &[OsString]) -> Option<ExitCode> {
    let role = args.get(1)?.to_str()?;
    if role == SANDBOX {
        sandbox();
    }
    #[cfg(feature = "demo")]
    {
        super::demo::role(role, args)
    }
    #[cfg(not(feature = "demo"))]
    None
}

/// Tries what a courier brought, in a process that may be lost. An empty answer means that
/// there is no report.
fn sandbox() -> ! {
    let mut trials = Trials::default();
    sandbox::child::serve(&Confinement::default(), |request| {
        let report = TrialRequest::from_cbor(request).and_then(|r| trials.try_batch(&r));
        report.and_then(|r| r.to_cbor()).unwrap_or_default()
    })
}
