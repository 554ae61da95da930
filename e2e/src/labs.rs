//! What the host really has of a cluster, asked of Docker itself.

use domain::ClusterId;

use crate::command::docker;

/// Containers of one cluster, running or not.
pub fn containers(cluster: ClusterId) -> Vec<String> {
    list(&["ps", "-aq", "--no-trunc"], cluster)
}

/// Everything that bears the cluster's label.
pub fn leftovers(cluster: ClusterId) -> Vec<String> {
    let mut all = containers(cluster);
    all.extend(list(&["volume", "ls", "-q"], cluster));
    all.extend(list(&["network", "ls", "-q"], cluster));
    all
}

fn list(arguments: &[&str], cluster: ClusterId) -> Vec<String> {
    // The label holds the public form or the hex alone; the names always hold the hex.
    let mut found = Vec::new();
    for value in [cluster.to_string(), cluster.hex()] {
        let filter = format!("label=labyard.dev/cluster={value}");
        let mut arguments = arguments.to_vec();
        arguments.extend(["--filter", &filter]);
        found.extend(docker(&arguments).ok().lines().map(str::to_owned));
    }
    found
}
