//! What an enrolled but hostile device sends by the real door.
use std::path::Path;

use sha2::{Digest as _, Sha256};
use shared::{
    journal::{
        entry::{Fault, Verdict},
        envelope::{Codec, Envelope},
        frame::{Down, Reject, Up},
    },
    model::{ChangeHash, DocId, SpaceId},
};
use sync_server::admin::{Answer, Request};

use crate::{
    device::{Device, rejected},
    place::{Place, Process, SERVER, json, run},
};

fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// One change as Automerge writes it, with a right checksum: its hash and its bytes.
struct Change {
    start_op: u64,
    deps: Vec<[u8; 32]>,
    columns: Vec<(u8, Vec<u8>)>,
}

/// `{"键": "值"}` in the columns that Automerge writes for it: no field of a document of ours.
fn one_put() -> Vec<(u8, Vec<u8>)> {
    vec![
        (0x15, vec![0x7f, 0x03, 0xe9, 0x94, 0xae]),
        (0x34, vec![1]),
        (0x42, vec![0x7f, 1]),
        (0x56, vec![0x7f, 0x36]),
        (0x57, vec![0xe5, 0x80, 0xbc]),
        (0x70, vec![0x7f, 0]),
    ]
}

impl Change {
    fn bytes(&self, actor: [u8; 16]) -> (ChangeHash, Vec<u8>) {
        let mut contents = Vec::new();
        unsigned(&mut contents, self.deps.len() as u64);
        self.deps.iter().for_each(|dep| contents.extend_from_slice(dep));
        contents.push(16);
        contents.extend_from_slice(&actor);
        unsigned(&mut contents, 1);
        unsigned(&mut contents, self.start_op);
        contents.extend_from_slice(&[0, 0, 0]);
        contents.push(self.columns.len() as u8);
        for (spec, bytes) in &self.columns {
            unsigned(&mut contents, u64::from(*spec));
            unsigned(&mut contents, bytes.len() as u64);
        }
        self.columns.iter().for_each(|(_, bytes)| contents.extend_from_slice(bytes));
        let mut hashed = vec![1];
        unsigned(&mut hashed, contents.len() as u64);
        hashed.extend_from_slice(&contents);
        let hash: [u8; 32] = Sha256::digest(&hashed).into();
        let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83];
        bytes.extend_from_slice(&hash[..4]);
        bytes.extend_from_slice(&hashed);
        (ChangeHash(hash), bytes)
    }

    fn sealed(&self, by: &mut Device, space: SpaceId, n: u8) -> Envelope {
        let doc = DocId::from_bytes([n; 16]);
        let (hash, bytes) = self.bytes(by.actor(space, doc));
        by.seal(Codec::Content, space, doc, Some((hash, hash)), &bytes)
    }
}

/// 20,000,000 nulls in 113 bytes, as runs.
fn nulls() -> Change {
    let run = |value: u8| vec![0x80, 0xda, 0xc4, 0x09, value];
    let mut inserts = Vec::new();
    unsigned(&mut inserts, 20_000_000);
    let key = vec![0x7f, 0x03, 0xe9, 0x94, 0xae];
    let columns =
        vec![(0x15, key), (0x34, inserts), (0x42, run(1)), (0x56, run(0)), (0x70, run(0))];
    Change { start_op: 1, deps: Vec::new(), columns }
}

