//! Tasks and their steps.

use api::task::{Task, TaskStep};
use domain::{
    ClusterId, OrganizationId, Reason, Step, TaskId, TaskKind, TaskStatus, UserId, WorkspaceId,
    plan,
};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use super::{read_reason, reason_value, sql};
use crate::db::cluster::ClusterRow;

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct TaskRow {
    pub(crate) id: Uuid,
    organization_id: Uuid,
    workspace_id: Uuid,
    cluster_id: Uuid,
    cluster_name: String,
    kind: String,
    status: String,
    reason: Option<serde_json::Value>,
    attempt: i32,
    pub(crate) barren: i32,
    version: i64,
    created_by: Option<Uuid>,
    created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
    started_at: Option<DateTimeUtc>,
    ended_at: Option<DateTimeUtc>,
    role: Option<String>,
    steps: serde_json::Value,
}

#[derive(serde::Deserialize)]
struct StepRow {
    step: String,
    started_at: DateTimeUtc,
    ended_at: Option<DateTimeUtc>,
    reason: Option<serde_json::Value>,
}

const COLUMNS: &str = "t.id, t.organization_id, t.workspace_id, t.cluster_id, c.name as cluster_name, t.kind, t.status,
    t.reason, t.attempt, t.barren, t.version, t.created_by, t.created_at, t.updated_at, t.started_at, t.ended_at,
    coalesce((select jsonb_agg(jsonb_build_object('step', s.step, 'started_at', s.started_at, 'ended_at', s.ended_at,
        'reason', s.reason) order by s.started_at) from task_step s where s.task_id = t.id), '[]') as steps";

impl TaskRow {
    pub(crate) fn id(&self) -> TaskId {
        TaskId::from_uuid(self.id)
    }
    pub(crate) fn kind(&self) -> TaskKind {
        TaskKind::from_word(&self.kind)
    }
    /// Nobody asked for it: time or the installation itself did.
    pub(crate) fn by_itself(&self) -> bool {
        self.created_by.is_none()
    }
    pub(crate) fn role(&self) -> Option<domain::Role> {
        self.role.as_deref().and_then(domain::Role::from_word)
    }

    /// As the API shows it.
    pub(crate) fn public(&self) -> Task {
        let rows: Vec<StepRow> = serde_json::from_value(self.steps.clone()).unwrap_or_default();
        let steps: Vec<TaskStep> = rows.into_iter().filter_map(step).collect();
        let status = TaskStatus::from_word(&self.status);
        Task {
            id: self.id(),
            organization_id: OrganizationId::from_uuid(self.organization_id),
            workspace_id: WorkspaceId::from_uuid(self.workspace_id),
            cluster_id: ClusterId::from_uuid(self.cluster_id),
            cluster_name: self.cluster_name.clone(),
            kind: self.kind(),
            status,
            percent: percent(self.kind(), status, &steps),
            steps,
            reason: read_reason(self.reason.clone()),
            attempt: self.attempt.unsigned_abs(),
            created_by: self.created_by.map(UserId::from_uuid),
            created_at: self.created_at.into(),
            started_at: self.started_at.map(Into::into),
            ended_at: self.ended_at.map(Into::into),
            version: self.version,
        }
    }
}

fn step(row: StepRow) -> Option<TaskStep> {
    Some(TaskStep {
        step: Step::from_word(&row.step)?,
        started_at: row.started_at.into(),
        ended_at: row.ended_at.map(Into::into),
        reason: read_reason(row.reason),
    })
}

fn percent(kind: TaskKind, status: TaskStatus, steps: &[TaskStep]) -> u8 {
    if status == TaskStatus::Completed {
        return 100;
    }
    let done = steps
        .iter()
        .filter(|step| step.ended_at.is_some() && step.reason.is_none())
        .count();
    u8::try_from(100 * done / plan::steps(kind.goal()).len().max(1))
        .unwrap_or(100)
        .min(99)
}

/// A new task on a cluster that has none open.
pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    id: TaskId,
    cluster: &ClusterRow,
    kind: TaskKind,
    created_by: Option<UserId>,
) -> Result<(), DbErr> {
    let text =
        "insert into task (id, organization_id, workspace_id, cluster_id, kind, status, created_by)
        values ($1, $2, $3, $4, $5, 'pending', $6)";
    let values: [Value; 6] = [
        id.uuid().into(),
        cluster.organization_id.into(),
        cluster.workspace_id.into(),
        cluster.id.into(),
        kind.as_str().into(),
        created_by.map(UserId::uuid).into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

pub(crate) async fn get<C: ConnectionTrait>(
    connection: &C,
    task: TaskId,
) -> Result<TaskRow, DbErr> {
    let text = format!(
        "select {COLUMNS}, null::text as role from task t join cluster c on c.id = t.cluster_id where t.id = $1"
    );
    TaskRow::find_by_statement(sql(&text, [task.uuid().into()]))
        .one(connection)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(task.to_string()))
}

/// A task, if this person's organizations hold it.
pub(crate) async fn find_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    task: TaskId,
) -> Result<Option<TaskRow>, DbErr> {
    let text = format!(
        "select {COLUMNS}, m.role from task t join cluster c on c.id = t.cluster_id
         join member m on m.organization_id = t.organization_id and m.user_id = $1 where t.id = $2"
    );
    TaskRow::find_by_statement(sql(&text, [user.uuid().into(), task.uuid().into()]))
        .one(connection)
        .await
}

