//! docs/rights.md: who may do what, made from the table of routes and the rules.

use domain::{Action, Group, Level, NamespaceGrant, Rights, Role, ScopeLevel, ShareGrant};

use crate::kernel::http::route::{Route, Table};

const HEAD: &str = "# Who may do what

Made from the table of routes and the rules (`make proto`); a test asks every cell of a running gateway. A role is one's place in
the organization that holds the thing; a share is a grant on one cluster, by name or by link. Without access, responses match those for a
missing resource, byte for byte but for the request's ID. Rights from several sources add up. An API token may what
its user may as far as its scope goes: the last column is the least that a route needs; a scope of one organization reaches
nothing else, and no token changes an account.

";
const INSIDE: &str = "
## Inside a cluster

Kubernetes' own RBAC decides there, by these groups alone; who is in which is decided for each request, by what is held then: who
made a cluster has that of it only while their role may make clusters.
`labyard:operator` edits everything in namespaces but the cluster's own (`kube-*`), acts as nobody else, and runs no pod with a part of
the node; who edits one namespace does so in that one.

| Held | Groups |
|---|---|
";

/// The page's columns: what is held, in words.
fn columns() -> Vec<(&'static str, Rights)> {
    let role = |role| Rights {
        role: Some(role),
        ..Rights::default()
    };
    vec![
        ("viewer", role(Role::Viewer)),
        ("member", role(Role::Member)),
        ("admin", role(Role::Admin)),
        ("owner", role(Role::Owner)),
        ("share", shared(Level::Viewer)),
    ]
}

fn shared(level: Level) -> Rights {
    let namespaces = match level {
        Level::Namespaces => [("a", true), ("b", false)]
            .map(|(name, edit)| NamespaceGrant {
                name: name.to_owned(),
                edit,
            })
            .to_vec(),
        Level::Viewer | Level::Operator => Vec::new(),
    };
    Rights {
        shares: vec![ShareGrant { level, namespaces }],
        ..Rights::default()
    }
}

/// The whole page.
pub(crate) fn page(table: Table) -> String {
    let columns = columns();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut page = format!(
        "{HEAD}| Route | Action | {} | API token |\n|---|---|{}---|\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for route in table.routes() {
        page.push_str(&line(route, &columns));
    }
    page.push_str(INSIDE);
    for (held, rights) in inside() {
        let groups: Vec<String> = rights.groups().iter().map(Group::to_string).collect();
        page.push_str(&format!("| {held} | `{}` |\n", groups.join("` `")));
    }
    page
}

fn line(route: &Route, columns: &[(&str, Rights)]) -> String {
    let cells: Vec<&str> = columns
        .iter()
        .map(|(_, rights)| cell(route, rights))
        .collect();
    let action = format!("{:?}", route.action);
    let (method, path) = (route.method, route.path);
    let token = match route.action {
        Action::Public => "anyone",
        _ => route.least_scope().map_or("–", ScopeLevel::as_str),
    };
    format!(
        "| `{method} {path}` | {action} | {} | {token} |\n",
        cells.join(" | ")
    )
}

fn cell(route: &Route, rights: &Rights) -> &'static str {
    match (route.action, route.id) {
        (Action::Public, _) => "anyone",
        (Action::Own | Action::Account, _) => "yes",
        (Action::Installation, _) => "administrators",
        (Action::AuditRead, _) if !rights.allow(route.action) => "one's own",
        (_, "remove_member") if rights.role.is_some_and(|role| role < Role::Admin) => "oneself",
        (_, "end_share") if !rights.allow(Action::ClusterShare) => "one's own",
        (Action::ClusterShare, _) if rights.role == Some(Role::Member) => "if they made it",
        (action, _) if rights.allow(action) => "yes",
        _ => "–",
    }
}

fn inside() -> Vec<(&'static str, Rights)> {
    let role = |role, made_it| Rights {
        role: Some(role),
        made_it,
        shares: Vec::new(),
    };
    vec![
        (
            "owner or admin of the organization",
            role(Role::Admin, false),
        ),
        ("a member who made the cluster", role(Role::Member, true)),
        ("member", role(Role::Member, false)),
        ("viewer", role(Role::Viewer, false)),
        ("a viewer who made the cluster", role(Role::Viewer, true)),
        ("share `operator`", shared(Level::Operator)),
        ("share `viewer`", shared(Level::Viewer)),
        (
            "share of namespaces `a` (edit) and `b`",
            shared(Level::Namespaces),
        ),
    ]
}
