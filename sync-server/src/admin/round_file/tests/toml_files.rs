use jiff::civil::date;
use shared::model::round::{Role, Seat};

use super::*;

/// `(line, code)` of every problem of the example after replacements.
fn problems(edits: &[(&str, &str)]) -> Vec<(u32, &'static str)> {
    lines(&check_text(&edit(edits)).unwrap_err())
}

fn lines(problems: &[Problem]) -> Vec<(u32, &'static str)> {
    check_messages(problems);
    let line = |problem: &Problem| match problem.place {
        Place::Line { line, .. } => line,
        _ => 0,
    };
    problems.iter().map(|problem| (line(problem), problem.kind.code())).collect()
}

/// The line of the example in which a text stands first.
fn line_of(text: &str) -> u32 {
    let at = EXAMPLE.find(text).unwrap_or_else(|| panic!("the example has {text:?}"));
    u32::try_from(EXAMPLE[..at].matches('\n').count() + 1).unwrap()
}

#[test]
fn the_example_sets_up_the_training_round() {
    let plan = example();
    assert_eq!(plan.round.code(), "2026R2");
    assert!(plan.round.training);
    assert_eq!((plan.round.starts, plan.round.ends), (date(2026, 5, 6), date(2026, 5, 29)));
    let who = |role: Role, place: &str| -> Vec<&str> {
        let held = plan.appointments.iter();
        held.filter(|held| held.role == role && plan.seat_name(held.seat) == place)
            .filter_map(|held| plan.person(held.person))
            .map(|person| person.name.as_str())
            .collect()
    };
    assert_eq!(who(Role::GroupLeader, "第三组"), ["赵某"]);
    assert_eq!(who(Role::DeputyLeader, "第三组"), ["钱某"]);
    assert_eq!(who(Role::Member, "第三组"), ["孙某", "李某", "周某"]);
    assert_eq!(who(Role::GroupLeader, "第五组"), ["陈某"]);
    assert_eq!(who(Role::Delegate, "巡察办"), ["吴某"]);
    assert_eq!(who(Role::OfficeDirector, "巡察办"), ["吴某"]);
    assert_eq!(who(Role::UnitHead, "甲局"), ["王某"]);
    assert_eq!(who(Role::Liaison, "甲局"), ["冯某"]);
    assert_eq!(who(Role::Expert, "市审计局"), ["何某"]);
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<RoundPlan>(&json).unwrap(), plan);
}

#[test]
fn the_files_beside_the_example_are_the_shipped_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples");
    assert_eq!(check_path(&folder.join("round-2026R2.toml")), Ok(example()));
    for (name, text) in
        [(SHIPPED_PACK_NAME, SHIPPED_PACK), (SHIPPED_CALENDAR_NAME, SHIPPED_CALENDAR)]
    {
        assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap(), text, "{name}");
    }
}

#[test]
fn roles_of_the_stay_end_with_it_and_the_others_go_on() {
    let plan = example();
    for held in &plan.appointments {
        let for_the_stay = matches!(held.seat, Seat::Group(_) | Seat::Body(_));
        assert_eq!(held.from, plan.round.starts);
        assert_eq!(held.until, for_the_stay.then_some(plan.round.ends), "{}", held.role);
    }
}

#[test]
fn codes_are_the_identity_and_names_are_not() {
    let renamed = edited(&[("name = \"孙某\"", "name = \"孙某某\"")]);
    let id = |plan: &RoundPlan| plan.person_named("sunmou").unwrap().id;
    assert_eq!(id(&renamed), id(&example()));
    let moved = edit(&[]).replace("sunmou", "sunmou2");
    let moved = check_text(&moved).unwrap();
    assert_ne!(moved.person_named("sunmou2").unwrap().id, id(&example()));
}

