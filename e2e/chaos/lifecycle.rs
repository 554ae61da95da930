//! One cluster from its create to its end, by a person who asks again, here or there, until they are heard.

use std::{
    future::Future,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use api::{
    client::{Client, Credential, Error},
    cluster::{Cluster, CreateCluster},
};
use domain::{ClusterId, ClusterStatus};
use rand::{Rng, rngs::StdRng};
use tokio::time::{Instant, sleep, timeout};

use crate::history::History;

/// How long any one wish may take while processes die: a lease, a takeover's brake, and the work.
const PATIENCE: Duration = Duration::from_secs(300);
const AGAIN: Duration = Duration::from_millis(200);
/// A gateway that is halted answers nobody.
const ANSWER: Duration = Duration::from_secs(5);

/// How a lifecycle went.
pub(crate) struct End {
    pub(crate) cluster: ClusterId,
    /// Whether it was stopped and started again.
    pub(crate) rested: bool,
    /// Whether it was deleted without ever having run.
    pub(crate) hasty: bool,
    /// Tasks that failed and were retried or deleted.
    pub(crate) failed: u32,
}

/// Somebody with an account, and every gateway's address.
pub(crate) struct Asker {
    clients: Vec<Client>,
    turn: usize,
    history: History,
}

impl Asker {
    pub(crate) fn new(urls: &[String], token: &str, history: History) -> Self {
        let client = |url: &String| Client::new(url, Credential::Bearer(token.into())).unwrap();
        Self {
            clients: urls.iter().map(client).collect(),
            turn: 0,
            history,
        }
    }

    /// Asks one gateway after the other until an answer makes sense.
    async fn until<T, F, Fut>(&mut self, what: &str, mut ask: F) -> T
    where
        F: FnMut(Client) -> Fut,
        Fut: Future<Output = Result<Option<T>, Error>>,
    {
        let began = Instant::now();
        let mut last = String::new();
        loop {
            self.turn = (self.turn + 1) % self.clients.len();
            match timeout(ANSWER, ask(self.clients[self.turn].clone())).await {
                Ok(Ok(Some(answer))) => {
                    self.history.say(what);
                    return answer;
                }
                Ok(Ok(None)) => {}
                Ok(Err(error)) => last = error.to_string(),
                Err(_) => last = "no answer".into(),
            }
            if began.elapsed() >= PATIENCE {
                self.history.say(format!("NEVER: {what}: {last}"));
                panic!("never: {what}; last: {last}");
            }
            sleep(AGAIN).await;
        }
    }
}

pub(crate) async fn run(asker: &mut Asker, name: &str, random: &mut StdRng) -> End {
    let cluster = create(asker, name).await;
    // Some are deleted in mid-create.
    let hasty = random.random_bool(0.2);
    let rested = !hasty && random.random_bool(0.5);
    let mut failed = 0;
    if !hasty {
        failed += rest(asker, name, cluster, ClusterStatus::Running).await;
    }
    if rested {
        let stop = async |client: Client| client.stop_cluster(cluster).await.map(Some);
        asker.until(&format!("{name}: stop"), stop).await;
        failed += rest(asker, name, cluster, ClusterStatus::Stopped).await;
        let start = async |client: Client| client.start_cluster(cluster).await.map(Some);
        asker.until(&format!("{name}: start"), start).await;
        failed += rest(asker, name, cluster, ClusterStatus::Running).await;
    }
    let delete = async |client: Client| client.delete_cluster(cluster).await.map(Some);
    asker.until(&format!("{name}: delete"), delete).await;
    rest(asker, name, cluster, ClusterStatus::Deleted).await;
    End {
        cluster,
        rested,
        hasty,
        failed,
    }
}

/// Asks until there is a cluster of this name: an answer that is lost may have been a yes.
async fn create(asker: &mut Asker, name: &str) -> ClusterId {
    let create =
        async |client: Client| match client.create_cluster(&CreateCluster::named(name)).await {
            Ok(accepted) => Ok(Some(accepted.cluster.id)),
            Err(error) => match named(&client, name).await? {
                Some(cluster) => Ok(Some(cluster.id)),
                None => Err(error),
            },
        };
    asker.until(&format!("{name}: create"), create).await
}

async fn named(client: &Client, name: &str) -> Result<Option<Cluster>, Error> {
    let page = client.clusters(&[("name", name)]).await?.0;
    Ok(page.items.into_iter().next())
}

/// Waits until a cluster is so, retrying what failed; gives how often something failed.
async fn rest(asker: &mut Asker, name: &str, id: ClusterId, status: ClusterStatus) -> u32 {
    let failed = AtomicU32::new(0);
    let look = async |client: Client| {
        let cluster = client.cluster(id).await?;
        if cluster.status == ClusterStatus::Error {
            let id = id.to_string();
            let tasks = client.tasks(&[("cluster_id", &id)]).await?;
            if let Some(task) = tasks.items.first() {
                client.retry_task(task.id, None).await?;
                failed.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok((cluster.status == status).then_some(()))
    };
    let what = format!("{name}: {id} is {}", status.as_str());
    asker.until(&what, look).await;
    failed.into_inner()
}
