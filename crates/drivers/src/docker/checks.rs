//! What a Docker host needs beyond room, each told in words with what to do about it.

use std::fs;

use super::{
    engine::{Docker, unreachable},
    subnet,
};
use crate::provision::{Error, Finding};

/// Inotify instances a lab's node holds open, rounded up from what one was seen to hold.
const INSTANCES_PER_LAB: u64 = 32;
/// Inotify watches of a lab with its first pods, rounded up likewise.
const WATCHES_PER_LAB: u64 = 1024;
/// Instances and watches left for everything else of the host's root user.
const INSTANCES_KEPT: u64 = 64;
const WATCHES_KEPT: u64 = 8192;
/// Fewer free ranges than this is a warning.
const SUBNETS_LOW: usize = 8;

const ENGINE: &str = "engine";
const IMAGE: &str = "node image";
const INOTIFY: &str = "inotify";
const SUBNETS: &str = "subnets";

impl Docker {
    pub(super) async fn inspect_host(&self) -> Vec<Finding> {
        let labs = match self.engine_and_labs().await {
            Ok((said, labs)) => Ok((Finding::good(ENGINE, said), labs)),
            Err(error) => Err(Finding::bad(
                ENGINE,
                format!(
                    "{error}: start it with `systemctl start docker` and see that this user may use its socket"
                ),
            )),
        };
        let (engine, labs) = match labs {
            Ok((engine, labs)) => (engine, labs),
            // The rest can only be asked of an engine that answers.
            Err(engine) => return vec![engine, inotify(0)],
        };
        vec![
            engine,
            self.image_check().await,
            inotify(labs),
            self.subnet_check().await,
        ]
    }

    /// The engine's version, and how many nodes of labs run, of every installation.
    async fn engine_and_labs(&self) -> Result<(String, u64), Error> {
        let version = self.engine.version().await.map_err(unreachable)?;
        let labs = self.running_nodes().await?;
        let version = version.version.unwrap_or_else(|| "unknown".into());
        Ok((
            format!("Docker {version} answers; {labs} labs run on it"),
            labs,
        ))
    }

    async fn image_check(&self) -> Finding {
        match self.versions().await {
            Ok(versions) if versions.is_empty() => Finding::bad(
                IMAGE,
                "no node image is here: on this host run make node-image",
            ),
            Ok(versions) => Finding::good(IMAGE, versions.join(", ")),
            Err(error) => Finding::bad(IMAGE, format!("the images cannot be listed: {error}")),
        }
    }

    async fn subnet_check(&self) -> Finding {
        match self.free_subnets().await {
            Ok((free, all)) => subnets(free, all, self.subnets),
            Err(error) => Finding::bad(SUBNETS, format!("the networks cannot be listed: {error}")),
        }
    }
}

fn subnets(free: usize, all: usize, pool: subnet::Pool) -> Finding {
    let facts = format!("{free} of {all} ranges in {pool} are free");
    if free >= SUBNETS_LOW.min(all) && free > 0 {
        Finding::good(SUBNETS, facts)
    } else {
        Finding::bad(
            SUBNETS,
            format!("{facts}: delete clusters on this host, or set a larger LABYARD_SUBNETS"),
        )
    }
}

/// What the kernel allows the host's root user, whose nodes share it.
fn inotify(labs: u64) -> Finding {
    let read = |name: &str| {
        let text = fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?;
        text.trim().parse().ok()
    };
    match (read("max_user_instances"), read("max_user_watches")) {
        (Some(instances), Some(watches)) => inotify_for(labs, instances, watches),
        _ => Finding::good(INOTIFY, "the kernel does not say its limits"),
    }
}

fn inotify_for(labs: u64, instances: u64, watches: u64) -> Finding {
    let fit = |all: u64, kept: u64, each: u64| all.saturating_sub(kept) / each;
    let fits = fit(instances, INSTANCES_KEPT, INSTANCES_PER_LAB).min(fit(
        watches,
        WATCHES_KEPT,
        WATCHES_PER_LAB,
    ));
    let facts = format!(
        "fs.inotify.max_user_instances={instances} and max_user_watches={watches} are enough for {fits} labs; {labs} run"
    );
    if labs < fits {
        return Finding::good(INOTIFY, facts);
    }
    // Room for twice as many as there are, and never less than the kernel has now.
    let wanted = 2 * labs.max(8);
    let instances = instances.max(INSTANCES_KEPT + wanted * INSTANCES_PER_LAB);
    let watches = watches.max(WATCHES_KEPT + wanted * WATCHES_PER_LAB);
    Finding::bad(
        INOTIFY,
        format!(
            "{facts}: as root run sysctl -w fs.inotify.max_user_instances={instances} fs.inotify.max_user_watches={watches}"
        ),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_host_with_the_kernels_defaults_says_how_many_labs_fit_and_what_to_set() {
        let few = inotify_for(2, 128, 65_536);
        assert!(!few.ok);
        assert!(few.message.contains("sysctl -w"), "{}", few.message);
        assert!(inotify_for(2, 1024, 524_288).ok);
        assert!(inotify_for(0, 128, 65_536).ok);
    }

    #[test]
    fn what_it_says_to_set_is_enough() {
        for labs in [2, 30, 300] {
            let told = inotify_for(labs, 128, 65_536).message;
            let number = |name: &str| -> u64 {
                let (_, rest) = told.rsplit_once(&format!("{name}=")).unwrap();
                rest.split(' ').next().unwrap().parse().unwrap()
            };
            let (instances, watches) = (number("max_user_instances"), number("max_user_watches"));
            assert!(inotify_for(labs, instances, watches).ok, "{told}");
        }
    }

    #[test]
    fn ranges_that_run_out_are_told_before_they_have() {
        let pool = "10.213.0.0/24".parse().unwrap();
        assert!(subnets(16, 16, pool).ok);
        assert!(!subnets(7, 16, pool).ok);
        assert!(subnets(0, 16, pool).message.contains("LABYARD_SUBNETS"));
        let tiny = "10.213.0.0/27".parse().unwrap();
        assert!(subnets(2, 2, tiny).ok);
    }
}