#[test]
fn each_problem_of_a_field_is_said_with_its_line() {
    let title = "title = \"某市2026年第二轮巡察（演练）\"";
    let long = format!("title = \"{}\"", "长".repeat(121));
    let cases: &[(&str, &str, &str)] = &[
        ("year = 2026", "year = 1026", "out_of_range"),
        ("year = 2026", "year = \"今年\"", "wrong_type"),
        ("year = 2026", "year = 2026.5", "wrong_type"),
        ("kind = \"routine\"", "kind = \"sudden\"", "not_a_choice"),
        (title, "title = 2026-05-06", "wrong_type"),
        (title, "title = \" \"", "missing_field"),
        (title, "title = \"第一行\\n第二行\"", "not_one_line"),
        (title, &long, "text_too_long"),
        ("starts = 2026-05-06", "starts = \"五月六日\"", "not_a_date"),
        ("starts = 2026-05-06", "starts = 2026-05-06T09:00:00", "wrong_type"),
        ("ends = 2026-05-29", "ends = 2026-05-05", "round_dates"),
        ("ends = 2026-05-29", "ends = 2027-05-29", "round_dates"),
        ("training = true", "training = 1", "wrong_type"),
        (
            "rule_pack = \"rule-pack-2026.1.toml\"",
            "rule_pack = \"../pack.toml\"",
            "not_a_file_name",
        ),
        ("rule_pack = \"rule-pack-2026.1.toml\"", "rule_pack = \"other.toml\"", "file_not_found"),
        ("calendar = \"calendar-2026.toml\"", "calendar = \"other.toml\"", "file_not_found"),
        ("code = \"SJJ\"", "code = \"审计局\"", "not_a_code"),
        ("code = \"CZJ\"", "code = \"SJJ\"", "duplicate_code"),
        ("code = \"CZJ\"", "code = \"office\"", "reserved_code"),
        ("code = \"CZJ\"", "code = \"2CZJ\"", "not_a_code"),
        ("no = 5", "no = 6", "group_code"),
        ("exit_on = 2026-05-29", "exit_on = 2026-05-06", "exit_not_after_entry"),
        ("exit_on = 2026-05-29", "exit_on = 2026-06-30", "outside_round"),
        ("entry_on = 2026-05-06", "entry_on = 2026-05-01", "outside_round"),
        ("group = \"G3\"", "group = \"G4\"", "unknown_code"),
        ("unit = \"JIA\"", "unit = \"BING\"", "unknown_code"),
        ("unit = \"JIA\"", "unit = \"SJJ\"", "unit_not_inspected"),
        ("code = \"zhoumou\"", "code = \"limou\"", "duplicate_code"),
        ("person = \"weimou\"", "person = \"weimuo\"", "unknown_code"),
        ("role = \"expert\"", "role = \"审计\"", "not_a_choice"),
        ("at = \"SJJ\"", "at = \"SJX\"", "unknown_seat"),
        ("at = \"SJJ\"", "at = \"JIA\"", "role_elsewhere"),
    ];
    for (old, new, code) in cases {
        let found = problems(&[(old, new)]);
        // A group's number stands below the code that is wrong about it.
        let line = line_of(old) - u32::from(*code == "group_code");
        assert!(found.contains(&(line, code)), "{new}: {found:?}");
    }
}

#[test]
fn unknown_and_missing_fields_are_said() {
    assert_eq!(
        problems(&[("post = \"抽调干部\"", "post = \"抽调干部\"\nphone = \"123\"")]),
        [(line_of("post = \"抽调干部\"") + 1, "unknown_field")]
    );
    // A missing field is said where its table stands.
    let line = line_of("[[people]]\ncode = \"sunmou\"");
    assert_eq!(problems(&[("name = \"孙某\"\n", "")]), [(line, "missing_field")]);
}

