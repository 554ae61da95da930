//! Guests who would take more of a node than is theirs by what they run in it: its disk, its memory, its processes, its
//! ports, and time beyond their command's.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    time::{Duration, Instant},
};

use domain::ClusterId;
use e2e::{
    command::{Said, docker},
    labs,
    person::Person,
};

use super::Lab;
use crate::cli::somebody;

/// Where a person may write: places of their own, and a command's own shared memory.
const THEIRS: [&str; 4] = ["/dev/shm", "/run/guests/homes/UID", "/tmp", "/var/tmp"];
/// Every file or folder that can be written to, but for devices that hold nothing and what the kernel shows of a process.
const WRITABLE: &str =
    r"find / ~ -path /proc -prune -o -writable ! -type l ! -type c -print 2>/dev/null | sort";
/// Fills a folder until it is full; what it holds then, in MiB.
const FILL: &str =
    "head -c 2G /dev/zero >FOLDER/full 2>/dev/null; du -m FOLDER/full | cut -f1; rm FOLDER/full";
/// Of a lab's memory (2 GiB) a home has a thirty-second.
const FULL_MIB: u32 = 64;
/// Ports of a node that say things to whoever asks: the kubelet's and kube-proxy's.
const NODE_PORTS: [u16; 4] = [10_248, 10_249, 10_250, 10_256];
/// Stays behind in every way that was ever tried.
const STAY: &str = "setsid env -i /bin/sleep 72001 & (trap '' TERM HUP INT; exec sleep 72001) & nohup sleep 72001 & \
(sleep 72001 &); exit 3";
/// Forks until it may not, and counts.
const FORK: &str = "n=0; while [ $n -lt 3000 ]; do sleep 20 & n=$((n + 1)); echo $n; done";
/// Less than a command may run, on however busy a machine.
const SOON: Duration = Duration::from_secs(40);

impl Lab {
    /// What runs under a guest's name sees and takes what is the guest's.
    pub(super) async fn a_command_is_confined(&self, id: ClusterId) {
        let node = labs::containers(id).remove(0);
        let guest = somebody("confined").await;
        self.share(&guest, &["--level", "viewer"]);
        let uid = self.run(&guest, "id -u").trim().to_owned();

        self.it_is_nothing_but_its_person(&guest, &uid);
        self.it_sees_its_own_processes(&guest);
        self.it_fills_no_more_than_its_own(&guest, &uid);
        self.the_nodes_ports_are_closed_to_it(&guest, &node);
        self.nothing_of_it_stays(&guest, &node);
        self.it_takes_a_part_of_the_memory(&guest);
        time_is_up(&node, &uid);
    }

