//! Reading a document: every field, every conflict, nothing hidden.
use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Stored};

use super::{
    chunk::{ours, theirs},
    document::{DocError, Document},
    schema::{self, Field, FieldType},
};
use crate::model::{
    Body, ChangeHash, Conflict, ConflictValue, DocKind, EvidenceId, FieldPath, ItemId, Reading,
    RemovedMember, Value,
    consultation::{ActionItem, ConsultationReading, Position},
    interview::{InterviewReading, Interviewee, Statement, StatementTag},
    notice::NoticeReading,
    workpaper::{Criterion, Fact, Severity, WorkpaperReading},
};

/// A document, now or as it was at some heads.
pub(crate) struct View<'a, R> {
    doc: &'a R,
    heads: Option<Vec<automerge::ChangeHash>>,
}

impl<'a, R: ReadDoc> View<'a, R> {
    pub(crate) const fn now(doc: &'a R) -> Self {
        Self { doc, heads: None }
    }

    pub(crate) const fn at(doc: &'a R, heads: Vec<automerge::ChangeHash>) -> Self {
        Self { doc, heads: Some(heads) }
    }

    /// Returns all values under a key with the operations that wrote them, oldest first by
    /// counter, then actor: the same order on every device.
    pub(crate) fn all(&self, obj: &ObjId, key: &str) -> Vec<(Stored<'a>, ObjId)> {
        let mut out = match &self.heads {
            None => self.doc.get_all(obj, key),
            Some(heads) => self.doc.get_all_at(obj, key, heads),
        }
        .unwrap_or_default();
        out.sort_by(|(_, x), (_, y)| op_order(x).cmp(&op_order(y)));
        out
    }

    /// Returns the containers of one type under a key, oldest first. An honest document has
    /// one; of several none is hidden.
    pub(crate) fn containers(&self, obj: &ObjId, key: &str, ty: ObjType) -> Vec<ObjId> {
        self.all(obj, key)
            .into_iter()
            .filter_map(|(v, id)| matches!(v, Stored::Object(t) if t == ty).then_some(id))
            .collect()
    }

    pub(crate) fn text_of(&self, text: &ObjId) -> String {
        match &self.heads {
            None => self.doc.text(text),
            Some(heads) => self.doc.text_at(text, heads),
        }
        .unwrap_or_default()
    }

    pub(crate) fn keys(&self, map: &ObjId) -> Vec<String> {
        match &self.heads {
            None => self.doc.keys(map).collect(),
            Some(heads) => self.doc.keys_at(map, heads).collect(),
        }
    }

    /// Returns the items of a list, in its order.
    pub(crate) fn items(&self, list: &ObjId) -> Vec<ObjId> {
        let range = match &self.heads {
            None => self.doc.list_range(list, ..),
            Some(heads) => self.doc.list_range_at(list, .., heads),
        };
        range
            .filter(|i| matches!(i.value, automerge::ValueRef::Object(ObjType::Map)))
            .map(|i| i.id())
            .collect()
    }

    /// Returns the id of an item, if it has the form of one.
    pub(crate) fn item_id(&self, item: &ObjId) -> Option<ItemId> {
        self.all(item, schema::ID).iter().find_map(|(v, _)| scalar(v).as_text()?.parse().ok())
    }

    /// Returns the item of a list with the id.
    pub(crate) fn item(&self, list: &ObjId, id: ItemId) -> Option<ObjId> {
        self.items(list).into_iter().find(|i| self.item_id(i) == Some(id))
    }
}

fn op_order(id: &ObjId) -> (u64, Option<&ActorId>) {
    match id {
        ObjId::Root => (0, None),
        ObjId::Id(counter, actor, _) => (*counter, Some(actor)),
    }
}

/// Names the actor of an operation, in hexadecimal.
pub(crate) fn actor_of(id: &ObjId) -> String {
    match id {
        ObjId::Root => String::new(),
        ObjId::Id(_, actor, _) => actor.to_hex_string(),
    }
}

/// Reads a stored scalar; what no build writes reads as empty.
pub(crate) fn scalar(value: &Stored<'_>) -> Value {
    match value {
        Stored::Scalar(s) => match s.as_ref() {
            ScalarValue::Str(t) => Value::Text(t.to_string()),
            ScalarValue::Int(n) => Value::Int(*n),
            ScalarValue::Uint(n) => i64::try_from(*n).map_or(Value::Empty, Value::Int),
            ScalarValue::Boolean(b) => Value::Bool(*b),
            _ => Value::Empty,
        },
        Stored::Object(_) => Value::Empty,
    }
}

impl Document {
    /// Returns what the document says at its heads.
    pub fn reading(&self) -> Reading {
        Reader::new(&self.am, self.schema, None).read(self.kind, self.heads())
    }

    /// Returns what the document said at `heads`.
    ///
    /// # Errors
    /// When `heads` names a change that is not here.
    pub fn reading_at(&self, heads: &[ChangeHash]) -> Result<Reading, DocError> {
        if !heads.iter().all(|h| self.has(h)) {
            return Err(DocError::UnknownHeads);
        }
        let mut sorted = heads.to_vec();
        sorted.sort_unstable();
        Ok(Reader::new(&self.am, self.schema, Some(theirs(heads))).read(self.kind, sorted))
    }
}

