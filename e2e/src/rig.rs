//! A rig: the real gateway and worker, built with the feature `chaos`, on a database and a bus of their own. A test
//! starts, kills, stops and looks at them.

pub mod check;
pub mod program;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use api::{
    auth::{Login, Register},
    client::{Client, Credential},
};
use testkit::{
    Nats, eventually,
    gateway::{ENCRYPTION_KEY, SECRET_KEY},
};

use self::program::Program;
use crate::person::PASSWORD;

/// The host whose user the bus of a test knows.
pub const HOST: &str = "h1";
const UP: Duration = Duration::from_secs(30);

/// Where programs with crash points are: `cargo build` with the feature `chaos` put them there.
pub fn programs() -> PathBuf {
    std::env::var_os("LABYARD_CHAOS_BIN")
        .expect("LABYARD_CHAOS_BIN names the folder of programs built with the feature chaos")
        .into()
}

/// What every program of a rig shares.
pub struct Rig {
    pub folder: PathBuf,
    pub database: String,
    /// `fake` or `docker`
    pub driver: &'static str,
    /// How long a step of the fake driver takes.
    pub step_ms: u32,
    pub slots: u32,
    nats: String,
}

impl Rig {
    pub fn new(folder: PathBuf, database: String, nats: &Nats, driver: &'static str) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            folder,
            database,
            driver,
            step_ms: 40,
            slots: 4,
            nats: nats.url(),
        }
    }

    /// Where the fake driver keeps its things.
    pub fn world(&self) -> PathBuf {
        self.folder.join("world")
    }

    /// A gateway that answers at a port of its own.
    pub fn gateway(&self, name: &str) -> (Program, String) {
        let address = format!("127.0.0.1:{}", testkit::free_port());
        let mut program = self.program(name, "api-gateway", "api-gateway");
        program.set("DATABASE_URL", &self.database);
        program.set("LABYARD_HTTP_ADDR", &address);
        program.set("SECRET_KEY", SECRET_KEY);
        // One person asks for everybody's clusters here.
        program.set("LABYARD_REQUESTS_PER_USER", "100000");
        program.set("LABYARD_REQUESTS_PER_ADDRESS", "100000");
        program.set("ENCRYPTION_KEY", ENCRYPTION_KEY);
        program.set("LABYARD_CLUSTERS_PER_WORKSPACE", "1000");
        (program, format!("http://{address}"))
    }

    /// An events-gateway and where its streams are opened.
    pub fn events(&self, name: &str) -> (Program, SocketAddr) {
        let address = SocketAddr::from(([127, 0, 0, 1], testkit::free_port()));
        let mut program = self.program(name, "events-gateway", "events-gateway");
        program.set("LABYARD_HTTP_ADDR", address.to_string());
        program.set("LABYARD_GATEWAY_KEYS", self.keys());
        (program, address)
    }

    pub fn worker(&self, name: &str) -> Program {
        let mut program = self.program(name, "provisioner-worker", &format!("host-{HOST}"));
        program.set("LABYARD_HOST", HOST);
        program.set("LABYARD_STATE_DIR", self.folder.join(name));
        program.set("LABYARD_GATEWAY_KEYS", self.keys());
        program.set("LABYARD_FAKE_DIR", self.world());
        program.set("LABYARD_FAKE_STEP_MS", self.step_ms.to_string());
        program.set("LABYARD_SLOTS", self.slots.to_string());
        for passed in ["LABYARD_NODE_IMAGE", "LABYARD_SUBNETS", "DOCKER_HOST"] {
            if let Some(value) = std::env::var_os(passed) {
                program.set(passed, value);
            }
        }
        program
    }

    fn program(&self, name: &str, file: &str, user: &str) -> Program {
        let log = self.folder.join(format!("{name}.log"));
        let mut program = Program::new(programs().join(file), log);
        program.set("NATS_URL", &self.nats);
        program.set("NATS_USER", user);
        program.set("NATS_PASSWORD", user);
        program.set("LABYARD_DRIVER", self.driver);
        program
    }

    fn keys(&self) -> String {
        let said = crate::command::run(
            std::process::Command::new(programs().join("api-gateway"))
                .arg("keys")
                .env("SECRET_KEY", SECRET_KEY)
                .env("ENCRYPTION_KEY", ENCRYPTION_KEY),
        );
        said.ok().trim().to_owned()
    }
}

/// Waits until a gateway answers people.
pub async fn answers(url: &str) {
    eventually(UP, || async {
        let health = reqwest::get(format!("{url}/health")).await.ok()?;
        health.status().is_success().then_some(())
    })
    .await;
}

/// Somebody new at a gateway; gives their access token.
pub async fn person(url: &str, name: &str) -> String {
    let stranger = Client::new(url, Credential::None).unwrap();
    let email = format!("{name}@example.org");
    let register = Register {
        email: email.clone(),
        password: PASSWORD.into(),
        name: None,
        invitation: None,
    };
    stranger.register(&register).await.unwrap();
    let login = Login {
        email,
        password: PASSWORD.into(),
    };
    let tokens = stranger.token(&login).await.unwrap();
    tokens.access_token.expose().to_owned()
}
