//! `kubectl version` over REST on a kept connection, against `docker exec` as the same person.

use std::time::Instant;

use api::cluster::Exec;
use e2e::{command::docker, labs, person::Person};

use crate::{
    create::{create, delete},
    figure::Figure,
};

const RUNS: usize = 40;

pub(crate) async fn kubectl_version(person: &Person) -> Option<Figure> {
    let (id, _) = create(person, "bench-exec").await;
    let command = Exec::of("kubectl version", None);
    let first = person.client.exec(id, &command).await.unwrap();
    assert!(first.output.contains("Server Version"), "{first:?}");
    let node = labs::containers(id).remove(0);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for n in 0..RUNS {
        for ours_now in if n % 2 == 0 {
            [true, false]
        } else {
            [false, true]
        } {
            let began = Instant::now();
            if ours_now {
                assert_eq!(person.client.exec(id, &command).await.unwrap().exit_code, 0);
                ours.push(began.elapsed().as_secs_f64());
            } else {
                docker(&[
                    "exec",
                    "-u",
                    "20000:20000",
                    "-e",
                    "HOME=/run/guests/homes/20000",
                    "-e",
                    "KUBECONFIG=/run/guests/credentials/20000/config",
                    &node,
                    "kubectl",
                    "version",
                ])
                .ok();
                bare.push(began.elapsed().as_secs_f64());
            }
        }
    }
    delete(person, id).await;
    Some(Figure::ratio("exec", ours, bare, 1.5, 1.15))
}
