//! Tasks and their steps.

use api::task::{Failure, Queue, Task, TaskStep};
use domain::{
    ClusterId, Goal, OrganizationId, Reason, Rights, Step, TaskId, TaskKind, TaskStatus, UserId,
    WorkerId, WorkspaceId, limits, plan,
};
use sea_orm::{
    ConnectionTrait, DbErr, FromQueryResult, TryGetableFromJson, Value, prelude::DateTimeUtc,
};
use uuid::Uuid;

use crate::{
    clusters::cluster::sql::ClusterRow,
    kernel::{
        access::{self, RIGHTS, within},
        postgres::{Word, read_reason, reason_value, sql},
    },
};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct TaskRow {
    pub(crate) id: Uuid,
    organization_id: Option<Uuid>,
    workspace_id: Option<Uuid>,
    cluster_id: Uuid,
    cluster_name: Option<String>,
    kind: Word<TaskKind>,
    status: Word<TaskStatus>,
    reason: Option<serde_json::Value>,
    attempt: i32,
    pub(crate) attempts_without_progress: i32,
    version: i64,
    created_by: Option<Uuid>,
    created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
    started_at: Option<DateTimeUtc>,
    ended_at: Option<DateTimeUtc>,
    retry_of: Option<Uuid>,
    /// What the asker holds on its cluster, where the finder was asked for one.
    rights: Option<serde_json::Value>,
    steps: StepRows,
    place: Option<i64>,
    wait_secs: Option<f64>,
}

/// The steps of a task; one with a step that this version does not know is an error, as any unknown word is.
#[derive(Debug, Clone, serde::Deserialize)]
struct StepRows(Vec<StepRow>);

impl TryGetableFromJson for StepRows {}

#[derive(Debug, Clone, serde::Deserialize)]
struct StepRow {
    step: Step,
    worker: Option<String>,
    started_at: DateTimeUtc,
    ended_at: Option<DateTimeUtc>,
    reason: Option<serde_json::Value>,
    #[serde(default)]
    log: Vec<String>,
}

const COLUMNS: &str = "t.id, t.organization_id, t.workspace_id, t.cluster_id, c.name as cluster_name, t.kind, t.status,
    t.reason, t.attempt, t.barren as attempts_without_progress, t.version, t.created_by, t.created_at, t.updated_at, t.started_at, t.ended_at,
    t.retry_of,
    coalesce((select jsonb_agg(jsonb_build_object('step', s.step, 'worker', s.worker, 'started_at', s.started_at,
        'ended_at', s.ended_at, 'reason', s.reason, 'log', s.log) order by s.started_at)
        from task_step s where s.task_id = t.id), '[]') as steps";
/// A place among what waits is a fact of the moment: asked for where somebody looks, never in events.
const QUEUE: &str = "q.place, queue_wait(q.driver, q.place) as wait_secs";
const NO_QUEUE: &str = "null::bigint as place, null::double precision as wait_secs";

impl TaskRow {
    pub(crate) fn id(&self) -> TaskId {
        TaskId::from_uuid(self.id)
    }
    pub(crate) fn kind(&self) -> TaskKind {
        self.kind.0
    }
    /// Nobody asked for it: time or the installation itself did.
    pub(crate) fn by_itself(&self) -> bool {
        self.created_by.is_none()
    }
    /// The organization and workspace of its cluster; absent of a warm one.
    pub(crate) fn place(&self) -> (Option<Uuid>, Option<Uuid>) {
        (self.organization_id, self.workspace_id)
    }
    pub(crate) fn rights(&self) -> Result<Rights, DbErr> {
        access::parse(self.rights.clone())
    }

    pub(crate) fn cluster(&self) -> ClusterId {
        ClusterId::from_uuid(self.cluster_id)
    }
    pub(crate) fn status(&self) -> TaskStatus {
        self.status.0
    }

    /// As the API shows it in lists and events, without the steps' logs; a warm cluster's is shown
    /// to nobody.
    pub(crate) fn public(&self) -> Option<Task> {
        let mut task = self.whole()?;
        for step in &mut task.steps {
            step.log.clear();
        }
        Some(task)
    }

