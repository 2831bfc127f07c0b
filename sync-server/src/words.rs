//! The words in which the command line answers people, in Chinese and in English.
//!
//! What is wrong with a round file, and what it changes, has its words beside it
//! ([`crate::admin::round_file`]). The log speaks English only.
use std::{io, path::Path};

use clap::ValueEnum;

use crate::{admin::Answer, identity::IdentityError, serve::ServeError, store::StoreError};

/// A language of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// Returns the lines that say an answer.
    pub(crate) fn answer(self, answer: &Answer) -> Vec<String> {
        let pair = |zh: &str, en: &str, value: &dyn std::fmt::Display| {
            format!("{}  {value}", self.pick(zh, en))
        };
        match answer {
            Answer::Done => vec![self.pick("已完成", "done").to_owned()],
            Answer::Changes { shown, .. } if shown.is_empty() => {
                vec![self.pick("没有变化", "nothing changes").to_owned()]
            }
            Answer::Changes { shown, shown_en, .. } => self.pick(shown, shown_en).clone(),
            Answer::Invited { code, person, url, pin, expires } => vec![
                pair("人员", "person", person),
                pair("地址", "address", url),
                pair("校验", "pin", pin),
                pair("注册码", "code", code),
                pair("有效至", "good until", expires),
            ],
            Answer::Enrolled { device, pin, .. } => {
                vec![pair("设备", "device", device), pair("校验", "pin", pin)]
            }
            Answer::Health { epoch, recovering, training, spaces, undecided, now } => {
                let mark = |on: bool, zh, en| if on { self.pick(zh, en) } else { "" };
                vec![
                    pair("时间", "time", now) + mark(*training, "（演练）", " (training round)"),
                    pair("世代", "epoch", epoch) + mark(*recovering, "（恢复中）", " (recovering)"),
                    pair("知悉范围", "spaces", spaces),
                    pair("待记入", "undecided", undecided),
                ]
            }
            Answer::Refused { why } => {
                let why = self.refusal(why);
                vec![self.pick(format!("未执行：{why}"), format!("not done: {why}"))]
            }
        }
    }

    fn refusal(self, why: &str) -> String {
        let (zh, en) = match why {
            "no_round" => ("尚未签发轮次文件", "no round file has been applied"),
            "other_round" => ("本服务器已有另一轮次", "this server keeps another round"),
            "no_person" => ("轮次文件中没有此人", "the round file has no such person"),
            "no_device" => {
                ("没有这样的设备，或不止一个", "there is no such device, or more than one")
            }
            "not_training" => {
                ("只有演练轮次可以调整时钟", "only the clock of a training round can be moved")
            }
            "proof" => ("申请文件的签名不成立", "the signature of the request file does not hold"),
            "token" | "request" => (
                "正在运行的服务不认识这条命令，版本是否一致？",
                "the running server does not understand this command: is it of another version?",
            ),
            "full" => ("磁盘已满，未作任何改动", "the disk is full; nothing was changed"),
            other => {
                let (zh, en) = (format!("执行失败（{other}）"), format!("it failed ({other})"));
                return self.pick(zh, en);
            }
        };
        self.pick(zh, en).to_owned()
    }

    /// Says that the round is signed.
    pub(crate) fn applied(self, changes: usize) -> String {
        self.pick(format!("已签发 {changes} 项变更"), format!("{changes} changes signed"))
    }

    /// Says that a folder is made.
    pub(crate) fn new_folder(self, folder: &Path) -> String {
        let folder = folder.display();
        self.pick(format!("新建数据目录 {folder}"), format!("new data folder {folder}"))
    }

    /// Says why a server does not run, or cannot be asked, and what to do.
    pub(crate) fn failure(self, error: &ServeError) -> String {
        match error {
            ServeError::Store(error) | ServeError::Identity(IdentityError::Store(error)) => {
                self.store(error)
            }
            ServeError::NoRound(folder) => self.first_step(folder),
            ServeError::NoAnswer { folder, source } if source.kind() == io::ErrorKind::NotFound => {
                let folder = folder.display();
                self.pick(
                    format!("{folder} 上没有正在运行的服务"),
                    format!("no server runs on {folder}"),
                )
            }
            ServeError::NoAnswer { folder, source } => {
                let folder = folder.display();
                self.pick(
                    format!("{folder} 上的服务没有应答：{source}"),
                    format!("the server on {folder} does not answer: {source}"),
                )
            }
            ServeError::Listen { address, source } => self.pick(
                format!("无法监听 {address}：{source}"),
                format!("cannot listen on {address}: {source}"),
            ),
            other => self.pick(format!("执行失败：{other}"), format!("it failed: {other}")),
        }
    }

    fn store(self, error: &StoreError) -> String {
        match error {
            StoreError::NoData(folder) => self.first_step(folder),
            StoreError::InUse(folder) => {
                let folder = folder.display();
                self.pick(
                    format!("已有服务在使用 {folder}，一个数据目录只能由一个服务使用"),
                    format!("another server is using {folder}; a data folder is for one server"),
                )
            }
            StoreError::Full => self
                .pick(
                    "磁盘已满：腾出空间，或调大 --max-pages",
                    "the disk is full: make room, or raise --max-pages",
                )
                .to_owned(),
            other => self.pick(format!("数据目录：{other}"), format!("data folder: {other}")),
        }
    }

    /// A folder without a round: mistyped, or the first step is missing.
    fn first_step(self, folder: &Path) -> String {
        let folder = folder.display();
        let command = format!("xunji-server admin apply FILE --data {folder}");
        self.pick(
            format!("{folder} 不是服务器的数据目录。若目录无误，请先签发轮次文件：{command}"),
            format!(
                "{folder} holds no server's data. If it is right, apply a round first: {command}"
            ),
        )
    }
}