#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) cluster: Option<ClusterId>,
    pub(crate) status: Option<TaskStatus>,
    pub(crate) before: Option<TaskId>,
    pub(crate) limit: u64,
}

/// The tasks of a person's organizations, newest first.
pub(crate) async fn list_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    filter: &Filter,
) -> Result<Vec<TaskRow>, DbErr> {
    let text = format!(
        "select {COLUMNS}, m.role from task t join cluster c on c.id = t.cluster_id
         join member m on m.organization_id = t.organization_id and m.user_id = $1
         where ($2::uuid is null or t.cluster_id = $2) and ($3::text is null or t.status = $3)
           and ($4::uuid is null or t.id < $4)
         order by t.id desc limit $5"
    );
    let values: [Value; 5] = [
        user.uuid().into(),
        filter.cluster.map(ClusterId::uuid).into(),
        filter
            .status
            .map(|status| status.as_str().to_owned())
            .into(),
        filter.before.map(TaskId::uuid).into(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
    ];
    TaskRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

/// The newest task of a kind on a cluster.
pub(crate) async fn newest<C: ConnectionTrait>(
    connection: &C,
    cluster: ClusterId,
    kind: TaskKind,
) -> Result<Option<TaskId>, DbErr> {
    let text = "select id from task where cluster_id = $1 and kind = $2 order by created_at desc, id desc limit 1";
    let row = connection
        .query_one_raw(sql(text, [cluster.uuid().into(), kind.as_str().into()]))
        .await?;
    row.map(|row| Ok(TaskId::from_uuid(row.try_get("", "id")?)))
        .transpose()
}

/// A worker takes it up.
pub(crate) async fn begin<C: ConnectionTrait>(txn: &C, task: TaskId) -> Result<(), DbErr> {
    let text = "update task set status = 'in_progress', attempt = attempt + 1, barren = barren + 1, reason = null,
            started_at = coalesce(started_at, now()), version = version + 1, updated_at = clock_timestamp()
        where id = $1";
    txn.execute_raw(sql(text, [task.uuid().into()]))
        .await
        .map(drop)
}

/// Says why it waits.
pub(crate) async fn set_reason<C: ConnectionTrait>(
    txn: &C,
    task: TaskId,
    reason: &Reason,
) -> Result<(), DbErr> {
    let text = "update task set reason = $2, version = version + 1, updated_at = clock_timestamp() where id = $1";
    txn.execute_raw(sql(text, [task.uuid().into(), reason_value(Some(reason))]))
        .await
        .map(drop)
}

/// It ends; nothing moves it any more.
pub(crate) async fn end<C: ConnectionTrait>(
    txn: &C,
    task: TaskId,
    status: TaskStatus,
    reason: Option<&Reason>,
) -> Result<(), DbErr> {
    let text = "update task set status = $2, reason = $3, ended_at = now(), version = version + 1,
            updated_at = clock_timestamp()
        where id = $1 and status in ('pending', 'in_progress')";
    txn.execute_raw(sql(
        text,
        [
            task.uuid().into(),
            status.as_str().into(),
            reason_value(reason),
        ],
    ))
    .await
    .map(drop)
}

/// A step begins, perhaps again.
pub(crate) async fn begin_step<C: ConnectionTrait>(
    txn: &C,
    task: TaskId,
    step: Step,
) -> Result<(), DbErr> {
    let text = "insert into task_step (task_id, step) values ($1, $2)
        on conflict (task_id, step) do update set ended_at = null, reason = null";
    txn.execute_raw(sql(text, [task.uuid().into(), step.as_str().into()]))
        .await?;
    touch(txn, task, false).await
}

/// A step ends, well or with a reason.
pub(crate) async fn end_step<C: ConnectionTrait>(
    txn: &C,
    task: TaskId,
    step: Step,
    reason: Option<&Reason>,
) -> Result<(), DbErr> {
    let text = "insert into task_step (task_id, step, ended_at, reason) values ($1, $2, clock_timestamp(), $3)
        on conflict (task_id, step) do update set ended_at = clock_timestamp(), reason = excluded.reason";
    let values = [
        task.uuid().into(),
        step.as_str().into(),
        reason_value(reason),
    ];
    txn.execute_raw(sql(text, values)).await?;
    touch(txn, task, reason.is_none()).await
}

async fn touch<C: ConnectionTrait>(txn: &C, task: TaskId, fruitful: bool) -> Result<(), DbErr> {
    let text = "update task set version = version + 1, updated_at = clock_timestamp(),
            barren = case when $2 then 0 else barren end
        where id = $1";
    txn.execute_raw(sql(text, [task.uuid().into(), fruitful.into()]))
        .await
        .map(drop)
}
