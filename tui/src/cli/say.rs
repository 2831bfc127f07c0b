//! The sentences of the command line, in Chinese and English.
use std::fmt::Display;

use shared::workflow::{Refusal, TaskKind};

use super::failure::Failure;
use crate::laptop::{NodeError, link::LinkError, vault::VaultError};

/// The language of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

/// Puts things into words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Say {
    lang: Lang,
}

macro_rules! sentences {
    ($($name:ident ( $($arg:ident),* ) $zh:literal, $en:literal;)+) => {
        #[allow(missing_docs)]
        impl Say {
            $(pub(super) fn $name(&self $(, $arg: impl Display)*) -> String {
                match self.lang {
                    Lang::Zh => format!($zh),
                    Lang::En => format!($en),
                }
            })+
        }
    };
}

sentences! {
    passphrase_prompt() "口令：", "Passphrase: ";
    enrolled(name, pin) "已注册：{name}。服务器校验码 {pin}，请与管理员核对。", "Enrolled: {name}. Server pin {pin}; compare it with the administrator's.";
    recovery(key) "恢复密钥（只显示一次，请打印后交巡察办保管）：{key}", "Recovery key (shown once; print it and hand it to the office): {key}";
    training() "演练轮次，数据均为虚构。", "Training round; all data are invented.";
    request_written(file) "申请已写入 {file}，请交管理员；批准文件拿回后执行 enrol --accept。", "Request written to {file}; take it to the administrator, then run enrol --accept.";
    synced(sent, got, undecided) "同步完成：裁定 {sent} 件，收到 {got} 条记录，待裁定 {undecided} 件。", "Synchronised: {sent} decided, {got} entries came, {undecided} await a verdict.";
    saved(number) "已保存：{number}", "Saved: {number}";
    asked(number) "已提出，待服务器裁定：{number}", "Asked; the server has yet to decide: {number}";
    decided(number) "服务器已裁定：{number}", "Decided by the server: {number}";
    added(count) "已记录 {count} 条。", "{count} recorded.";
    nothing() "没有内容。", "Nothing.";
    nothing_waits() "今日没有待办。", "Nothing waits for you.";
    pending(count) "尚未送达服务器或待裁定：{count} 件。", "Not yet on the server, or without a verdict: {count}.";
    whole(rows) "完好：{rows} 个知悉范围的记录均可核验。", "Whole: the journals of {rows} spaces verify.";
    gate_green() "佐证关：绿", "Evidence gate: green";
    gate_red(count) "佐证关：红，缺 {count} 项", "Evidence gate: red, {count} missing";
    exported(file, count) "已导出 {count} 件到 {file}。", "{count} exported to {file}.";
    written(file) "已写入 {file}。", "Written: {file}.";
    imported(count) "已读入 {count} 件。", "{count} read in.";
    clock_off(hours) "本机时钟比服务器快 {hours} 小时（负数为慢）。记录以服务器时间为准，请校准本机时钟。", "This laptop's clock is {hours} hours ahead of the server's (behind, if negative). The server's time counts; please set the clock.";
    aside(number, code) "{number}：内容已收存，未并入正文（{code}），在迟到内容中", "{number}: kept, not in the document ({code}); see the late arrivals";
    malformed(number) "{number}：服务器认为内容不合格式", "{number}: the server finds it malformed";
    files_moved(sent, got) "佐证文件：上传 {sent} 份，下载 {got} 份。", "Evidence files: {sent} sent, {got} fetched.";
    files_left(up, up_size, down, down_size) "佐证文件留待下次：待上传 {up} 份（{up_size}），待下载 {down} 份（{down_size}）。", "Evidence files for next time: {up} to send ({up_size}), {down} to fetch ({down_size}).";
    files_on_demand(count, size) "另有 {count} 份大文件（{size}）不自动下载，需要时用 evidence get --out 或 sync --all-files。", "{count} long files ({size}) do not come by themselves: evidence get --out, or sync --all-files.";
    file_failed(name, code) "{name}：文件未传完（{code}）", "{name}: the file did not get through ({code})";
    files_whole(whole, missing) "佐证文件：本机 {whole} 份完好，{missing} 份不在本机。", "Evidence files: {whole} here and whole, {missing} not here.";
    missing(count, who) "缺 {who} 的 {count} 件，补来后自动合并。", "{count} missing from {who}; they merge when they come.";
}

impl Say {
    /// Speaks this language.
    pub(super) const fn new(lang: Lang) -> Self {
        Self { lang }
    }