#[test]
fn problems_of_form_are_said_alone() {
    let cases: &[(&str, &str, &str, u32)] = &[
        ("[round]\nyear = 2026", "[round\nyear = 2026", "syntax", line_of("[round]")),
        ("[round]", "[[round]]", "not_a_table", line_of("[round]")),
        ("[round]", "people = 3\n[round]", "syntax", line_of("[[people]]") + 1),
    ];
    for (old, new, code, line) in cases {
        let found = problems(&[(old, new)]);
        assert!(found.iter().any(|problem| problem == &(*line, *code)), "{new}: {found:?}");
    }
    let without = EXAMPLE.replace("[[groups]]", "[[teams]]");
    let found = lines(&check_text(&without).unwrap_err());
    assert!(
        found.contains(&(0, "missing_section")) && found.iter().any(|p| p.1 == "unknown_section")
    );
    let one = "groups = 3\nunits = [1]\n[round]\n[[engagements]]\n[[people]]\n[[appointments]]\n";
    assert_eq!(lines(&check_text(one).unwrap_err()), [(1, "not_a_list"), (2, "not_a_table")]);
    let many = format!("people = [{}]\n{}", "{},".repeat(2001), "units = []\n");
    assert!(lines(&check_text(&many).unwrap_err()).contains(&(1, "too_many_rows")));

    let bytes = |bytes: &[u8]| lines(&check("round.toml", bytes, &beside).unwrap_err());
    assert_eq!(bytes(b"\xff\xfe"), [(0, "unreadable")]);
    assert_eq!(bytes(b"PK\x03\x04 no workbook"), [(0, "unreadable")]);
    assert_eq!(bytes(&vec![b' '; 5 << 20]), [(0, "too_long")]);
    assert_eq!(bytes(b"").len(), 6, "each section is missing");
    let marked = format!("\u{feff}{EXAMPLE}").replace('\n', "\r\n");
    assert_eq!(check_text(&marked), Ok(example()), "as some editors save it");
}

#[test]
fn who_is_missing_or_too_many_is_said() {
    let group = line_of("code = \"G3\"");
    let leader = "person = \"zhaomou\"\nrole = \"group_leader\"";
    let found = problems(&[(leader, "person = \"zhaomou\"\nrole = \"deputy_leader\"")]);
    assert_eq!(found, [(group, "no_leader")]);

    let second = "person = \"zhoumou\"\nrole = \"member\"";
    let found = problems(&[(second, "person = \"zhoumou\"\nrole = \"group_leader\"")]);
    assert_eq!(found, [(line_of(second) - 1, "two_leaders")]);

    // The leader leaves early and nobody follows.
    let early = format!("{leader}\nuntil = 2026-05-20");
    let problem = check_text(&edit(&[(leader, &early)])).unwrap_err().remove(0);
    let on = date(2026, 5, 21);
    assert_eq!(problem.kind, ProblemKind::NoLeader { group: "G3".into(), on });

    let member = "person = \"jiangmou\"\nrole = \"member\"";
    let found = problems(&[(member, "person = \"jiangmou\"\nrole = \"deputy_leader\"")]);
    assert_eq!(found, [(line_of("code = \"G5\""), "too_few_members")]);

    let head = "person = \"wangmou\"\nrole = \"unit_head\"";
    let found = problems(&[(head, "person = \"wangmou\"\nrole = \"liaison\"")]);
    assert_eq!(found, [(line_of("code = \"JIA\""), "desk_incomplete")]);
    let liaison = "person = \"hanmou\"\nrole = \"liaison\"";
    let found = problems(&[(liaison, "person = \"hanmou\"\nrole = \"unit_head\"")]);
    assert_eq!(found, [(line_of("code = \"YI\""), "desk_incomplete")]);
}

#[test]
fn nobody_is_appointed_twice_or_to_both_sides() {
    let expert = "person = \"hemou\"\nrole = \"expert\"\nat = \"SJJ\"";
    // Where the row added begins.
    let at = line_of(expert) + 4;
    let add = |row: &str| {
        let new = format!("{expert}\n\n[[appointments]]\n{row}\n");
        problems(&[(expert, &new)])
    };
    assert_eq!(
        add("person = \"sunmou\"\nrole = \"member\"\nat = \"G3\""),
        [(at, "appointment_repeated")]
    );
    assert_eq!(
        add("person = \"sunmou\"\nrole = \"member\"\nat = \"G5\""),
        [(at, "two_group_roles")]
    );
    assert_eq!(add("person = \"sunmou\"\nrole = \"liaison\"\nat = \"JIA\""), [(at, "both_sides")]);
    assert_eq!(
        add("person = \"hemou\"\nrole = \"expert\"\nat = \"CZJ\"\nfrom = 2026-05-01"),
        [(at + 4, "outside_round")]
    );
    assert_eq!(
        add("person = \"hemou\"\nrole = \"expert\"\nat = \"CZJ\"\nuntil = 2026-06-01"),
        [(at + 4, "outside_round")]
    );
    assert_eq!(
        add("person = \"hemou\"\nrole = \"expert\"\nat = \"CZJ\"\nuntil = 2026-05-05"),
        [(at + 4, "until_before_from")]
    );
    let staff = "person = \"xumou\"\nrole = \"office_staff\"\nat = \"office\"\nuntil = 2026-12-31";
    let longer = format!("{expert}\n\n[[appointments]]\n{staff}\n");
    assert!(check_text(&edit(&[(expert, &longer)])).is_ok(), "the office works on");

    let again = "[[engagements]]\ncode = \"G3-JIA\"\ngroup = \"G3\"\nunit = \"JIA\"\n";
    let twice = format!(
        "{}entry_on = 2026-05-06\nexit_on = 2026-05-08\n\n{again}",
        again.replace("G3-JIA", "G3-JIA-1")
    );
    assert_eq!(problems(&[(again, &twice)]), [(line_of(again) + 7, "engagement_repeated")]);
}

