//! A pool of real children, and every way to lose one.
#![allow(clippy::unwrap_used, clippy::panic)]
use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use sandbox::{MAX_FRAME, Pool, PoolConfig, SandboxDeath};

/// Far more than any test needs, also on a busy machine.
const LONG: Duration = Duration::from_secs(60);
/// Too short for an endless loop, long enough to start a child.
const SHORT: Duration = Duration::from_millis(300);

fn pool(children: usize) -> Pool {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_sandbox-probe"));
    Pool::new(PoolConfig::new(program, Vec::new(), children))
}

async fn ask(pool: &Pool, request: &str) -> String {
    String::from_utf8(pool.run(request.as_bytes(), LONG).await.unwrap()).unwrap()
}

/// Has a child do something bad, and checks that the next request works in another child.
async fn death(act: &str) -> SandboxDeath {
    let pool = pool(1);
    let before = ask(&pool, "pid").await;
    let death = pool.run(act.as_bytes(), LONG).await.unwrap_err();
    let after = ask(&pool, "pid").await;
    assert_ne!(before, after, "{act}: the dead child answers");
    death
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let pool = pool(1);
    assert_eq!(ask(&pool, "echo 某市甲局").await, " 某市甲局");
    let long = format!("echo {}", "长".repeat(3_000_000));
    assert_eq!(ask(&pool, &long).await.len(), long.len() - 4);
    assert_eq!(pool.run(b"echo", LONG).await.unwrap(), b"");
}