    /// Names something that waits to be done.
    pub(super) const fn task(&self, kind: TaskKind) -> &'static str {
        let (zh, en) = match kind {
            TaskKind::Returned => ("已退回，须处理", "returned"),
            TaskKind::SignAgain => ("签后有改动，须重签", "sign again"),
            TaskKind::ConfirmInterview => ("谈话记录待确认", "confirm the talk"),
            TaskKind::RecordReview => ("待记录谈话对象核对意见", "record the review"),
            TaskKind::CloseInterview => ("谈话待办结", "close the talk"),
            TaskKind::SignMaker => ("待承办人签字", "sign as maker"),
            TaskKind::SignDeputy => ("待副组长审核", "review"),
            TaskKind::SignLeader => ("待组长审签", "approve"),
            TaskKind::ApproveFinding => ("问题待认定", "take up the finding"),
            TaskKind::LateArrivals => ("有迟到内容待处理", "late arrivals"),
            TaskKind::ApproveNotice => ("通知书待批准", "approve the notice"),
            TaskKind::IssueNotice => ("通知书待发出", "issue the notice"),
            TaskKind::Acknowledge => ("通知书待签收", "acknowledge"),
            TaskKind::SetPlan => ("待报整改措施", "set the plan"),
            TaskKind::ReportMeasures => ("待报整改情况", "report the measures"),
            TaskKind::Check => ("待现场核查", "check on the spot"),
            TaskKind::DecideDispute => ("异议待答复", "answer the objection"),
            TaskKind::Triage => ("会商待受理", "triage"),
            TaskKind::Conclude => ("会商待形成意见", "conclude"),
            TaskKind::SignMinutes => ("会商纪要待签", "sign the minutes"),
            TaskKind::FinishConsultation => ("议定事项待完成", "finish what was agreed"),
            TaskKind::CloseConsultation => ("会商待办结", "close the consultation"),
        };
        if self.zh() { zh } else { en }
    }

    const fn zh(self) -> bool {
        matches!(self.lang, Lang::Zh)
    }

    /// Says what happened and what to do next; the second may be empty.
    pub(super) fn failure(&self, failure: &Failure) -> (String, String) {
        let (zh, next): (String, &str) = match failure {
            Failure::Refused { refusal, by_server } => {
                let (what, next) = refusal_zh(refusal);
                let by = if *by_server { "服务器不予办理" } else { "不予办理" };
                (format!("{by}：{what}（{}）", refusal.code()), next)
            }
            Failure::Unknown { name } => {
                (format!("没有找到“{name}”"), "用 list 查看编号；或先同步")
            }
            Failure::Ambiguous { name, fits } => (
                format!("“{name}”可指多项：{}", fits.join("、")),
                "请写完整编号，或用 --in 指明知悉范围",
            ),
            Failure::Unreadable { what, text } => {
                (format!("{what} 无法识别：{text}"), "请核对格式")
            }
            Failure::NoHome => {
                ("没有指明数据文件夹".to_owned(), "加 --home 文件夹，或设置 XUNJI_HOME")
            }
            Failure::NoPassphrase => {
                ("没有口令".to_owned(), "在终端中输入，或设置 XUNJI_PASSPHRASE_FILE")
            }
            Failure::Bundle(e) => {
                (format!("数据包读写失败：{e}"), "重新拷贝后再试；已读入的不会丢失")
            }
            Failure::FileNotHere { name } => {
                (format!("“{name}”的文件还不在本机"), "请取得人先同步；之后再取一次，或由专人递送")
            }
            Failure::Check(e) => (e.clone(), ""),
            Failure::Node(e) => node_zh(e),
            Failure::Link(e) => link_zh(e),
            Failure::Io(e) => (format!("系统错误：{e}"), "请检查路径和权限"),
        };
        if self.zh() { (zh, next.to_owned()) } else { (failure.to_string(), String::new()) }
    }
}

fn node_zh(e: &NodeError) -> (String, &'static str) {
    match e {
        NodeError::Vault(VaultError::WrongKey) => {
            ("口令不对".to_owned(), "请重新输入；忘记口令须由巡察办用恢复密钥打开")
        }
        NodeError::Vault(VaultError::InUse { .. }) => {
            ("数据文件夹正被另一个程序使用".to_owned(), "请先关闭那个程序")
        }
        NodeError::Vault(VaultError::Absent { .. }) | NodeError::NotEnrolled => {
            ("这里还没有注册过的数据".to_owned(), "先执行 xunji enrol")
        }
        NodeError::Vault(VaultError::Exists { .. }) => {
            ("这里已经注册过，未作改动".to_owned(), "换一个 --home 文件夹")
        }
        NodeError::NotSaved { waiting } => {
            (format!("磁盘已满，{waiting} 处修改尚未保存"), "请腾出空间后重试")
        }
        other => (format!("本机处理失败：{other}"), "执行 xunji verify 检查"),
    }
}

fn link_zh(e: &LinkError) -> (String, &'static str) {
    match e {
        LinkError::Unreachable(_) => {
            ("连不上服务器".to_owned(), "内容已保存在本机；有网络后再同步，或用 bundle 拷贝")
        }
        LinkError::OtherServer => {
            ("对方不是注册时的服务器".to_owned(), "不要继续，请与管理员核对校验码")
        }
        LinkError::Refused => ("服务器不接受本设备".to_owned(), "可能已注销，请联系管理员"),
        LinkError::Code => ("注册码不对、已用过或已过期".to_owned(), "请管理员重新签发"),
        LinkError::Pin { found } => {
            (format!("校验码不符，服务器出示的是 {found}"), "不要继续，请与管理员核对")
        }
        LinkError::Node(e) => node_zh(e),
        other => (format!("与服务器通信失败：{other}"), "稍后再同步"),
    }
}