#[cfg(target_os = "linux")]
fn most_memory_kib(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn known_bombs_are_refused_at_the_door_and_the_rest_goes_on() {
    let mut place = Place::new().await;
    let space = place.engagement();
    let mut hostile = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    place.stop().await;
    let mut process = Process::start(place.folder.path()).await;
    for device in [&mut hostile, &mut li] {
        device.url.clone_from(&process.url);
        device.log_in().await;
        device.catch_up().await;
    }
    let at = |start_op| Change { start_op, deps: Vec::new(), columns: one_put() };
    let bombs = [nulls(), at(u64::from(u32::MAX) - 1), at(u64::from(u32::MAX) + 1), at(u64::MAX)];
    assert!(bombs[0].bytes([0; 16]).1.len() < 120);
    for (n, bomb) in (20..).zip(&bombs) {
        // Refused ones are not in the chain, so each begins it anew.
        let mut fresh = Device::new(hostile.url.clone(), 1);
        fresh.server = hostile.server;
        fresh.session.0[0] = n;
        fresh.token.clone_from(&hostile.token);
        let envelope = bomb.sealed(&mut fresh, space, n);
        let heard = fresh.exchange(&[Up::Push { envelopes: vec![envelope.clone()] }], 0).await;
        assert!(
            matches!(rejected(&heard, &envelope), Some(Reject::BadBody { .. })),
            "{n}: {heard:?}"
        );
    }
    // Changes that rest on what never comes are kept and block nobody.
    let orphans: Vec<Envelope> = (0..200_u8)
        .map(|n| {
            let orphan = Change { start_op: 2, deps: vec![[n; 32]], columns: one_put() };
            orphan.sealed(&mut hostile, space, n)
        })
        .collect();
    let heard = hostile.exchange(&[Up::Push { envelopes: orphans.clone() }], 5_000).await;
    assert!(orphans.iter().all(|e| hostile.receipted(&heard, e)));
    let held = heard.iter().filter(|f| matches!(f, Down::Held { .. })).count();
    assert_eq!(held, orphans.len());
    // A sound change that no build of ours writes: decided, told, and its bytes are kept.
    let strange = at(1).sealed(&mut hostile, space, 250);
    hostile.push(std::slice::from_ref(&strange)).await;
    assert!(matches!(hostile.verdict(&strange), Some(Verdict::Malformed(Fault::Schema(_)))));

    let (mut document, doc, birth) = li.workpaper(space, 251);
    let edit = li.write(space, doc, &mut document, "其他人继续工作");
    li.push(&[birth, edit.clone()]).await;
    assert_eq!(li.verdict(&edit), Some(&Verdict::Main));
    assert_eq!(li.bodies.get(&strange.hash()), Some(&strange));
    #[cfg(target_os = "linux")]
    assert!(most_memory_kib(&process) < 300 * 1024, "nothing was unpacked");
    let health = json(&run(&["healthcheck"], place.folder.path()));
    assert_eq!(health["undecided"].as_u64(), Some(orphans.len() as u64));
    process.kill();
    assert!(process.whole_log().contains("signed what an honest build cannot make"));
}

/// A sandbox that has an error of its own: it dies of every frame that holds a certain text.
#[cfg(unix)]
fn flawed(folder: &Path, deadly: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let script = format!(
        "#!/bin/sh\n\
         PATH=/usr/bin:/bin\n\
         cd '{folder}' || exit 1\n\
         mkfifo pipe.$$ || exit 1\n\
         '{SERVER}' \"$@\" < pipe.$$ &\n\
         exec 3> pipe.$$\n\
         rm pipe.$$\n\
         while :; do\n\
           dd bs=1 count=4 of=length.$$ 2> dd.$$\n\
           [ -s length.$$ ] || exit 0\n\
           set -- $(od -An -tu1 length.$$)\n\
           head -c $(($1 + $2 * 256 + $3 * 65536)) > frame.$$\n\
           grep -q '{deadly}' frame.$$ && kill -9 $! && exit 1\n\
           cat length.$$ frame.$$ >&3\n\
         done\n",
        folder = folder.display(),
    );
    let path = folder.join("flawed.sh");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

#[cfg(unix)]
#[tokio::test]
async fn what_kills_the_sandbox_twice_alone_is_set_apart_and_kept() {
    const DEADLY: &str = "致命的字";
    let folder = tempfile::TempDir::new().unwrap();
    let program = flawed(folder.path(), DEADLY);
    let mut place = Place::new().await;
    place.stop().await;
    place.start(|config| config.sandbox.program = program.clone()).await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let deadly = sun.write(space, doc, &mut document, DEADLY);
    let (_, _, other) = sun.workpaper(space, 8);
    sun.push(&[birth.clone(), deadly.clone(), other.clone()]).await;
    assert_eq!(sun.verdict(&birth), Some(&Verdict::Main));
    assert_eq!(sun.verdict(&deadly), Some(&Verdict::Malformed(Fault::Quarantined)));
    assert_eq!(sun.verdict(&other), Some(&Verdict::Main), "another document does not wait");
    // The same document goes on without it, and its bytes are kept.
    li.catch_up().await;
    assert_eq!(li.bodies.get(&deadly.hash()), Some(&deadly));
    let (_, _, next) = li.workpaper(space, 9);
    li.push(std::slice::from_ref(&next)).await;
    assert_eq!(li.verdict(&next), Some(&Verdict::Main));
    let answer = place.ask(Request::Health).await;
    assert!(matches!(answer, Answer::Health { undecided: 0, .. }), "{answer:?}");
}

#[tokio::test]
async fn a_document_whose_own_copy_is_damaged_waits_alone() {
    let mut place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let mut all = vec![birth];
    all.extend((0..120).map(|n| sun.write(space, doc, &mut document, &n.to_string())));
    for some in all.chunks(60) {
        sun.push(some).await;
    }
    assert!(all.iter().all(|e| sun.verdict(e) == Some(&Verdict::Main)));
    place.stop().await;
    // The disk rots where the document's save lies.
    let file = place.folder.path().join("journal.sqlite");
    let damage = async |sql: &'static str| {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
        let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
        let done = sqlx::query(sql).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
        done.rows_affected()
    };
    damage("CREATE TABLE kept AS SELECT * FROM snapshots").await;
    assert_eq!(damage("UPDATE snapshots SET bytes = x'00ff'").await, 1);

    place.start(|_| {}).await;
    sun.url = place.url();
    sun.log_in().await;
    let late = sun.write(space, doc, &mut document, "之后");
    let (_, _, other) = sun.workpaper(space, 8);
    let said = [Up::Push { envelopes: vec![late.clone(), other.clone()] }];
    let heard = sun.exchange(&said, 0).await;
    assert!(sun.receipted(&heard, &late), "it is received all the same");
    while sun.verdict(&other).is_none() {
        let have = sun.have();
        let heard = sun.exchange(&[have], 20_000).await;
        assert!(heard.iter().any(|f| matches!(f, Down::Entries { .. })), "it comes in time");
    }
    assert_eq!(sun.verdict(&late), None, "no verdict on anybody's text because of our disk");
    place.stop().await;

    assert_eq!(
        damage(
            "UPDATE snapshots SET bytes = (SELECT k.bytes FROM kept k WHERE k.doc = snapshots.doc)"
        )
        .await,
        1
    );
    place.start(|_| {}).await;
    sun.url = place.url();
    sun.log_in().await;
    sun.push(std::slice::from_ref(&late)).await;
    assert_eq!(sun.verdict(&late), Some(&Verdict::Main));
}