#[tokio::test]
async fn one_child_answers_many_requests() {
    let pool = pool(1);
    let first = ask(&pool, "pid").await;
    for _ in 0..20 {
        assert_eq!(ask(&pool, "pid").await, first);
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_a_death() {
    let death = death("panic").await;
    assert!(matches!(death, SandboxDeath::Panicked), "{death:?}");
    assert!(death.may_be_the_input());
}

#[tokio::test]
async fn a_child_that_exits_is_a_death() {
    let death = death("exit").await;
    assert!(matches!(death, SandboxDeath::Exited { code: 7 }), "{death:?}");
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_a_death() {
    let death = death("long").await;
    assert!(matches!(death, SandboxDeath::AnswerTooLong), "{death:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_is_bounded() {
    for act in ["allocate", "grow", "recurse"] {
        let death = death(act).await;
        assert!(matches!(death, SandboxDeath::Memory), "{act}: {death:?}");
        assert!(death.may_be_the_input());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn files_sockets_processes_and_threads_are_out_of_reach() {
    for act in ["read", "list", "connect", "fork", "thread"] {
        let death = death(act).await;
        assert!(matches!(death, SandboxDeath::Forbidden), "{act}: {death:?}");
        assert!(death.may_be_the_input());
    }
}

#[tokio::test]
async fn an_endless_loop_is_ended_by_the_time_out() {
    let pool = pool(1);
    let before = ask(&pool, "pid").await;
    let death = pool.run(b"spin", SHORT).await.unwrap_err();
    assert!(matches!(death, SandboxDeath::TimedOut { after: SHORT }), "{death:?}");
    assert!(!death.may_be_the_input(), "a slow machine is no verdict");
    assert_ne!(ask(&pool, "pid").await, before);
}

#[cfg(unix)]
#[tokio::test]
async fn an_endless_loop_with_time_enough_uses_up_its_processor_time() {
    let death = death("spin").await;
    assert!(matches!(death, SandboxDeath::Cpu), "{death:?}");
}

#[tokio::test]
async fn a_request_beyond_the_limit_is_not_sent() {
    let pool = pool(1);
    let before = ask(&pool, "pid").await;
    let long = vec![0; MAX_FRAME + 1];
    let death = pool.run(&long, LONG).await.unwrap_err();
    assert!(matches!(death, SandboxDeath::RequestTooLong { .. }), "{death:?}");
    assert_eq!(ask(&pool, "pid").await, before);
}

#[tokio::test]
async fn a_dropped_request_takes_only_its_own_child() {
    let pool = pool(2);
    // Two at once, so that two children are there.
    let (a, b) = tokio::join!(ask(&pool, "pid"), ask(&pool, "pid"));
    assert_ne!(a, b);
    let dropped = tokio::time::timeout(SHORT, pool.run(b"spin", LONG)).await;
    assert!(dropped.is_err());
    let (c, d) = tokio::join!(ask(&pool, "pid"), ask(&pool, "pid"));
    // One child may have answered both: which one is not the point, only that one of the two is
    // gone and the other is not.
    let answered = BTreeSet::from([&c, &d]);
    let kept = [&a, &b].into_iter().filter(|p| answered.contains(p)).count();
    assert_eq!(kept, 1, "{a} {b} then {c} {d}");
}

#[tokio::test]
async fn a_child_that_was_busy_for_long_is_replaced() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_sandbox-probe"));
    let config = PoolConfig { busy: Duration::ZERO, ..PoolConfig::new(program, Vec::new(), 1) };
    let pool = Pool::new(config);
    let first = ask(&pool, "pid").await;
    assert_ne!(ask(&pool, "pid").await, first, "whatever it took is too long here");
}

#[tokio::test]
async fn a_child_is_replaced_after_its_share_of_requests() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_sandbox-probe"));
    let config = PoolConfig { requests: 3, ..PoolConfig::new(program, Vec::new(), 1) };
    let pool = Pool::new(config);
    let mut served = Vec::new();
    for _ in 0..7 {
        served.push(ask(&pool, "served").await);
    }
    assert_eq!(served, ["1", "2", "3", "1", "2", "3", "1"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_child_that_has_grown_is_replaced() {
    let pool = pool(1);
    assert_eq!(ask(&pool, "served").await, "1");
    ask(&pool, "keep").await;
    assert_eq!(ask(&pool, "served").await, "3", "64 MiB are below the bound");
    ask(&pool, "keep").await;
    assert_eq!(ask(&pool, "served").await, "1", "128 MiB are not");
}

#[tokio::test]
async fn a_request_alone_gets_a_child_of_its_own() {
    let pool = pool(1);
    assert_eq!(ask(&pool, "served").await, "1");
    assert_eq!(pool.run_alone(b"served", LONG).await.unwrap(), b"1");
    assert_eq!(pool.run_alone(b"served", LONG).await.unwrap(), b"1");
    assert_eq!(ask(&pool, "served").await, "1", "the child did not outlive its one request");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_a_typed_error() {
    let config = PoolConfig::new(PathBuf::from("/nonexistent/program"), Vec::new(), 1);
    let death = Pool::new(config).run(b"echo", LONG).await.unwrap_err();
    assert!(matches!(death, SandboxDeath::Spawn(_)), "{death:?}");
    assert!(!death.may_be_the_input());
}

/// A pool of children that keep to no protocol at all.
#[cfg(unix)]
fn impostors(script: &str) -> Pool {
    let args = ["-c", script].map(Into::into).to_vec();
    Pool::new(PoolConfig::new(PathBuf::from("/bin/sh"), args, 1))
}

#[cfg(unix)]
#[tokio::test]
async fn a_false_length_takes_no_memory_and_no_wait() {
    // A length of 4 GiB, and a child that would wait for ever.
    let pool = impostors(r"printf '\377\377\377\377'; exec cat >/dev/null");
    let death = pool.run(b"echo", LONG).await.unwrap_err();
    assert!(matches!(death, SandboxDeath::AnswerTooLong), "{death:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_answer_cut_short_is_no_answer() {
    let pool = impostors(r"printf '\020\000\000\000ab'; exit 3");
    let death = pool.run(b"echo", LONG).await.unwrap_err();
    assert!(matches!(death, SandboxDeath::Exited { code: 3 }), "{death:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_child_that_hangs_up_and_goes_on_is_killed() {
    let pool = impostors("exec >/dev/null; exec cat");
    let death = pool.run(b"echo", LONG).await.unwrap_err();
    assert!(matches!(death, SandboxDeath::TimedOut { .. }), "{death:?}");
}

#[tokio::test]
async fn a_closed_pool_answers_nothing() {
    let pool = pool(1);
    ask(&pool, "echo").await;
    pool.close();
    let death = pool.run(b"echo", LONG).await.unwrap_err();
    assert!(matches!(death, SandboxDeath::Closed), "{death:?}");
}
