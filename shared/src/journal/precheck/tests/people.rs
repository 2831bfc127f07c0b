//! People who edit one document on four laptops, at random.
use automerge::{
    AutoCommit, ObjType, ROOT, ReadDoc, ScalarValue,
    marks::{ExpandMark, Mark},
    transaction::Transactable,
};
use proptest::prelude::*;

use super::actor;

/// One random edit by one of a few people on one document.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    Type { who: usize, at: usize, delete: usize, text: String },
    Put { who: usize, key: u8, value: i64 },
    Remove { who: usize, key: u8 },
    Increment { who: usize, by: i64 },
    Insert { who: usize, at: usize },
    Drop { who: usize, at: usize },
    Mark { who: usize, from: usize, len: usize, expand: u8 },
    Commit { who: usize },
    Merge { from: usize, to: usize },
    Reload { who: usize },
}

/// Any edit.
pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let who = 0..4usize;
    prop_oneof![
        6 => (who.clone(), any::<usize>(), 0..4usize, "[一二三四 。a]{0,6}")
            .prop_map(|(who, at, delete, text)| Edit::Type { who, at, delete, text }),
        4 => (who.clone(), 0..3u8, any::<i64>())
            .prop_map(|(who, key, value)| Edit::Put { who, key, value }),
        2 => (who.clone(), 0..3u8).prop_map(|(who, key)| Edit::Remove { who, key }),
        2 => (who.clone(), any::<i64>()).prop_map(|(who, by)| Edit::Increment { who, by }),
        2 => (who.clone(), any::<usize>()).prop_map(|(who, at)| Edit::Insert { who, at }),
        2 => (who.clone(), any::<usize>()).prop_map(|(who, at)| Edit::Drop { who, at }),
        2 => (who.clone(), any::<usize>(), 1..5usize, any::<u8>())
            .prop_map(|(who, from, len, expand)| Edit::Mark { who, from, len, expand }),
        4 => who.clone().prop_map(|who| Edit::Commit { who }),
        4 => (who.clone(), 0..4usize).prop_map(|(from, to)| Edit::Merge { from, to }),
        1 => who.prop_map(|who| Edit::Reload { who }),
    ]
}

/// Plays edits on four replicas of one document and returns the last of them, merged.
pub(super) fn play(edits: &[Edit]) -> AutoCommit {
    let mut birth = AutoCommit::new().with_actor(actor(9));
    let text = birth.put_object(ROOT, "正文", ObjType::Text).unwrap();
    let list = birth.put_object(ROOT, "列表", ObjType::List).unwrap();
    birth.put(ROOT, "计数", ScalarValue::counter(0)).unwrap();
    birth.commit();
    let mut docs: Vec<AutoCommit> = (1..=4).map(|n| birth.fork().with_actor(actor(n))).collect();
    for edit in edits {
        match edit {
            Edit::Type { who, at, delete, text: typed } => {
                let doc = &mut docs[*who];
                let len = doc.length(&text);
                let at = at % (len + 1);
                let delete = isize::try_from((*delete).min(len - at)).unwrap();
                doc.splice_text(&text, at, delete, typed).unwrap();
            }
            Edit::Put { who, key, value } => {
                docs[*who].put(ROOT, format!("键{key}"), *value).unwrap();
            }
            Edit::Remove { who, key } => {
                docs[*who].delete(ROOT, format!("键{key}")).unwrap();
            }
            Edit::Increment { who, by } => {
                docs[*who].increment(ROOT, "计数", by % 100).unwrap();
            }
            Edit::Insert { who, at } => {
                let at = at % (docs[*who].length(&list) + 1);
                let item = docs[*who].insert_object(&list, at, ObjType::Map).unwrap();
                docs[*who].put(&item, "名", "李某").unwrap();
            }
            Edit::Drop { who, at } => {
                let len = docs[*who].length(&list);
                if len > 0 {
                    docs[*who].delete(&list, at % len).unwrap();
                }
            }
            Edit::Mark { who, from, len, expand } => {
                let doc = &mut docs[*who];
                let length = doc.length(&text);
                let from = from % (length + 1);
                let to = (from + len).min(length);
                let expand = match expand % 4 {
                    0 => ExpandMark::None,
                    1 => ExpandMark::Before,
                    2 => ExpandMark::After,
                    _ => ExpandMark::Both,
                };
                if from < to {
                    doc.mark(&text, Mark::new("疑".to_owned(), true, from, to), expand).unwrap();
                }
            }
            Edit::Commit { who } => {
                docs[*who].commit();
            }
            Edit::Merge { from, to } if from != to => {
                let changes = docs[*from].get_changes(&[]);
                docs[*to].apply_changes(changes).unwrap();
            }
            Edit::Merge { .. } => {}
            Edit::Reload { who } => {
                let saved = docs[*who].save();
                let actor = docs[*who].get_actor().clone();
                docs[*who] = AutoCommit::load(&saved).unwrap().with_actor(actor);
            }
        }
    }
    let mut last = docs.pop().unwrap();
    for mut doc in docs {
        last.merge(&mut doc).unwrap();
    }
    last
}