    /// As the API shows it alone, with the steps' logs.
    pub(crate) fn whole(&self) -> Option<Task> {
        let steps: Vec<TaskStep> = self.steps.0.iter().cloned().map(step).collect();
        let status = self.status();
        let reason = read_reason(self.reason.clone());
        Some(Task {
            id: self.id(),
            organization_id: OrganizationId::from_uuid(self.organization_id?),
            workspace_id: WorkspaceId::from_uuid(self.workspace_id?),
            cluster_id: self.cluster(),
            cluster_name: self.cluster_name.clone()?,
            kind: self.kind(),
            status,
            percent: percent(self.kind(), status, &steps),
            steps,
            failure: reason
                .as_ref()
                .filter(|_| status == TaskStatus::Failed)
                .map(|reason| Failure {
                    by: reason.code.blame(),
                    retryable: reason.code.retryable(),
                }),
            reason,
            queue: self.queue().filter(|_| status == TaskStatus::Pending),
            retry_of: self.retry_of.map(TaskId::from_uuid),
            attempt: self.attempt.unsigned_abs(),
            created_by: self.created_by.map(UserId::from_uuid),
            created_at: self.created_at.into(),
            started_at: self.started_at.map(Into::into),
            ended_at: self.ended_at.map(Into::into),
            version: self.version,
        })
    }

    fn queue(&self) -> Option<Queue> {
        Some(Queue {
            position: u32::try_from(self.place?).ok()?,
            wait_secs: self.wait_secs.map(|secs| secs.max(0.0) as u32),
        })
    }
}

fn step(row: StepRow) -> TaskStep {
    TaskStep {
        step: row.step,
        worker: row
            .worker
            .and_then(|worker| worker.parse::<WorkerId>().ok()),
        started_at: row.started_at.into(),
        ended_at: row.ended_at.map(Into::into),
        reason: read_reason(row.reason),
        log: row.log,
    }
}

fn percent(kind: TaskKind, status: TaskStatus, steps: &[TaskStep]) -> u8 {
    if status == TaskStatus::Completed {
        return 100;
    }
    let done = steps
        .iter()
        .filter(|step| step.ended_at.is_some() && step.reason.is_none())
        .count();
    let all = kind.goal().map_or(1, |goal| plan::steps(goal).len());
    u8::try_from(100 * done / all).unwrap_or(100).min(99)
}

/// A new task on a cluster that has none open.
pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    id: TaskId,
    cluster: &ClusterRow,
    kind: TaskKind,
    created_by: Option<UserId>,
    retry_of: Option<TaskId>,
) -> Result<(), DbErr> {
    let text =
        "insert into task (id, organization_id, workspace_id, cluster_id, kind, status, created_by, retry_of)
        values ($1, $2, $3, $4, $5, 'pending', $6, $7)";
    let values: [Value; 7] = [
        id.uuid().into(),
        cluster.organization_id.into(),
        cluster.workspace_id.into(),
        cluster.id.into(),
        kind.as_str().into(),
        created_by.map(UserId::uuid).into(),
        retry_of.map(TaskId::uuid).into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

pub(crate) async fn get<C: ConnectionTrait>(
    connection: &C,
    task: TaskId,
) -> Result<TaskRow, DbErr> {
    let text = format!(
        "select {COLUMNS}, {NO_QUEUE}, null::jsonb as rights from task t join cluster c on c.id = t.cluster_id
         where t.id = $1"
    );
    TaskRow::find_by_statement(sql(&text, [task.uuid().into()]))
        .one(connection)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(task.to_string()))
}

/// A task, if this person holds anything on its cluster.
pub(crate) async fn find_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    task: TaskId,
) -> Result<Option<TaskRow>, DbErr> {
    let text = format!(
        "select {COLUMNS}, {QUEUE}, {RIGHTS} from task t join cluster c on c.id = t.cluster_id
         left join work_queue q on q.task_id = t.id where t.id = $2 and {}",
        within("t.organization_id", "t.cluster_id")
    );
    TaskRow::find_by_statement(sql(&text, [user.uuid().into(), task.uuid().into()]))
        .one(connection)
        .await
}

#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) cluster: Option<ClusterId>,
    pub(crate) workspace: Option<WorkspaceId>,
    /// The organization that a token is limited to.
    pub(crate) only: Option<OrganizationId>,
    pub(crate) status: Option<TaskStatus>,
    pub(crate) kind: Option<TaskKind>,
    pub(crate) before: Option<TaskId>,
    pub(crate) limit: u64,
}

