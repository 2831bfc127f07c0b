//! Records on the screen, for the other tests.
use shared::model::Reading;

use crate::{
    app::{Effect, Message, Model, News, Place, Snapshot, fixture, model::OpenDoc, update},
    input::Action,
};

/// Presses keys.
pub(super) fn act(model: &mut Model, actions: &[Action]) -> Vec<Effect> {
    actions.iter().flat_map(|a| update(model, Message::Act(*a))).collect()
}

/// Opens a record as the laptop would.
pub(super) fn opened(known: Snapshot, at: Place, reading: Option<Reading>) -> Model {
    let mut model = fixture::model(known);
    model.desk_mut().unwrap().open = Some(OpenDoc::new(at));
    if let Some(reading) = reading {
        let authors = [("aa", 4), ("bb", 5)];
        let authors = authors.map(|(a, n)| (a.to_owned(), fixture::person(n)));
        let reading = Box::new(reading);
        let news = News::Reading { at, reading, authors: authors.into(), edits: 0 };
        update(&mut model, Message::Laptop(news));
    }
    model
}

/// Puts the cursor on a field.
pub(super) fn focus(model: &mut Model, path: &str) {
    let open = model.desk_mut().unwrap().open.as_mut().unwrap();
    open.focus = open.rows().iter().position(|r| r.path.0 == path).unwrap();
}