struct Reader<'a> {
    am: &'a Automerge,
    view: View<'a, Automerge>,
    schema: u32,
    conflicts: Vec<Conflict>,
    removed: Vec<RemovedMember>,
}

impl<'a> Reader<'a> {
    fn new(am: &'a Automerge, schema: u32, heads: Option<Vec<automerge::ChangeHash>>) -> Self {
        let view = heads.map_or_else(|| View::now(am), |h| View::at(am, h));
        Self { am, view, schema, conflicts: Vec::new(), removed: Vec::new() }
    }

    fn read(mut self, kind: DocKind, heads: Vec<ChangeHash>) -> Reading {
        let fields = schema::fields(kind);
        let body = match kind {
            DocKind::Interview => Body::Interview(self.interview(&At::root(fields))),
            DocKind::Workpaper => Body::Workpaper(self.workpaper(&At::root(fields))),
            DocKind::Consultation => Body::Consultation(self.consultation(&At::root(fields))),
            DocKind::Notice => Body::Notice(self.notice(&At::root(fields))),
        };
        self.conflicts.sort();
        self.removed.sort();
        let (schema, conflicts, removed) = (self.schema, self.conflicts, self.removed);
        Reading { heads, schema, body, conflicts, removed }
    }

    fn interview(&mut self, at: &At) -> InterviewReading {
        InterviewReading {
            interviewee: Interviewee {
                name: self.line(at, "interviewee_name"),
                post: self.line(at, "interviewee_post"),
                section: self.line(at, "interviewee_section"),
            },
            interviewers: self.ids(at, "interviewers"),
            place: self.line(at, "place"),
            started: self.line(at, "started"),
            ended: self.line(at, "ended"),
            outline: self.text(at, "outline"),
            notice_read: self.value(at, "notice_read") == Value::Bool(true),
            purpose: self.text(at, "purpose"),
            note: self.text(at, "note"),
            statements: self.items(at, "statements", Self::statement),
        }
    }

    fn statement(&mut self, id: ItemId, at: &At) -> Statement {
        Statement {
            id,
            tag: self.value(at, "tag").as_text().and_then(StatementTag::from_name),
            text: self.text(at, "text"),
            who: self.line(at, "who"),
            what: self.line(at, "what"),
            when: self.line(at, "when"),
            place: self.line(at, "place"),
            how_known: self.line(at, "how_known"),
            refs: self.ids::<EvidenceId>(at, "refs"),
            actor: actor_of(&at.obj),
            removed: self.gone(at),
        }
    }

    fn workpaper(&mut self, at: &At) -> WorkpaperReading {
        WorkpaperReading {
            title: self.line(at, "title"),
            source: self.members(at, "source"),
            condition: self.text(at, "condition"),
            criteria: self.items(at, "criteria", |r, id, at| Criterion {
                id,
                instrument: r.line(at, "instrument"),
                article: r.line(at, "article"),
                version: r.line(at, "version"),
                removed: r.gone(at),
            }),
            cause: self.text(at, "cause"),
            effect: self.text(at, "effect"),
            facts: self.items(at, "facts", |r, id, at| Fact {
                id,
                text: r.text(at, "text"),
                evidence: r.ids(at, "evidence"),
                statements: r.members(at, "statements"),
                removed: r.gone(at),
            }),
            responsible: self.line(at, "responsible"),
            party: self.line(at, "party"),
            when: self.line(at, "when"),
            place: self.line(at, "place"),
            method: self.text(at, "method"),
            amount_fen: match self.value(at, "amount_fen") {
                Value::Int(n) => Some(n),
                _ => None,
            },
            exculpatory: self.text(at, "exculpatory"),
            extent_check: self.text(at, "extent_check"),
            communication: self.text(at, "communication"),
            severity: self.value(at, "severity").as_text().and_then(Severity::from_name),
            characterisation: self.line(at, "characterisation"),
            themes: self.members(at, "themes"),
            evidence: self.ids(at, "evidence"),
        }
    }

    fn consultation(&mut self, at: &At) -> ConsultationReading {
        ConsultationReading {
            title: self.line(at, "title"),
            question: self.text(at, "question"),
            positions: self.items(at, "positions", |r, id, at| Position {
                id,
                person: r.line(at, "person").parse().ok(),
                text: r.text(at, "text"),
                actor: actor_of(&at.obj),
                removed: r.gone(at),
            }),
            rules: self.text(at, "rules"),
            characterisation: self.line(at, "characterisation"),
            sufficiency: self.line(at, "sufficiency"),
            disposition: self.line(at, "disposition"),
            minutes: self.text(at, "minutes"),
            actions: self.items(at, "actions", |r, id, at| ActionItem {
                id,
                who: r.line(at, "who"),
                what: r.line(at, "what"),
                due: r.line(at, "due"),
                removed: r.gone(at),
            }),
        }
    }

