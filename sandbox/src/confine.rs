//! Takes from this process all that a parser does not need.

/// How much a child may use. What a system cannot enforce is listed in the crate's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confinement {
    /// Address space in bytes, the program's own image included; 512 MiB.
    pub memory: u64,
    /// Processor time in seconds over the child's whole life; 30, some four times what
    /// [`crate::PoolConfig::requests`] honest requests take. The pool's time-out bounds a
    /// single request.
    pub cpu_seconds: u64,
}

impl Default for Confinement {
    fn default() -> Self {
        Self { memory: 512 * 1024 * 1024, cpu_seconds: 30 }
    }
}

/// A limit that the system did not accept.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(not(unix), expect(dead_code, reason = "nothing to refuse on this system"))]
pub(crate) enum ConfineError {
    #[cfg(unix)]
    #[error("a resource limit was not accepted")]
    Limit(#[from] rustix::io::Errno),
    #[cfg(target_os = "linux")]
    #[error("the system call filter was not accepted")]
    Filter(#[from] seccompiler::Error),
    #[cfg(target_os = "linux")]
    #[error("the system call filter could not be built")]
    Build(#[from] seccompiler::BackendError),
}

/// Confines the calling process for good.
#[cfg(target_os = "linux")]
pub(crate) fn confine(confinement: &Confinement) -> Result<(), ConfineError> {
    use rustix::process::Resource;

    limit(Resource::As, confinement.memory)?;
    limit_cpu(confinement.cpu_seconds)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Nproc, 0)?;
    // Its three pipes are open already.
    limit(Resource::Nofile, 3)?;
    filter::apply()
}

/// Confines the calling process as far as limits go.
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn confine(confinement: &Confinement) -> Result<(), ConfineError> {
    use rustix::process::Resource;

    limit_cpu(confinement.cpu_seconds)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)
}

/// Nothing to take away without unsafe code: the pool's time-out is all there is.
#[cfg(not(unix))]
pub(crate) fn confine(_: &Confinement) -> Result<(), ConfineError> {
    Ok(())
}

/// Lets nothing of this process's memory come into a core file, also not through a program
/// that the system starts for one. For whoever holds text, before there is any.
///
/// # Errors
/// What the system says. There is nothing to take away outside Unix.
pub fn no_core_dumps() -> std::io::Result<()> {
    #[cfg(unix)]
    lower(rustix::process::Resource::Core, 0, 0)?;
    // Where a core goes to a program, the limit is not asked.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Lowers a limit, the hard one too, so that it cannot be raised again.
#[cfg(unix)]
fn limit(resource: rustix::process::Resource, to: u64) -> Result<(), ConfineError> {
    Ok(lower(resource, to, to)?)
}

/// Limits processor time with a second between the signal that says so and the plain kill,
/// which could as well come from a system short of memory.
#[cfg(unix)]
fn limit_cpu(seconds: u64) -> Result<(), ConfineError> {
    Ok(lower(rustix::process::Resource::Cpu, seconds, seconds.saturating_add(1))?)
}

#[cfg(unix)]
fn lower(resource: rustix::process::Resource, soft: u64, hard: u64) -> rustix::io::Result<()> {
    let within = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = rustix::process::Rlimit {
        current: Some(soft.min(within)),
        maximum: Some(hard.min(within)),
    };
    rustix::process::setrlimit(resource, limit)
}

#[cfg(target_os = "linux")]
mod filter {
    //! Which system calls are left. Any other kills the process.
    use std::{collections::BTreeMap, process};

    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Cmp,
        SeccompCondition as Condition, SeccompFilter, SeccompRule as Rule, TargetArch,
    };

    use super::ConfineError;

    /// Calls that touch nothing but this process: memory, locks, clocks, signals, its end.
    const FREE: &[i64] = &[
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        // The allocator counts processors before it gives up.
        libc::SYS_sched_getaffinity,
        libc::SYS_rseq,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];

    pub(super) fn apply() -> Result<(), ConfineError> {
        let arch = TargetArch::try_from(std::env::consts::ARCH)?;
        let on_other = SeccompAction::KillProcess;
        let filter = SeccompFilter::new(rules()?, on_other, SeccompAction::Allow, arch)?;
        let program = BpfProgram::try_from(filter)?;
        Ok(seccompiler::apply_filter_all_threads(&program)?)
    }

    fn rules() -> Result<BTreeMap<i64, Vec<Rule>>, seccompiler::BackendError> {
        let mut rules: BTreeMap<i64, Vec<Rule>> =
            FREE.iter().map(|call| (*call, Vec::new())).collect();
        let descriptor = |fd| Rule::new(vec![Condition::new(0, Len::Dword, Cmp::Eq, fd)?]);
        rules.insert(libc::SYS_read, vec![descriptor(0)?]);
        rules.insert(libc::SYS_write, vec![descriptor(1)?, descriptor(2)?]);
        // Memory may be had, but none that can be executed.
        let executable = u64::try_from(libc::PROT_EXEC).unwrap_or(u64::MAX);
        for call in [libc::SYS_mmap, libc::SYS_mprotect] {
            let plain = Condition::new(2, Len::Dword, Cmp::MaskedEq(executable), 0)?;
            rules.insert(call, vec![Rule::new(vec![plain])?]);
        }
        // Aborting is sending a signal to oneself; to nobody else.
        let own = u64::from(process::id());
        rules.insert(libc::SYS_tgkill, vec![descriptor(own)?]);
        Ok(rules)
    }
}