/// Says a refusal in Chinese, and what can be done about it.
fn refusal_zh(refusal: &Refusal) -> (&'static str, &'static str) {
    match refusal.code() {
        "basis_refused" => ("所依据的前一项申请未获办理", "先处理前一项，再重新提出"),
        "read_only" => ("本版本不认识其中的内容，只能查看", "请升级程序"),
        "not_a_member" => ("您不在本知悉范围内", "请联系组长或巡察办"),
        "lapsed" => ("授权已到期", "请巡察办延期"),
        "recused" => ("您已回避", ""),
        "device_revoked" => ("本设备已注销", "请联系管理员"),
        "not_allowed" => ("您的职务不能办理此事", "请有相应职务的人员办理"),
        "server_only" => ("此事只由服务器办理", ""),
        "wrong_space" => ("此事不在这一知悉范围办理", "用 --in 指明知悉范围"),
        "unknown_record" => ("这里没有这份记录", "先同步"),
        "wrong_kind" => ("记录类型不对", ""),
        "wrong_stage" => ("当前阶段不能办理", "用 show 查看进展"),
        "not_configured" => ("轮次文件缺少所需设置", "请管理员补充"),
        "content_missing" => ("还没有读到正文", "先同步"),
        "reason_missing" => ("须写明理由", "加 --reason"),
        "field_missing" => ("有必填项为空", "补全后再办理"),
        "heads_moved" => ("正文在此期间有改动", "看过改动后重新签署"),
        "rendering_differs" | "rendering_missing" => ("所签文本与正文不一致", "重新签署"),
        "conflicted" => ("有判断性字段存在冲突，尚未裁定", "由副组长或组长 workpaper resolve"),
        "gate_red" => ("佐证关未过", "用 workpaper gate 查看所缺；确须先签的加 --override 理由"),
        "makers_missing" => ("承办人须两人签字", "请另一名承办人签字"),
        "step_not_reached" => ("前一步尚未签署", "按 承办人、副组长、组长 的顺序办理"),
        "already_signed" => ("您已签过", ""),
        "two_steps" => ("同一人不得签两步", "请另一人办理"),
        "values_differ" | "not_a_conflict" | "not_one_of_the_values" => {
            ("冲突的各个取值已有变化", "用 show 查看后再裁定")
        }
        "not_late" | "not_closed_set" | "not_adoptable" => {
            ("这些迟到内容不能这样处理", "用 workpaper late 查看")
        }
        "not_interviewer" => ("您不是本次谈话的谈话人", ""),
        "two_interviewers" => ("谈话须两人，且两人均须确认", "请另一名谈话人确认"),
        "review_missing" => ("尚未记录谈话对象的核对意见", "先执行 interview review"),
        "review_of_another_version" => ("谈话对象核对的是另一版本", "请重新核对"),
        "corrections_mismatch" => ("更正内容与核对结果不一致", "结果为 corrected 时须写明更正"),
        "unknown_statement" => ("没有这一条陈述", "用 interview show 查看"),
        "two_witnesses" => ("纸质签署须两名成员见证", "加 --witness"),
        "unknown_scan" | "scan_of_another_version" => ("扫描件不是所签版本", "重新扫描登记"),
        "evidence_exists" => ("该佐证已登记，不再改动", ""),
        "evidence_incomplete" => ("佐证的来源、时间、取得人须写全", "补全后再登记"),
        "two_obtainers" => ("现场取得的佐证须两人", "加 --by"),
        "unknown_evidence" => ("佐证未登记", "先执行 evidence add"),
        "holder_exists" => ("有合格人员在岗，不得代签", ""),
        "not_the_raising_leader" => ("只有提出会商的组长可以办理", ""),
        "time_passed" => ("所定时间已过", "另定时间"),
        "unmasked_without_reason" => ("不隐去姓名须写明理由", "加 --unmasked 理由"),
        "unknown_action" => ("没有这一事项", "用 consultation show 查看"),
        "actions_open" => ("议定事项尚未完成", ""),
        "minutes_unsigned" => ("纪要尚未由巡察办和提出组长签署", ""),
        "workpaper_not_approved" => ("所依据的底稿未经组长审签", "先审签底稿"),
        "due_after_exit" => ("期限不得晚于撤离日", "另定期限"),
        "due_in_the_past" => ("期限已过", "另定期限"),
        "not_later" => ("延期须晚于原期限", "另定期限"),
        "measure_incomplete" => ("每项措施须落实到事、到人、到日期", "补全后再提交"),
        "unknown_measure" => ("没有这项措施", "用 measure list 查看"),
        "measure_not_reported" => ("有措施尚未报告", "先执行 measure report"),
        "intent_only" => ("只有会议纪要、方案等表态材料，不能销号", "补充已实际落实的佐证"),
        "effect_missing" => ("重大问题须有效果佐证", "补充效果佐证"),
        "two_checkers" => ("现场核查须两名成员", "加 --by"),
        "sample_empty" => ("核查样本不对", "写明 通过数/样本数"),
        "not_due" => ("尚未到期", ""),
        _ => ("规则不允许", ""),
    }
}
