//! A stand-in, from the group's request to the signature, through a real server.
use serde_json::{Value, json};

use crate::place::{Place, failed};

fn tasks(status: &Value) -> Vec<&str> {
    let tasks = status["tasks"].as_array().expect("tasks");
    tasks.iter().filter_map(|t| t["kind"].as_str()).collect()
}

#[test]
fn the_office_names_a_stand_in_for_a_step_nobody_may_take() {
    let place = Place::new();
    for person in ["sunmou", "qianmou", "zhoumou", "wumou"] {
        place.enrol(person, &place.address);
        place.by(person, &["sync"]);
    }
    let begun = place.by("sunmou", &["workpaper", "new", "甲局接待费超标准报销", "--sync"]);
    let number = begun["number"].as_str().expect("a number");
    // The deputy signs as a maker: nobody is left to review.
    for person in ["sunmou", "qianmou"] {
        place.by(person, &["sync"]);
        let sign = ["workpaper", "sign", number, "--as", "maker", "--override", "核查中", "--sync"];
        place.by(person, &sign);
    }
    place.by("zhoumou", &["sync"]);
    assert_eq!(tasks(&place.by("zhoumou", &["status"])), ["ask_stand_in"]);
    let early = ["workpaper", "sign", number, "--as", "deputy"];
    let early = failed(place.command("zhoumou").args(early), 3);
    assert_eq!(early["refusal"]["not_allowed"]["needs"], json!(["deputy_leader"]));
    let why = "副组长为承办人";
    let ask = ["workpaper", "ask-stand-in", number, "--as", "deputy", "--reason", why, "--sync"];
    assert_eq!(place.by("zhoumou", &ask)["stage"], "decided");
    assert!(tasks(&place.by("zhoumou", &["status"])).is_empty(), "the office has it");

    place.by("wumou", &["sync"]);
    assert_eq!(tasks(&place.by("wumou", &["status"])), ["name_stand_in"]);
    let asked = place.by("wumou", &["workpaper", "stand-ins"]);
    assert_eq!((&asked[0]["number"], &asked[0]["named"]), (&json!(number), &Value::Null));
    let people = asked[0]["people"].as_array().expect("people");
    let names: Vec<_> = people.iter().filter_map(|p| p["name"].as_str()).collect();
    assert!(names.contains(&"周某") && !names.contains(&"钱某"), "{names:?}");
    let name = |who| ["workpaper", "stand-in", number, "--person", who, "--until", "2026-05-20"];
    let unknown = failed(place.command("wumou").args(name("钱某")), 2);
    assert_eq!(unknown["error"], "unknown_name");
    assert_eq!(place.by("wumou", &[&name("周某")[..], &["--sync"]].concat())["stage"], "decided");
    assert!(tasks(&place.by("wumou", &["status"])).is_empty());

    place.by("zhoumou", &["sync"]);
    assert_eq!(tasks(&place.by("zhoumou", &["status"])), ["sign_deputy"]);
    let sign = ["workpaper", "sign", number, "--as", "deputy", "--sync"];
    assert_eq!(place.by("zhoumou", &sign)["stage"], "decided");
    let shown = place.by("zhoumou", &["workpaper", "show", number]);
    assert_eq!(shown["signed"][0]["signatures"][2]["stand_in"], why);
}
