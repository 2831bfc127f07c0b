//! What `--help` and a wrong command line say in Chinese.
//!
//! The English of the help stands in the sources and that of what is wrong in clap, so neither is
//! in the locales. A sentence that changes there has no translation here until it is given one:
//! a test walks all commands and finds it.
use std::fmt;

/// Before how a command is used.
pub(crate) const USAGE: &str = "用法：";
/// Above the commands, and in place of one.
pub(crate) const COMMANDS: &str = "命令";
/// Above what stands in its place.
pub(crate) const ARGUMENTS: &str = "参数";
/// Above what has a name.
pub(crate) const OPTIONS: &str = "选项";
/// Stands for any options.
pub(crate) const ANY_OPTIONS: &str = "[选项]";
/// Where there is more.
pub(crate) const MORE: &str = "详见 --help";

/// Says what holds if nothing is given.
pub(crate) fn default(value: &str) -> String {
    format!("[默认 {value}]")
}

/// Says which variable gives it, too.
pub(crate) fn variable(name: &str) -> String {
    format!("[环境变量 {name}]")
}

/// Says what may be given.
pub(crate) fn values(all: &[String]) -> String {
    format!("可选：{}", all.join("、"))
}

/// Says what a value stands for.
pub(crate) fn value(name: &str, means: &str) -> String {
    format!("- {name}：{means}")
}

/// Says what may have been meant.
pub(crate) fn meant(what: &str) -> String {
    format!("是不是 {what}？")
}

