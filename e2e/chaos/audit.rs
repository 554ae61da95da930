//! An onlooker in the database, apart from the gateway's own check of fences: whoever writes a step or a status says
//! its fence (in programs built with the feature `chaos`), and that is the cluster's.

use sqlx::{Connection, Executor, PgConnection};

/// Made in the run's own database; no product's.
const ONLOOKER: &str = "
    create table seen_wrong (detail text not null);
    create function look(cluster uuid, fence bigint, what text) returns void language plpgsql as $$
    declare
        said text := current_setting('labyard.fence', true);
    begin
        if said <> '' and said::bigint is distinct from fence then
            insert into seen_wrong values (format('%s of %s was written with fence %s after %s', what, cluster, said, fence));
        end if;
    end $$;
    create function look_at_step() returns trigger language plpgsql as $$
    begin
        perform look(c.id, c.fence, new.step) from task t join cluster c on c.id = t.cluster_id where t.id = new.task_id;
        return new;
    end $$;
    create function look_at_status() returns trigger language plpgsql as $$
    begin
        perform look(new.id, new.fence, new.status);
        return new;
    end $$;
    create trigger look_at_step after insert or update of worker on task_step
        for each row execute function look_at_step();
    create trigger look_at_status after update of status on cluster
        for each row execute function look_at_status()";

pub(crate) async fn begin(database: &str) {
    let mut connection = PgConnection::connect(database).await.unwrap();
    connection.execute(ONLOOKER).await.unwrap();
    connection.close().await.unwrap();
}

/// What it has seen.
pub(crate) async fn seen(database: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(database).await.unwrap();
    let text = "select detail from seen_wrong";
    let seen = sqlx::query_scalar(text).fetch_all(&mut connection).await;
    connection.close().await.unwrap();
    seen.unwrap()
}
