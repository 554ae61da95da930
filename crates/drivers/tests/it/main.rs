//! The contract suite, on the fake driver and, where LABYARD_TEST_DOCKER is set, on real Docker.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod docker;
mod fake;

use domain::{ClusterId, Desired, Goal, Resources};
use drivers::Spec;
use uuid::Uuid;

/// A new cluster of an installation of the test's own.
pub(crate) fn spec(installation: &str) -> Spec {
    Spec {
        installation: installation.to_owned(),
        cluster: ClusterId::from_uuid(Uuid::now_v7()),
        desired: Desired {
            goal: Goal::Running,
            generation: 1,
            data_generation: 1,
            k8s_version: "v1.34.4".into(),
            resources: Resources::default(),
            api_port: None,
        },
    }
}

pub(crate) fn installation() -> String {
    Uuid::new_v4().simple().to_string()
}

/// The options of a driver, as its service would read them.
pub(crate) fn options(arguments: &[&str]) -> drivers::Options {
    use clap::Parser;
    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        driver: drivers::Options,
    }
    Only::parse_from(std::iter::once(&"test").chain(arguments)).driver
}