/// The tasks of the clusters a person holds anything on, newest first.
pub(crate) async fn list_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    filter: &Filter,
) -> Result<Vec<TaskRow>, DbErr> {
    let text = format!(
        "select {COLUMNS}, {QUEUE}, null::jsonb as rights from task t join cluster c on c.id = t.cluster_id
         left join work_queue q on q.task_id = t.id
         where {} and ($2::uuid is null or t.cluster_id = $2) and ($3::text is null or t.status = $3)
           and ($4::uuid is null or t.id < $4) and ($6::uuid is null or t.workspace_id = $6)
           and ($7::text is null or t.kind = $7) and ($8::uuid is null or t.organization_id = $8)
         order by t.id desc limit $5",
        within("t.organization_id", "t.cluster_id")
    );
    let values: [Value; 8] = [
        user.uuid().into(),
        filter.cluster.map(ClusterId::uuid).into(),
        filter
            .status
            .map(|status| status.as_str().to_owned())
            .into(),
        filter.before.map(TaskId::uuid).into(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
        filter.workspace.map(WorkspaceId::uuid).into(),
        filter.kind.map(|kind| kind.as_str().to_owned()).into(),
        filter.only.map(OrganizationId::uuid).into(),
    ];
    TaskRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

/// The newest task of a cluster, or of those whose goal this is.
pub(crate) async fn newest<C: ConnectionTrait>(
    connection: &C,
    cluster: ClusterId,
    goal: Option<Goal>,
) -> Result<Option<TaskId>, DbErr> {
    let kinds = TaskKind::ALL
        .into_iter()
        .filter(|kind| goal.is_none() || kind.goal() == goal);
    let kinds: Vec<&str> = kinds.map(TaskKind::as_str).collect();
    let text = "select id from task where cluster_id = $1 and kind = any(string_to_array($2, ','))
        order by created_at desc, id desc limit 1";
    let row = connection
        .query_one_raw(sql(text, [cluster.uuid().into(), kinds.join(",").into()]))
        .await?;
    row.map(|row| Ok(TaskId::from_uuid(row.try_get("", "id")?)))
        .transpose()
}

/// The task that tries another one again.
pub(crate) async fn retry_of<C: ConnectionTrait>(
    connection: &C,
    task: TaskId,
) -> Result<Option<TaskId>, DbErr> {
    let text = "select id from task where retry_of = $1";
    let row = connection
        .query_one_raw(sql(text, [task.uuid().into()]))
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
    (step, generation): (Step, u32),
    worker: &WorkerId,
) -> Result<(), DbErr> {
    let text = "insert into task_step (task_id, step, worker, generation) values ($1, $2, $3, $4)
        on conflict (task_id, step) do update set ended_at = null, reason = null, worker = excluded.worker,
            generation = excluded.generation";
    let values: [Value; 4] = [
        task.uuid().into(),
        step.as_str().into(),
        worker.as_str().into(),
        i32::try_from(generation).unwrap_or(i32::MAX).into(),
    ];
    txn.execute_raw(sql(text, values)).await?;
    touch(txn, task, false).await
}

/// A step ends, well or with a reason.
pub(crate) async fn end_step<C: ConnectionTrait>(
    txn: &C,
    task: TaskId,
    (step, generation): (Step, u32),
    worker: &WorkerId,
    reason: Option<&Reason>,
) -> Result<(), DbErr> {
    let text = "insert into task_step (task_id, step, ended_at, reason, worker, generation)
        values ($1, $2, clock_timestamp(), $3, $4, $5)
        on conflict (task_id, step) do update set ended_at = clock_timestamp(), reason = excluded.reason,
            worker = excluded.worker, generation = excluded.generation";
    let values: [Value; 5] = [
        task.uuid().into(),
        step.as_str().into(),
        reason_value(reason),
        worker.as_str().into(),
        i32::try_from(generation).unwrap_or(i32::MAX).into(),
    ];
    txn.execute_raw(sql(text, values)).await?;
    touch(txn, task, reason.is_none()).await
}

/// Adds lines to a step's log; the oldest go when there are too many.
pub(crate) async fn log_step<C: ConnectionTrait>(
    txn: &C,
    task: TaskId,
    step: Step,
    lines: &[String],
) -> Result<(), DbErr> {
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| &line[..line.floor_char_boundary(limits::STEP_LOG_LINE_BYTES)])
        .collect();
    let text = "update task_step set log = (
            select coalesce(jsonb_agg(line order by place), '[]') from (
                select line, place from jsonb_array_elements(log || $3) with ordinality as l (line, place)
                order by place desc limit $4) as kept)
        where task_id = $1 and step = $2";
    let values: [Value; 4] = [
        task.uuid().into(),
        step.as_str().into(),
        serde_json::json!(lines).into(),
        (limits::STEP_LOG_LINES as i64).into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

async fn touch<C: ConnectionTrait>(txn: &C, task: TaskId, fruitful: bool) -> Result<(), DbErr> {
    let text = "update task set version = version + 1, updated_at = clock_timestamp(),
            barren = case when $2 then 0 else barren end
        where id = $1";
    txn.execute_raw(sql(text, [task.uuid().into(), fruitful.into()]))
        .await
        .map(drop)
}