    fn notice(&mut self, at: &At) -> NoticeReading {
        NoticeReading {
            title: self.line(at, "title"),
            matter: self.text(at, "matter"),
            rule_breached: self.text(at, "rule_breached"),
            request: self.text(at, "request"),
            contact: self.line(at, "contact"),
            workpapers: self.ids(at, "workpapers"),
        }
    }

    /// Reads a scalar: of concurrent values the newest. A judgement with differing ones is
    /// noted as a conflict.
    fn value(&mut self, at: &At, key: &str) -> Value {
        let all = self.view.all(&at.obj, key);
        let judgement =
            schema::find(at.fields, key).is_some_and(|f| matches!(f.ty, FieldType::Judgement(_)));
        if judgement {
            let values = all.iter().map(|(v, op)| self.conflict_value(scalar(v), op)).collect();
            self.note(at.path(key), values);
        }
        all.last().map_or(Value::Empty, |(v, _)| scalar(v))
    }

    fn line(&mut self, at: &At, key: &str) -> String {
        match self.value(at, key) {
            Value::Text(t) => t,
            _ => String::new(),
        }
    }

    /// Reads a text. A second text under the same key is a conflict, never hidden.
    fn text(&mut self, at: &At, key: &str) -> String {
        let texts: Vec<_> = self
            .view
            .containers(&at.obj, key, ObjType::Text)
            .into_iter()
            .map(|id| (self.view.text_of(&id), id))
            .collect();
        if texts.len() > 1 {
            let values = texts
                .iter()
                .map(|(t, op)| self.conflict_value(Value::Text(t.clone()), op))
                .collect();
            self.note(at.path(key), values);
        }
        texts.into_iter().next().map(|(t, _)| t).unwrap_or_default()
    }

    /// Reads a set: a member stands if any concurrent writer added it.
    fn members(&mut self, at: &At, key: &str) -> Vec<String> {
        let mut standing = Vec::new();
        let mut gone = Vec::new();
        for set in self.view.containers(&at.obj, key, ObjType::Map) {
            for member in self.view.keys(&set) {
                let all = self.view.all(&set, &member);
                if all.iter().any(|(v, _)| scalar(v) == Value::Bool(true)) {
                    standing.push(member);
                } else if let Some((Value::Text(reason), op)) =
                    all.last().map(|(v, op)| (scalar(v), op))
                {
                    let (field, actor) = (at.path(key), actor_of(op));
                    gone.push(RemovedMember { field, member, reason, actor });
                }
            }
        }
        standing.sort();
        standing.dedup();
        gone.retain(|g| !standing.contains(&g.member));
        self.removed.append(&mut gone);
        standing
    }

    fn ids<T: std::str::FromStr>(&mut self, at: &At, key: &str) -> Vec<T> {
        self.members(at, key).iter().filter_map(|m| m.parse().ok()).collect()
    }

    fn items<T>(
        &mut self,
        at: &At,
        key: &'static str,
        mut one: impl FnMut(&mut Self, ItemId, &At) -> T,
    ) -> Vec<T> {
        let Some(Field { ty: FieldType::List(fields), .. }) = schema::find(at.fields, key) else {
            return Vec::new();
        };
        let lists = self.view.containers(&at.obj, key, ObjType::List);
        let items: Vec<_> = lists
            .iter()
            .flat_map(|l| self.view.items(l))
            .filter_map(|obj| Some((self.view.item_id(&obj)?, obj)))
            .collect();
        items
            .into_iter()
            .map(|(id, obj)| one(self, id, &At { obj, item: Some((key, id)), fields }))
            .collect()
    }

    /// Returns why an item was taken out; it stands if any concurrent writer put it back.
    fn gone(&self, at: &At) -> Option<String> {
        let all = self.view.all(&at.obj, schema::REMOVED);
        let reasons: Option<Vec<_>> =
            all.iter().map(|(v, _)| scalar(v).as_text().map(str::to_owned)).collect();
        reasons?.pop()
    }

    fn conflict_value(&self, value: Value, op: &ObjId) -> ConflictValue {
        let (counter, actor) = op_order(op);
        let actor = actor.map(ActorId::to_hex_string).unwrap_or_default();
        let change = self.am.hash_for_opid(op).map(ours).unwrap_or_default();
        ConflictValue { op: format!("{counter}@{actor}"), value, actor, change }
    }

    fn note(&mut self, field: FieldPath, mut values: Vec<ConflictValue>) {
        // The same value written twice is agreement.
        if values.iter().any(|v| v.value != values[0].value) {
            values.sort();
            self.conflicts.push(Conflict { field, values });
        }
    }
}

/// The map being read: the document itself or one item.
struct At {
    obj: ObjId,
    item: Option<(&'static str, ItemId)>,
    fields: &'static [Field],
}

impl At {
    const fn root(fields: &'static [Field]) -> Self {
        Self { obj: ROOT, item: None, fields }
    }

    fn path(&self, key: &str) -> FieldPath {
        match self.item {
            None => FieldPath::top(key),
            Some((list, id)) => FieldPath::item(list, id, key),
        }
    }
}
