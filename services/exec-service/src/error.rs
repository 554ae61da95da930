//! Why nobody could be let into a cluster. What its asker is told of it is `open.rs`'s.

use drivers::ReachError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the instance could not be reached")]
    Reach(#[from] ReachError),
    #[error("the cluster's API did not answer as it should")]
    Api(#[from] kube::Error),
    #[error("the cluster did not answer in time")]
    Slow,
    #[error("the cluster signed no certificate")]
    Certificate,
    #[error("the cluster did not put its policies in force in time")]
    Unguarded,
    #[error("this driver's clusters have no API")]
    NoApi,
    #[error("a key or its signing request could not be made")]
    Key,
    #[error("a home inside the container could not be made: {0}")]
    Inside(String),
}
