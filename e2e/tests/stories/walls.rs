//! The programs that meet strangers have no right, write nothing but their state and see nothing of the stack's: who takes
//! one over has won little.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use e2e::{
    command::{Said, run},
    process,
};

const WALLED: [&str; 3] = ["events-gateway", "provisioner-worker", "exec-service"];
const RIGHTS: [&str; 5] = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];

/// Places where somebody would like to leave something, beside everything that is mounted.
const PLACES: &str =
    "/ /etc /usr/bin /var /var/tmp /var/lib /run /dev /dev/shm /proc /home /root /opt";

/// One of them as it runs.
struct Inside {
    program: &'static str,
    pid: u32,
    status: BTreeMap<String, String>,
}

impl Inside {
    fn each() -> Vec<Self> {
        let found = WALLED.map(Self::of);
        found.into_iter().collect()
    }

    fn of(program: &'static str) -> Self {
        let pid = *process::pids(program).first().expect(program);
        let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let status = text.lines().filter_map(|line| line.split_once(':'));
        Self {
            program,
            pid,
            status: status
                .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
                .collect(),
        }
    }

    fn status(&self, key: &str) -> &str {
        &self.status[key]
    }

    fn first(&self, key: &str) -> &str {
        self.status(key).split_whitespace().next().unwrap_or("")
    }

    fn state(&self) -> String {
        let folder = e2e::home().join("state").join(self.program);
        let folder = fs::canonicalize(&folder).unwrap_or(folder);
        folder.display().to_string()
    }

    /// Whether it has a view of the machine of its own. Only a kernel that refuses one is an excuse.
    fn has_view(&self) -> bool {
        let view = |who: &str| fs::read_link(format!("/proc/{who}/ns/mnt")).unwrap();
        let own = view(&self.pid.to_string()) != view("self");
        if !own {
            let mut words = vec!["--mount"];
            if !by_root() {
                words.extend(["--user", "--map-root-user"]);
            }
            words.extend(["mount", "-t", "tmpfs", "tmpfs", "/tmp"]);
            let said = run(Command::new("unshare").args(words));
            assert_ne!(said.code, 0, "{} could have a view", self.program);
        }
        own
    }

    /// What these lines of a shell come to, said where it is and by who it is.
    fn shell(&self, lines: &str) -> Said {
        let pid = self.pid.to_string();
        let mut words = Vec::new();
        if self.has_view() {
            words.extend(["nsenter", "--target", &pid, "--mount"]);
            if !by_root() {
                words.extend(["--user", "--preserve-credentials"]);
            }
        }
        if by_root() {
            words.extend(["setpriv", "--no-new-privs", "--inh-caps=-all"]);
            words.extend(["--bounding-set=-all", "--reuid", self.first("Uid")]);
            words.extend(["--regid", self.first("Gid")]);
            match self.first("Groups") {
                "" => words.push("--clear-groups"),
                group => words.extend(["--groups", group]),
            }
        }
        words.extend(["sh", "-c", lines]);
        run(Command::new(words[0]).args(&words[1..]))
    }
}

/// Whether root started the stack.
fn by_root() -> bool {
    Inside::of("api-gateway").first("Uid") == "0"
}

#[test]
fn they_have_no_right_and_gain_none() {
    let mut users = BTreeSet::new();
    for inside in Inside::each() {
        let program = inside.program;
        assert_eq!(inside.status("NoNewPrivs"), "1", "{program}");
        if inside.has_view() || by_root() {
            for right in RIGHTS {
                assert_eq!(
                    inside.status(right),
                    "0000000000000000",
                    "{program} {right}"
                );
            }
        }
        if by_root() {
            assert_ne!(inside.first("Uid"), "0", "{program}");
            users.insert(inside.first("Uid").to_owned());
            let groups = inside.status("Groups").split_whitespace().count();
            assert!(groups <= 1, "{program}: {}", inside.status("Groups"));
        }
    }
    assert!(!by_root() || users.len() == WALLED.len(), "{users:?}");
}

#[test]
fn they_write_nothing_but_their_state() {
    for inside in Inside::each() {
        if !inside.has_view() {
            continue;
        }
        let (program, state) = (inside.program, inside.state());
        let allowed: BTreeSet<&str> = match program {
            "events-gateway" => ["/tmp"].into(),
            _ => ["/tmp", state.as_str()].into(),
        };
        let mounts = fs::read_to_string(format!("/proc/{}/mountinfo", inside.pid)).unwrap();
        let mounted = mounts.lines().filter_map(|line| line.split(' ').nth(4));
        let mounted = mounted.collect::<Vec<_>>().join(" ");
        let home = fs::canonicalize(e2e::home()).unwrap();
        let said = inside.shell(&format!(
            "for place in {PLACES} {mounted} {home} {home}/bin {home}/state /tmp {state}; do
                touch $place/planted 2>/dev/null && rm $place/planted && echo $place
            done; true",
            home = home.display(),
        ));
        assert_eq!(
            said.ok().lines().collect::<BTreeSet<_>>(),
            allowed,
            "{program}"
        );
    }
}

#[test]
fn they_see_none_of_the_stacks_secrets() {
    let home = fs::canonicalize(e2e::home()).unwrap();
    let environ = format!("/proc/{}/environ", Inside::of("api-gateway").pid);
    let secrets = [
        home.join("secrets/gateway.env"),
        home.join("secrets/nats.env"),
        home.join("run/env/api-gateway"),
        home.join("run/nats-server.conf"),
        home.join("log/api-gateway.log"),
        environ.into(),
    ];
    for inside in Inside::each() {
        if !inside.has_view() && !by_root() {
            continue;
        }
        for secret in &secrets {
            assert!(!read(secret).is_empty(), "{}", secret.display());
            let said = inside.shell(&format!(
                "echo asked; cat {} || echo refused",
                secret.display()
            ));
            assert_eq!(
                said.ok(),
                "asked\nrefused\n",
                "{} and {}",
                inside.program,
                secret.display()
            );
        }
    }
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn only_those_that_need_it_reach_the_engine() {
    if !by_root() {
        return; // There everything has its user's groups.
    }
    for inside in Inside::each() {
        let said = inside.shell("docker version");
        let reaches = inside.program != "events-gateway";
        assert_eq!(said.code == 0, reaches, "{}: {said:?}", inside.program);
    }
}