#[test]
fn all_problems_are_listed_at_once_in_the_order_of_the_file() {
    let found = problems(&[
        ("year = 2026", "year = 1"),
        ("name = \"甲局\"", "name = 3.5"),
        ("no = 5", "no = 0"),
        ("name = \"钱某\"", "nam = \"钱某\""),
        ("at = \"SJJ\"", "at = \"SJX\""),
    ]);
    let codes: Vec<_> = found.iter().map(|(_, code)| *code).collect();
    assert_eq!(
        codes,
        [
            "out_of_range",
            "wrong_type",
            "out_of_range",
            "missing_field",
            "unknown_field",
            "unknown_seat"
        ]
    );
    assert!(found.is_sorted_by_key(|(line, _)| *line));
}

#[test]
fn one_mistake_is_reported_once() {
    // Others refer to a unit and a person whose own rows have faults.
    assert_eq!(problems(&[("name = \"甲局\"", "name = \"\"")]).len(), 1);
    assert_eq!(problems(&[("name = \"赵某\"", "name = \"\"")]).len(), 1);
    assert_eq!(problems(&[("kind = \"body\"", "kind = \"bodies\"")]).len(), 1);
    assert_eq!(problems(&[("person = \"zhaomou\"", "person = \"zhaomuo\"")]).len(), 1);
}

#[test]
fn faults_of_the_rule_files_are_said_with_their_own_lines() {
    let beside = |name: &str| {
        beside(name).map(|text| match name {
            SHIPPED_PACK_NAME => text.replace("n = 2\n", "n = \"二\"\n"),
            _ => text.replace("2026-05-09", "2026-05-12"),
        })
    };
    let found = check("round.toml", EXAMPLE.as_bytes(), &beside).unwrap_err();
    check_messages(&found);
    let found: Vec<_> = found.iter().map(Problem::line_en).collect();
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[0].starts_with("calendar-2026.toml:"), "{found:?}");
    assert!(found[0].contains("2026-05-12 is a working day anyway"));
    assert!(found[1].starts_with("rule-pack-2026.1.toml:") && found[1].contains("deadlines[2].n"));
}

#[test]
fn a_real_round_refuses_what_was_invented_for_training() {
    let line = line_of("rule_pack = ");
    assert_eq!(
        problems(&[("training = true", "training = false")]),
        [(line, "training_only"), (line + 1, "training_only")]
    );
    let real = |name: &str| {
        beside(name).map(|text| {
            text.replace("training = true", "training = false")
                .replace("status = \"training\"", "status = \"official\"")
        })
    };
    let text = edit(&[("training = true", "training = false")]);
    let plan = check("round.toml", text.as_bytes(), &real).unwrap();
    assert_ne!(plan.round.id, example().round.id, "a real round is another round");
}

#[test]
fn a_file_that_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("round.toml");
    let found = check_path(&path).unwrap_err();
    assert_eq!(found[0].kind.code(), "unreadable");
    assert_eq!(found[0].place, Place::File { file: "round.toml".into() });
    std::fs::write(&path, EXAMPLE).unwrap();
    let found: Vec<_> = check_path(&path).unwrap_err().iter().map(|p| p.kind.code()).collect();
    assert_eq!(found, ["file_not_found", "file_not_found"]);
    std::fs::write(folder.path().join(SHIPPED_PACK_NAME), SHIPPED_PACK).unwrap();
    std::fs::write(folder.path().join(SHIPPED_CALENDAR_NAME), SHIPPED_CALENDAR).unwrap();
    assert_eq!(check_path(&path), Ok(example()));
}