    fn it_is_nothing_but_its_person(&self, guest: &Person, uid: &str) {
        let said = self.run(
            guest,
            "id -u; id -g; id -G; grep -E 'Cap|NoNewPrivs' /proc/self/status; umask; pwd",
        );
        let words: Vec<&str> = said.split_whitespace().collect();
        assert_eq!(words[..3], [uid, uid, uid], "{said}");
        for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
            let at = words.iter().position(|word| *word == set).unwrap();
            assert_eq!(words[at + 1], "0000000000000000", "{said}");
        }
        assert!(said.contains("NoNewPrivs:\t1"), "{said}");
        let home = format!("/run/guests/homes/{uid}");
        assert_eq!(words[words.len() - 2..], ["0022", &home], "{said}");
        // Root of a namespace of one's own would have the whole kernel before them.
        for words in [["-Ur", "true"], ["-m", "true"]] {
            let said = self.ended(guest, &[&["unshare"], words.as_slice()].concat());
            assert!(said.err.contains("Operation not permitted"), "{said:?}");
        }
        // As a shell says it.
        assert_eq!(self.ended(guest, &["no-such-program"]).code, 127);
        assert_eq!(self.ended(guest, &["/etc/passwd"]).code, 126);
        assert_eq!(self.ended(guest, &["sh", "-c", "kill -9 $$"]).code, 137);
    }

    fn it_sees_its_own_processes(&self, guest: &Person) {
        let said = self.run(
            guest,
            "ls -d /proc/[0-9]*; cat /proc/1/cmdline /proc/1/environ 2>&1; ps aux",
        );
        assert!(
            said.lines()
                .filter(|line| line.starts_with("/proc"))
                .count()
                <= 3,
            "{said}"
        );
        for others in ["kube-apiserver", "containerd", "kine", "guest inside"] {
            assert!(!said.contains(others), "{said}");
        }
        assert_eq!(self.run(guest, "ls -A /sys/fs/cgroup"), "");
    }

    fn it_fills_no_more_than_its_own(&self, guest: &Person, uid: &str) {
        let found = self.run(guest, WRITABLE);
        let theirs = THEIRS.map(|folder| folder.replace("UID", uid));
        assert_eq!(found.lines().collect::<Vec<_>>(), theirs, "{found}");
        for folder in &theirs {
            let held: u32 = self
                .run(guest, &FILL.replace("FOLDER", folder))
                .trim()
                .parse()
                .unwrap();
            assert!((1..=FULL_MIB).contains(&held), "{folder}: {held} MiB");
        }
        // What is theirs stays theirs from one command to the next, and nobody else's.
        self.run(guest, "echo kept | tee ~/kept >/tmp/kept");
        assert_eq!(self.run(guest, "cat ~/kept /var/tmp/kept"), "kept\nkept\n");
        assert_eq!(
            self.run(&self.anna, "ls /tmp | grep -c kept; true").trim(),
            "0"
        );
    }

    fn the_nodes_ports_are_closed_to_it(&self, guest: &Person, node: &str) {
        let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        let address = docker(&["inspect", node, "--format", format]).ok();
        for host in [address.trim(), "127.0.0.1", "localhost"] {
            for port in NODE_PORTS {
                let ask = format!("curl -sk -m 20 -o /dev/null http://{host}:{port}/healthz");
                let said = self.ended(guest, &["sh", "-c", &ask]);
                assert_eq!(said.code, 7, "{host}:{port} answers a guest: {said:?}");
            }
        }
        // The API and names are not closed, by no way.
        self.run(
            guest,
            "kubectl version && curl -sk -m 20 https://kubernetes.default/version | grep gitVersion",
        );
        self.run(
            guest,
            &format!("curl -sk -m 20 https://{}:6443/readyz", address.trim()),
        );
        // What one opens on the loopback is one's own: an owner's proxy would make anybody an owner.
        let proxy = "kubectl proxy --port=18001 >/dev/null & until curl -sf -m 2 localhost:18001/version; do sleep 0.1; done";
        assert!(self.run(&self.anna, proxy).contains("gitVersion"));
        let held = format!("{proxy} >/dev/null; echo up; sleep 50");
        let mut open = self
            .anna
            .labyard_command(&["cluster", "exec", &self.id, "--", "sh", "-c", &held])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut up = String::new();
        let mut said = BufReader::new(open.stdout.take().unwrap());
        said.read_line(&mut up).unwrap();
        assert_eq!(up, "up\n");
        for host in ["localhost", address.trim()] {
            let ask = [
                "curl",
                "-s",
                "-m",
                "20",
                &format!("http://{host}:18001/version"),
            ];
            assert_eq!(
                self.ended(guest, &ask).code,
                7,
                "an owner's proxy at {host}"
            );
        }
        open.kill().unwrap();
        open.wait().unwrap();
    }

    fn nothing_of_it_stays(&self, guest: &Person, node: &str) {
        assert_eq!(self.ended(guest, &["sh", "-c", STAY]).code, 3);
        let left = || {
            docker(&[
                "exec",
                node,
                "sh",
                "-c",
                "ps ax | grep -c '[s]leep 72001'; true",
            ])
            .ok()
        };
        assert_eq!(left().trim(), "0");
        let groups =
            "ls -d /sys/fs/cgroup/*/labyard/*/*/*/ /sys/fs/cgroup/labyard/*/*/*/ 2>/dev/null; true";
        let began = Instant::now();
        while !docker(&["exec", node, "sh", "-c", groups]).ok().is_empty() {
            assert!(began.elapsed() < SOON, "a command's groups are left");
        }
        let forking = self.ended(guest, &["sh", "-c", FORK]);
        let forked: u32 = forking.out.lines().last().unwrap().parse().unwrap();
        assert!((300..=512).contains(&forked), "{forked} processes");
        assert_eq!(left().trim(), "0");
    }

    /// A command that takes all it can is ended, and others work on.
    fn it_takes_a_part_of_the_memory(&self, guest: &Person) {
        let greedy = self.ended(
            guest,
            &[
                "sh",
                "-c",
                "head -c 1800M /dev/zero | tail -c 1800M | wc -c",
            ],
        );
        assert!(!greedy.out.contains("1887436800"), "{greedy:?}");
        self.run(&self.anna, "kubectl get --raw /readyz");
    }

    fn ended(&self, who: &Person, argv: &[&str]) -> Said {
        let words = ["cluster", "exec", &self.id, "--"];
        who.labyard(&[&words, argv].concat())
    }
}

/// A command has its time, also one that is deaf; and one that was ended before it began does not begin.
fn time_is_up(node: &str, uid: &str) {
    let guest =
        |words: &[&str]| docker(&[&["exec", node, "/usr/lib/labyard/guest"], words].concat());
    for (name, script) in [
        ("late", "sleep 72002"),
        ("deaf", "trap '' TERM; sleep 72002; sleep 72002"),
    ] {
        let began = Instant::now();
        let said = guest(&["run", name, "guest", uid, "1", "--", "sh", "-c", script]);
        assert_eq!(said.code, 124, "{said:?}");
        assert!(began.elapsed() < SOON, "{name}");
    }
    guest(&["end", "early"]).ok();
    let said = guest(&["run", "early", "guest", uid, "5", "--", "echo", "begun"]);
    assert_eq!((said.code, said.out.as_str()), (137, ""), "{said:?}");
}
