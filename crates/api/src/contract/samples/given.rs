//! The IDs and times of all samples.

pub(super) const USER: &str = "usr_01930000000070008000000000000001";
pub(super) const SESSION: &str = "ses_01930000000070008000000000000002";
pub(super) const ORGANIZATION: &str = "org_01930000000070008000000000000003";
pub(super) const WORKSPACE: &str = "ws_01930000000070008000000000000004";
pub(super) const CLUSTER: &str = "clu_01930000000070008000000000000005";
pub(super) const TASK: &str = "task_01930000000070008000000000000006";
pub(super) const EVENT: &str = "evt_01930000000070008000000000000007";
pub(super) const HOST: &str = "h0123456789ab";
pub(super) const WORKER: &str = "w0123456789ab";
pub(super) const INSTALLATION: &str = "01930000000070008000000000000008";
pub(super) const THEN: &str = "2026-11-20T12:00:00.000Z";
pub(super) const LATER: &str = "2026-11-20T12:00:04.250Z";
pub(super) const SEALED: &str = "c2VhbGVk";