/// What is wrong with a command line.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// No such option, or nothing more was to come.
    Unknown(String),
    /// No such command.
    NoCommand(String),
    /// Something must be given.
    Missing(String),
    /// A command must be given.
    MissingCommand,
    /// An option stands alone.
    NoValue(String),
    /// An option, and what it cannot be.
    Value(String, String),
    /// Two that exclude each other.
    Conflict(String, String),
    /// More or fewer values than there may be.
    Count(String),
    /// Bytes that are no text.
    NotText,
    /// What else there is says itself, in English.
    Other(String),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("错误：")?;
        match self {
            Self::Unknown(what) => write!(f, "没有这个选项：{what}"),
            Self::NoCommand(what) => write!(f, "没有这个命令：{what}"),
            Self::Missing(what) => write!(f, "缺少：{what}"),
            Self::MissingCommand => f.write_str("缺少命令"),
            Self::NoValue(what) => write!(f, "{what} 没有写值"),
            Self::Value(what, value) => write!(f, "{what} 不能是“{value}”"),
            Self::Conflict(what, other) => write!(f, "{what} 不能与 {other} 同用"),
            Self::Count(what) => write!(f, "{what} 值的个数不对"),
            Self::NotText => f.write_str("命令行不是 UTF-8"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

/// Returns a sentence of the help in Chinese.
pub(crate) fn chinese(english: &str) -> Option<&'static str> {
    ALL.iter().find(|(en, _)| *en == english).map(|(_, zh)| *zh)
}

/// Every sentence, in the order in which `--help` comes to it.
pub(crate) const ALL: &[(&str, &str)] = &[
    ("Xunji (巡迹): inspection work, offline first", "巡迹：离线优先的巡察工作系统"),
    ("The laptop's folder", "本机数据目录"),
    ("Print JSON", "以 JSON 输出"),
    ("The language of what is printed", "输出语言"),
    ("中文", "中文"),
    ("English", "English"),
    (
        "The space it is about, by title, code or id; needed only where several fit",
        "所属知悉范围：名称、代号或编号；有多个可选时才需要",
    ),
    (
        "Ask the server although this laptop sees that it would refuse now",
        "本机判断会被驳回时，仍向服务器提出",
    ),
    ("Synchronise at once, and print the server's answer", "立即同步，并显示服务器的答复"),
    ("Print help", "显示帮助"),
    ("Print help (see more with '--help')", "显示帮助（--help 更详细）"),
    ("Print help (see a summary with '-h')", "显示帮助（-h 为简表）"),
    ("Print version", "显示版本"),
    ("Print this message or the help of the given subcommand(s)", "显示本说明，或某个命令的说明"),
    ("Print help for the subcommand(s)", "要看哪个命令的说明"),
    // ---- the laptop
    ("Make this folder a device of the round", "注册：把本目录登记为本轮的一台设备"),
    ("The server's address", "服务器地址"),
    ("The one-time code the administrator gave", "管理员给的一次性注册码"),
    (
        "The fingerprint of the server's certificate, as the administrator reads it out",
        "服务器证书指纹，由管理员当面念出",
    ),
    ("Without a network: write the request here", "没有网络时：注册请求写到这个文件"),
    (
        "Whose device it is to be, by code; with --request",
        "设备归谁，写人员代号；与 --request 同用",
    ),
    (
        "Without a network: take the administrator's acceptance from here",
        "没有网络时：从这个文件读入管理员的批准",
    ),
    ("What this laptop is called; by default just a laptop", "本机名称；不写就叫“笔记本”"),
    (
        "What waits for you, and what the server does not have yet",
        "待办事项，以及服务器还没有的内容",
    ),
    ("Send what has no verdict and take what is new", "同步：送出未记入的，取回新的"),
    ("Go on until interrupted", "持续同步，直到中断"),
    ("Leave evidence files for later, both ways", "佐证文件以后再传（双向）"),
    ("Also fetch files that are too long to come by themselves", "较大、不自动传的文件也取回"),
    ("Check that everything kept here is whole", "核验本机所存是否完整"),
    ("Look for what could go wrong on this machine", "检查本机可能出问题的地方"),
    (
        "Ask for the passphrase, to reach the server as this device",
        "输入口令，以本机身份联系服务器",
    ),
    (
        "The passphrase, the recovery key, and a vault that does not hold",
        "口令、恢复密钥，以及损坏的数据库",
    ),
    ("Set a new passphrase; the old one then opens nothing", "设新口令；旧口令随即失效"),
    ("Draw a new recovery key; the old one then opens nothing", "换新恢复密钥；旧密钥随即失效"),
    (
        "As the office: open a laptop by its recovery key and set a new passphrase",
        "巡察办用：凭恢复密钥打开笔记本并设新口令",
    ),
    (
        "Read out what is whole of a damaged vault, into a new home",
        "从损坏的数据库读出完好部分，放入新目录",
    ),
    ("The new home; nothing may be there", "新目录，须尚不存在"),
    ("Open the damaged vault by the office's recovery key", "用巡察办的恢复密钥打开损坏的数据库"),
    (
        "Hand this laptop over: once all is decided and the device revoked, wipe it",
        "移交本机：全部记入、设备吊销之后清除",
    ),
    // ---- interview
    ("Talks", "谈话"),
    ("Begin the record of a talk", "新建谈话记录"),
    ("The interviewee's name", "谈话对象姓名"),
    ("The interviewee's post", "谈话对象职务"),
    ("The interviewee's section", "谈话对象所在科室"),
    ("An interviewer; at least two before it can be closed", "谈话人；办结前至少两人"),
    ("Where the talk is held", "谈话地点"),
    ("The outline", "谈话提纲"),
    (
        "Purpose, voluntariness and confidentiality were read out",
        "已宣读谈话目的、自愿原则和保密要求",
    ),
    ("Add statements: one, or many as JSON lines", "添加陈述：一条，或以 JSON 行成批"),
    ("The talk", "哪次谈话"),
    ("What was said", "陈述内容"),
    (
        "Its kind: fact, hearsay, opinion, pointer, procedural",
        "类别：fact 事实、hearsay 听说、opinion 看法、pointer 材料线索、procedural 程序",
    ),
    (
        "JSON lines {\"tag\",\"text\",\"who\",\"when\",\"place\",\"how_known\"}; - is standard input",
        "JSON 行文件 {\"tag\",\"text\",\"who\",\"when\",\"place\",\"how_known\"}；- 为标准输入",
    ),
    ("Set fields: FIELD=VALUE", "填写栏目：栏目=内容"),
    ("What to set", "要填的栏目"),
    ("Agree to the note as one of its interviewers", "谈话人确认记录"),
    ("Record how the interviewee took the note", "登记谈话对象核对情况"),
    ("How the note was taken", "核对结果"),
    ("Read and signed", "已阅并签字"),
    ("Read, with corrections", "已阅，有更正"),
    ("Did not sign", "未签字"),
    ("A review was not possible", "无法核对"),
    (
        "A correction beside the old text: STATEMENT=TEXT, the statement by place or id",
        "更正，原文保留：陈述=内容；陈述用序号或编号",
    ),
    ("The scan of the signed paper", "签字纸件的扫描件"),
    ("The digits at the foot of the signed pages", "签字页页脚的校验码"),
    ("Who saw it signed", "见证签字的人"),
    ("Close the talk", "办结谈话"),
    ("Call a talk off", "取消谈话"),
    ("Why", "理由"),
    (
        "Write in it while others do, until standard input ends: edits in, events out, each a line of JSON",
        "与他人同时编写，直到标准输入结束：改动进、事件出，每行一个 JSON",
    ),
    ("All talks", "谈话一览"),
    ("One talk", "查看一次谈话"),
    // ---- workpaper
    ("One-matter files", "问题底稿（一事一底稿）"),
    ("Begin a paper", "新建底稿"),
    ("The matter, in one line", "事由，一句话"),
    ("More: FIELD=VALUE, amount=YUAN", "其他栏目：栏目=内容；amount=金额（元）"),
    ("Set fields: FIELD=VALUE; amount=YUAN", "填写栏目：栏目=内容；amount=金额（元）"),
    ("The paper", "哪份底稿"),
    ("Assert a fact", "写入一条事实"),
    ("The assertion", "事实内容"),
    ("An item of evidence that carries it", "支持它的佐证"),
    (
        "A statement that carries it, as INTERVIEW_ID/STATEMENT_ID",
        "支持它的陈述：谈话编号/陈述编号",
    ),
    ("Name a rule that was breached", "写入违反的规定"),
    ("The instrument", "文件名称"),
    ("The article", "条款"),
    ("The version in force", "当时有效的版本"),
    (
        "Attach evidence, to the paper or to one of its facts",
        "关联佐证：关联到底稿，或其中一条事实",
    ),
    ("The item", "哪件佐证"),
    ("The fact, by place or id", "哪条事实：序号或编号"),
    ("Sign one step", "三审签字"),
    ("Which step", "哪一审"),
    ("承办人", "承办人"),
    ("副组长", "副组长"),
    ("组长", "组长"),
    ("Why it is signed over a red evidence gate", "佐证门槛未齐仍要签字的理由"),
    ("Return it to its makers, or take back one's own signature", "退回承办人，或撤回本人签字"),
    ("The remark", "意见"),
    ("The field it is about", "针对哪一栏"),
    ("Settle a judgement field with concurrent values", "裁定有冲突的定性栏目"),
    ("The field", "栏目"),
    ("The value that holds", "以哪个值为准"),
    ("Late arrivals: look, adopt, decline", "迟到内容：查看、采纳、不采纳"),
    ("What to do", "如何处理"),
    ("Only look", "只查看"),
    ("Into the document", "采纳进正文"),
    ("Stay out for good", "不采纳"),
    ("Only these; all that wait if none is named", "只处理这些；不写则为全部"),
    ("Why they are declined", "不采纳的理由"),
    ("Give a paper up", "作废底稿"),
    (
        "Ask the office for a stand-in, where nobody may take the next step",
        "下一步无人可办时，请巡察办指定代行人",
    ),
    ("Why nobody may take it", "无人可办的原因"),
    (
        "As the office: what groups ask a stand-in for, and who may be named",
        "巡察办用：各组的代行申请，以及可指定的人",
    ),
    (
        "As the office's director: name a stand-in for the step a group asks about",
        "巡察办主任用：就申请的环节指定代行人",
    ),
    ("The request, by its paper's number", "哪份申请：底稿编号"),
    ("Who; one of those the request names", "谁，从申请所列人员中选"),
    (
        "The last day, ISO; the stand-in may sign from now on",
        "截止日期，如 2026-05-29；即日起可代行",
    ),
    ("Why; as the group gave it if not given", "理由；不写则用该组所写"),
    ("All papers", "底稿一览"),
    ("One paper", "查看一份底稿"),
    ("What the evidence gate misses", "查看佐证门槛还缺什么"),
    // ---- finding, evidence
    ("Findings", "问题"),
    ("All findings", "问题一览"),
    ("One finding, with its chain", "查看一个问题及其来龙去脉"),
    ("The finding", "哪个问题"),
    ("Stand by it, as the leader", "组长认定"),
    ("Withdraw it", "撤回"),
    ("The evidence index", "佐证目录"),
    ("Enter an item in the index", "登记佐证"),
    ("What it is called", "名称"),
    ("What it is", "种类"),
    ("A document of the unit", "被巡察单位的文件"),
    ("A record of proceedings", "会议、办理记录"),
    ("Data drawn from a system", "系统导出数据"),
    ("A photograph", "照片"),
    ("A written statement", "书面说明"),
    ("A survey", "问卷"),
    ("What the members saw on site", "现场记录"),
    ("From a third party", "第三方材料"),
    ("A signed paper, scanned", "签字纸件扫描"),
    ("How far it goes", "证明程度"),
    ("Supports a fact", "支持事实"),
    ("Someone means to", "表明打算"),
    ("Something was done", "表明已做"),
    ("It worked", "表明见效"),
    ("Where it came from", "来源"),
    ("Who obtained it; you, if nobody is named", "取得人；不写则为本人"),
    ("The day it was obtained, ISO", "取得日期，如 2026-05-07"),
    ("Where the original is kept", "原件存放处"),
    ("This one item settles what it is offered for", "此件足以单独证明"),
    ("The file itself", "文件本身"),
    ("The record it was taken for", "为哪份记录取得"),
    ("The whole index", "佐证一览"),
    ("One item", "查看一件佐证"),
    (
        "Write its file here; it is fetched first if it is not on this laptop",
        "把文件存到这里；本机没有时先取回",
    ),
    // ---- consultation
    ("Cross-group consultations", "即时会商"),
    ("Put a question to the office, as a group's leader", "组长向巡察办提请会商"),
    ("The question", "问题"),
    ("The same day", "当日办理"),
    ("As the office, decide how to take a question up", "巡察办受理提请"),
    ("The consultation", "哪次会商"),
    ("How it is taken up", "受理方式"),
    ("A session is called", "召集会商"),
    ("Answered at once", "直接答复"),
    ("Taken up in another consultation", "并入另一次会商"),
    ("The answer, or the other consultation's number", "答复内容，或所并会商的编号"),
    ("As the office, invite somebody", "巡察办邀请参加人"),
    ("Who, by id", "谁，写人员编号"),
    ("The name to show", "显示姓名"),
    ("The post, or the group they come from", "职务，或所在组"),
    (
        "As what: group_leader, deputy_leader, member or expert",
        "身份：group_leader 组长、deputy_leader 副组长、member 组员、expert 专家",
    ),
    ("As the raising leader, show a paper to the participants", "提请组长向参加人出示底稿"),
    ("Until when: 2026-05-13T18:00:00+08:00", "至何时，如 2026-05-13T18:00:00+08:00"),
    ("A name that is masked beside those of the group", "除本组人员外还要隐去的姓名"),
    ("Show names, for this reason", "不隐去姓名的理由"),
    ("As the raising leader, take an exhibit back", "提请组长收回展示件"),
    ("The paper that was shown", "所出示的底稿"),
    ("Open an exhibit; that you did is recorded", "打开展示件（留有记录）"),
    ("The exhibit, by its number or id", "哪件展示件：编号"),
    ("Say what you think", "发表意见"),
    ("What you say", "意见内容"),
    ("Set fields of the minutes: FIELD=VALUE", "填写会商纪要：栏目=内容"),
    ("Arrive at a conclusion", "形成结论"),
    ("The label on the facts", "定性"),
    ("Whether the evidence suffices", "佐证是否充分"),
    ("What is to be done", "处置意见"),
    ("Something agreed: WHO;WHAT or WHO;WHAT;DATE", "后续事项：谁;做什么 或 谁;做什么;日期"),
    ("Differ; kept with the minutes", "保留不同意见，随纪要存档"),
    ("In what you differ", "不同意见"),
    ("Sign the minutes", "签会商纪要"),
    ("Report something agreed as done", "报告后续事项已办"),
    ("Which, by place or id", "哪一项：序号或编号"),
    ("What came of it", "办理结果"),
    ("It is over", "办结会商"),
    ("All consultations", "会商一览"),
    ("One consultation, with what is shown to it", "查看一次会商及展示件"),
    (
        "Take part: edits in as JSON lines, events out as JSON lines",
        "参加会商：改动进、事件出，每行一个 JSON",
    ),
    // ---- notice
    ("Orders to put a matter right at once", "立行立改通知单"),
    ("Begin a notice", "新建通知单"),
    ("More: FIELD=VALUE", "其他栏目：栏目=内容"),
    ("The workpapers it rests on; the unit does not see them", "所依据的底稿；被巡察单位看不到"),
    ("The notice", "哪份通知单"),
    ("Put it up for approval, as the leader", "组长报批"),
    ("Approve it for the leading group", "代领导小组批准"),
    ("Send it back to the group, instead of approving it", "不批准，退回巡察组"),
    ("Issue it to the unit's desk, as the leader", "组长签发给被巡察单位"),
    ("The day it is due, ISO", "期限，如 2026-05-29"),
    (
        "On the desk: acknowledge it, or bring in the paper that the head signed",
        "被巡察单位签收，或录入主要负责人签字的纸件",
    ),
    ("Who saw it signed; two members", "见证签字的两名组员"),
    ("On the desk: object", "被巡察单位提出异议"),
    ("Decide an objection", "处理异议"),
    ("How it is decided", "处理结果"),
    ("The notice stands", "维持"),
    ("It stands with another request", "维持，改要求"),
    ("It is taken back", "撤回"),
    ("What is asked now, if amended", "改后的要求"),
    ("Move the day it is due; the original stays visible", "延期；原期限仍可见"),
    ("The new day, ISO", "新期限，如 2026-06-05"),
    ("All notices, written and on the desk", "通知单一览，含已签发的"),
    ("One notice", "查看一份通知单"),
    // ---- measure
    ("What a unit does about a notice, and the check of it", "整改措施及核查"),
    ("Set the plan: each measure with one person and one date", "制定措施：每项一人一期限"),
    ("A measure: ACT;PERSON;DATE", "一项措施：做什么;谁;日期"),
    ("Report a measure", "报告措施进展"),
    (
        "The measure, by place, number or id; all of them if none is named",
        "哪项措施：序号或编号；不写则为全部",
    ),
    ("What shows it", "佐证"),
    ("What was done", "做了什么"),
    ("Ask for the check", "申请核查"),
    ("Enter the unit's reply from the signed paper", "录入被巡察单位签字的书面回复"),
    (
        "A measure it plans, where there is no plan yet: ACT;PERSON;DATE",
        "尚无措施时，回复中的一项措施：做什么;谁;日期",
    ),
    ("What shows that they were carried out", "落实情况的佐证"),
    (
        "What was done, for all measures; without it and evidence nothing is reported",
        "各项措施做了什么；与佐证都不写则不作报告",
    ),
    ("It asks for the check", "回复中申请核查"),
    ("Check on the spot, by two", "两人现场核查"),
    ("Who checked", "核查人"),
    ("How many were in order", "合格数"),
    ("How many were looked at", "抽查数"),
    ("What was taken as evidence", "现场取得的佐证"),
    ("Remarks", "备注"),
    ("All measures of a notice", "一份通知单的措施一览"),
    // ---- the rest
    ("Comment on what was put before the office", "对送阅件加批注"),
    ("The edition, by its record's number", "哪件送阅件：原记录的编号"),
    ("Search everything held here", "检索本机全部内容"),
    ("What to look for", "检索词"),
    ("What happened to a record", "一份记录的经过"),
    ("The record", "哪份记录"),
    ("The office's view of the round", "巡察办总览"),
    ("Carry entries and envelopes by hand", "专人递送"),
    (
        "Put what is here into a file, readable by its readers alone",
        "把本机内容写成数据包，只有指定的人能读",
    ),
    ("The file", "文件"),
    (
        "A reader, by name or device id; everybody who may read it if none is named",
        "谁可以读：姓名或设备编号；不写则为有权读的所有人",
    ),
    ("Leave the files of evidence out", "不带佐证文件"),
    ("Also what all readers are known to have", "读者都已有的也带上"),
    ("Take in what a file brings", "读入数据包"),
    ("Write a record out", "导出记录"),
    ("As what", "格式"),
    (
        "A plain Automerge file that any Automerge library opens",
        "Automerge 文件，任何 Automerge 库都能打开",
    ),
    ("Its fields", "各栏目"),
    ("Its form, for a word processor", "文书，供文字处理软件"),
    ("Its form, as plain text", "文书，纯文本"),
    ("Where to; named after the record if not given", "存到哪里；不写则以记录命名"),
    ("Print completions for a shell", "输出命令行补全脚本"),
    ("Which shell", "哪种 shell"),
    ("Play the main job on this machine, with invented data", "在本机演示主要工作，数据均为虚构"),
    ("Play it all without a terminal, checking every step", "不用终端，逐步演示并检查"),
    ("Print every command that is run", "显示所执行的每条命令"),
    (
        "Only these stories: US-1, US-2 and so on. What they build on is played with them",
        "只演示这些：US-1、US-2 等；所依赖的一并演示",
    ),
    ("Use this folder, which must be empty, and leave it there", "使用这个空目录，结束后保留"),
];
