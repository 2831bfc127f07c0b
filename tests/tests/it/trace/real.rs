//! The real server and a real laptop, each under the tracer, and one conversation.
use std::{collections::BTreeSet, fs, path::Path};

use acceptance::stage::{How, Stage, text};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use shared::{
    doc::Edit,
    model::{Digest, FieldPath},
};

use super::{judge, strace};
use crate::tools;

const CALLS: &str =
    "trace=read,recvfrom,recvmsg,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync";
const EDITS: usize = 5;

fn under(file: &Path) -> How {
    let words = ["strace", "-f", "-y", "-s", "8192", "-e", CALLS, "-o"];
    let mut under: Vec<_> = words.iter().map(|w| (*w).into()).collect();
    under.push(file.into());
    How { under, ..How::default() }
}

fn digest(value: &Value) -> Digest {
    serde_json::from_value(value.clone()).expect("an envelope's id")
}

#[test]
fn nothing_is_said_before_it_is_synced() {
    if !tools::found("strace", &["-f", "-o", "/dev/null", "true"]) {
        return;
    }
    let mut stage = Stage::new(Path::new(env!("CARGO_BIN_EXE_acceptance")), 3).expect("a stage");
    stage.open(str::to_owned).expect("a server");
    stage.enrol("sunmou").expect("a laptop");
    let new = ["interview", "new", "--name", "王某", "--sync"];
    let record = text(&stage.xunji("sunmou", &new).expect("a talk")["record"]);
    stage.kill_server().expect("it runs");

    let (of_server, of_laptop) = (stage.path("server.trace"), stage.path("laptop.trace"));
    stage.serve(&under(&of_server)).expect("the server runs under the tracer");
    let mut laptop = stage.join("sunmou", &record, &under(&of_laptop)).expect("the laptop, too");
    while laptop.until("link").expect("it finds the server")["state"] != "up" {}
    let mut said = Vec::new();
    for n in 0..EDITS {
        let insert = format!("第{n}句。");
        laptop.edit(&Edit::SpliceText { field: FieldPath::top("note"), at: 0, delete: 0, insert });
        let saved = laptop.until("saved").expect("saved");
        let envelope = digest(&saved["envelopes"][0]);
        let received = laptop.until("received").expect("received");
        let received: BTreeSet<Digest> =
            received["envelopes"].as_array().expect("ids").iter().map(digest).collect();
        assert!(received.contains(&envelope));
        // The next one is said only when the server has nothing more to answer.
        while digest(&laptop.until("decided").expect("decided")["envelope"]) != envelope {}
        said.push(envelope);
    }
    let (_, code) = laptop.leave().expect("it ends");
    assert_eq!(code, 0);
    stop(&mut stage, &of_server);

    let calls = strace::read(&fs::read_to_string(&of_server).expect("a trace"));
    for envelope in &said {
        let judged = judge::answered_after_sync(&calls, "/journal.sqlite-wal", envelope.as_bytes());
        assert_eq!(judged, Ok(()), "{envelope}");
    }
    let calls = strace::read(&fs::read_to_string(&of_laptop).expect("a trace"));
    let judged = judge::said_after_sync(&calls, "/vault.db-wal", b"\"event\":\"saved\"");
    assert_eq!(judged, Ok(EDITS));
}

/// Ends the traced server, and waits until the tracer has written everything down.
fn stop(stage: &mut Stage, trace: &Path) {
    let written = fs::read_to_string(trace).expect("a trace");
    let first = written.split(' ').next().and_then(|pid| pid.parse().ok());
    let server = Pid::from_raw(first.expect("the server's id")).expect("a process");
    kill_process(server, Signal::TERM).expect("the server runs");
    stage.take_server().expect("it was started").wait().expect("the tracer ends with it");
}
