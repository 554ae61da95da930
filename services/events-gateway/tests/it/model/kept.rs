//! What one life leaves to the next: a world with two replicas, and the count of what happened.

use std::ops::AddAssign;

use super::replica::{OWN, Places, Replica};
use crate::World;

/// A world as its lives find it: two replicas, and a client to ask them with.
pub(super) struct Kept {
    pub(super) world: World,
    pub(super) program: Option<Replica>,
    pub(super) places: Places,
    pub(super) http: reqwest::Client,
}

impl Kept {
    pub(super) fn new(world: World) -> Self {
        let places = Places::default();
        let kept = Self {
            program: Some(Replica::start(&world, &places)),
            world,
            places,
            http: reqwest::Client::new(),
        };
        kept.locate();
        kept
    }

    fn locate(&self) {
        self.places.lock().unwrap()[OWN] = Some(self.world.service().address());
    }

    /// This process's own replica ends and comes back elsewhere.
    pub(super) async fn restart(&mut self) {
        self.world.stop().await;
        self.world.start().await;
        self.locate();
    }

    /// The program is killed, however far it is, and another one is on its way up.
    pub(super) async fn kill(&mut self) {
        self.program.take().unwrap().kill().await;
        self.program = Some(Replica::start(&self.world, &self.places));
    }
}

/// What happened in some lives.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Events that reached somebody and were held against the model, by how they came.
    pub(super) by_sse: usize,
    pub(super) by_socket: usize,
    /// Connections to the program that stood.
    pub(super) to_program: usize,
    pub(super) kills: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.by_sse += other.by_sse;
        self.by_socket += other.by_socket;
        self.to_program += other.to_program;
        self.kills += other.kills;
    }
}
