//! The round file by the command line: damaged, applied, and changed in mid-round while the
//! server runs.
use std::path::{Path, PathBuf};

use shared::{
    journal::{entry::Verdict, frame::Down},
    model::SpaceId,
};
use sync_server::admin::seed;
use tempfile::TempDir;

use crate::{
    device::Device,
    place::{Process, example, json, run},
};

const ROUND: &str = include_str!("../../../docs/examples/round-2026R2.toml");

/// A folder with the round file, after replacements, and what lies beside it.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples");
        for name in ["rule-pack-2026.1.toml", "calendar-2026.toml"] {
            std::fs::copy(examples.join(name), folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    fn file(&self, edits: &[(&str, &str)]) -> PathBuf {
        let text = edits.iter().fold(ROUND.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let path = self.0.path().join("round.toml");
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn shown(output: &std::process::Output) -> Vec<String> {
    json(output)["shown"].as_array().unwrap().iter().map(|l| l.as_str().unwrap().into()).collect()
}

/// 第三组·甲局.
fn engagement() -> SpaceId {
    seed::engagement_space(example().round.id, "G3-JIA")
}

async fn laptop(process: &Process, data: &Path, person: &str, fill: u8) -> Device {
    let invited = json(&run(&["admin", "invite", person], data));
    let mut device = Device::new(process.url.clone(), fill);
    device.enrol(invited["code"].as_str().unwrap()).await.unwrap();
    device.log_in().await;
    device
}

#[tokio::test]
async fn a_round_changes_while_its_server_runs() {
    let (desk, data) = (Desk::new(), TempDir::new().unwrap());
    let data = data.path();
    let original = desk.file(&[]);
    assert!(run(&["admin", "apply", path(&original)], data).status.success());
    let process = Process::start(data).await;
    let mut zhou = laptop(&process, data, "zhoumou", 1).await;
    zhou.catch_up().await;
    let (_, _, birth) = zhou.workpaper(engagement(), 7);
    zhou.push(std::slice::from_ref(&birth)).await;
    assert_eq!(zhou.verdict(&birth), Some(&Verdict::Main));

    // 周某 goes home on the 10th and 施某 comes on the 11th; the stay is a week longer.
    let leaving = "person = \"zhoumou\"\nrole = \"member\"\nat = \"G3\"\n";
    let coming = "[[appointments]]\nperson = \"shimou\"\nrole = \"member\"\nat = \"G3\"\n";
    let swap = format!("{leaving}until = 2026-05-10\n\n{coming}from = 2026-05-11\n");
    let someone = "[[people]]\ncode = \"hemou\"";
    let people = format!("[[people]]\ncode = \"shimou\"\nname = \"施某\"\n\n{someone}");
    let changed = desk.file(&[
        (leaving, &swap),
        (someone, &people),
        ("ends = 2026-05-29", "ends = 2026-06-05"),
        ("exit_on = 2026-05-29", "exit_on = 2026-06-05"),
    ]);
    let told = run(&["admin", "check", path(&changed)], data);
    assert!(told.status.success(), "{told:?}");
    let told = shown(&told);
    for line in [
        "新增人员施某（shimou）",
        "周某任第三组组员，2026-05-10 止",
        "第三组撤离甲局由 2026-05-29 延至 2026-06-05",
    ] {
        assert!(told.iter().any(|l| l == line), "{line}: {told:#?}");
    }
    assert_eq!(shown(&run(&["admin", "check", path(&changed)], data)), told, "it only looks");
    let applied = run(&["admin", "apply", path(&changed)], data);
    assert!(applied.status.success(), "{applied:?}");
    assert_eq!(shown(&applied), told);
    assert_eq!(shown(&run(&["admin", "check", path(&changed)], data)), [""; 0]);

    assert!(run(&["admin", "clock", "set", "2026-05-11T09:00:00+08:00"], data).status.success());
    let mut shi = laptop(&process, data, "shimou", 2).await;
    shi.catch_up().await;
    assert_eq!(shi.bodies.get(&birth.hash()), Some(&birth), "who comes reads what was written");
    let (_, _, next) = shi.workpaper(engagement(), 8);
    shi.push(std::slice::from_ref(&next)).await;
    assert_eq!(shi.verdict(&next), Some(&Verdict::Main));
    let heard = zhou.catch_up().await;
    let withdrawn = |f: &Down| matches!(f, Down::Withdrawn { space } if *space == engagement());
    assert!(heard.iter().any(withdrawn), "who left is told so");
}

#[test]
fn a_damaged_round_file_is_told_line_by_line_and_changes_nothing() {
    let (desk, data) = (Desk::new(), TempDir::new().unwrap());
    let damaged = desk.file(&[
        ("kind = \"routine\"", "kind = \"routin\""),
        ("no = 2\n", "no = \"二\"\n"),
        ("exit_on = 2026-05-29", "exit_on = 2026-05-01"),
        ("person = \"hemou\"", "person = \"nobody\""),
    ]);
    let line = |wanted: &str| {
        let text = std::fs::read_to_string(&damaged).unwrap();
        text.lines().position(|l| l.starts_with(wanted)).unwrap() as u64 + 1
    };
    let expected = [
        (line("kind = \"routin\""), "not_a_choice"),
        (line("no = \"二\""), "wrong_type"),
        (line("exit_on = 2026-05-01"), "exit_not_after_entry"),
        (line("person = \"nobody\""), "unknown_code"),
    ];
    for verb in ["check", "apply"] {
        let output = run(&["admin", verb, path(&damaged)], data.path());
        assert_eq!(output.status.code(), Some(1));
        let told = json(&output);
        let found: Vec<_> = told["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (p["place"]["line"]["line"].as_u64().unwrap(), p["code"].as_str().unwrap()))
            .collect();
        for one in expected {
            assert!(found.contains(&one), "{one:?}: {told:#}");
        }
    }
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0, "no folder was begun");
    // People read it in their language.
    let english = std::process::Command::new(crate::place::SERVER)
        .args(["--lang", "en", "admin", "check", path(&damaged)])
        .output()
        .unwrap();
    let text = String::from_utf8(english.stdout).unwrap();
    let wanted = format!("round.toml:{}", line("no = \"二\""));
    assert!(
        text.lines().any(|l| l.starts_with(&wanted) && l.contains("must be a whole number")),
        "{text}"
    );
}

/// Writes a workbook anew with some cells changed: sheet, row and column from 0, text.
fn copy_with(book: &Path, edits: &[(&str, u32, u16, &str)]) {
    use calamine::{Data, Reader};
    let mut old: calamine::Xlsx<_> = calamine::open_workbook(book).unwrap();
    let mut new = rust_xlsxwriter::Workbook::new();
    for (name, range) in old.worksheets() {
        let sheet = new.add_worksheet().set_name(&name).unwrap();
        for (row, column, cell) in range.used_cells() {
            let at = (u32::try_from(row).unwrap(), u16::try_from(column).unwrap());
            let edit = edits.iter().find(|e| (e.0, (e.1, e.2)) == (name.as_str(), at));
            match (edit, cell) {
                (Some(edit), _) => sheet.write(at.0, at.1, edit.3).unwrap(),
                (None, Data::Float(number)) => sheet.write(at.0, at.1, *number).unwrap(),
                (None, Data::Bool(value)) => sheet.write(at.0, at.1, *value).unwrap(),
                (None, Data::DateTime(moment)) => {
                    let (year, month, day, ..) = moment.to_ymd_hms_milli();
                    sheet.write(at.0, at.1, format!("{year:04}-{month:02}-{day:02}")).unwrap()
                }
                (None, other) => sheet.write(at.0, at.1, other.to_string()).unwrap(),
            };
        }
    }
    new.save(book).unwrap();
}

#[test]
fn a_damaged_workbook_is_told_cell_by_cell() {
    let (folder, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let book = folder.path().join("轮次.xlsx");
    assert!(run(&["admin", "template", path(&book)], data.path()).status.success());
    let checked = run(&["admin", "check", path(&book)], data.path());
    assert!(checked.status.success(), "the template is sound: {checked:?}");
    let again = run(&["admin", "template", path(&book)], data.path());
    assert_eq!(again.status.code(), Some(1), "nothing is written over");

    copy_with(&book, &[("轮次", 2, 0, "两千零二十六"), ("任务", 2, 4, "五月底")]);
    let output = run(&["admin", "check", path(&book)], data.path());
    assert_eq!(output.status.code(), Some(1));
    let told = json(&output);
    let found: Vec<_> = told["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| ["sheet", "cell"].map(|key| p["place"]["cell"][key].as_str().unwrap_or_default()))
        .collect();
    assert!(found.contains(&["轮次", "A3"]) && found.contains(&["任务", "E3"]), "{told:#}");

    std::fs::write(&book, b"PK\x03\x04 cut short").unwrap();
    let output = run(&["admin", "check", path(&book)], data.path());
    assert_eq!(json(&output)["problems"][0]["code"], "unreadable");
}

#[test]
fn a_mistyped_folder_is_no_new_server() {
    let parent = TempDir::new().unwrap();
    let typed = parent.path().join("xunij");
    for args in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["admin", "invite", "sunmou"],
        &["admin", "end-recovery"],
        &["healthcheck"],
        &["backup", "copy.sqlite"],
    ] {
        let output = run(args, &typed);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
        assert!(!typed.exists(), "{args:?}");
    }
    let output = run(&["serve", "--listen", "127.0.0.1:0"], &typed);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("admin apply"), "what to do first is said: {text}");
    // A look at a round file needs no folder, and makes none.
    let desk = Desk::new();
    let looked = run(&["admin", "check", path(&desk.file(&[]))], &typed);
    assert!(!shown(&looked).is_empty() && !typed.exists());
    // An empty folder is none either, until a round is applied.
    std::fs::create_dir(&typed).unwrap();
    assert_eq!(run(&["serve", "--listen", "127.0.0.1:0"], &typed).status.code(), Some(1));
    assert_eq!(std::fs::read_dir(&typed).unwrap().count(), 0);
}

#[tokio::test]
async fn a_second_server_says_that_the_folder_is_taken() {
    let (desk, data) = (Desk::new(), TempDir::new().unwrap());
    assert!(run(&["admin", "apply", path(&desk.file(&[]))], data.path()).status.success());
    let _process = Process::start(data.path()).await;
    for (lang, words) in [("zh", "已有服务在使用"), ("en", "another server is using")] {
        let second = std::process::Command::new(crate::place::SERVER)
            .args(["--lang", lang, "serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .output()
            .unwrap();
        assert_eq!(second.status.code(), Some(1));
        let text = String::from_utf8(second.stderr).unwrap();
        assert!(text.contains(words) && text.contains(path(data.path())), "{text}");
    }
    assert!(run(&["healthcheck"], data.path()).status.success(), "the first is unharmed");
}
