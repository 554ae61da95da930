//! Passwords: Argon2id with OWASP's minimum, a few at a time, the same work for unknown people. It is done by threads of
//! its own that give way to everything else: a flood of logins takes what nobody else needs.

use std::{
    fs, io,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::anyhow;
use api::Secret;
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self, PasswordHasher,
        phc::{Output, PasswordHash},
    },
};
use domain::{characters, limits};
use flume::RecvTimeoutError;
use rustix::process::{Pid, setpriority_process};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use zeroize::Zeroizing;

/// Each takes 19 MiB and about 16 ms of a core.
const AT_ONCE_MAX: usize = 4;
pub(crate) const WAITING_MAX: usize = 32;
/// Between 0, as everything else, and 19.
const NICE: i32 = 15;
/// A thread keeps its memory until nothing has come for so long: to map and clear it for each password holds up the whole
/// process, whose memory map changes.
const KEEP: Duration = Duration::from_secs(1);

/// Too many logins at once.
#[derive(Debug, thiserror::Error)]
#[error("too many logins at once")]
pub(crate) struct Busy;

/// What the work is done in; wiped when it is given up.
type Memory = Zeroizing<Vec<Block>>;
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    slots: Arc<Semaphore>,
    waiting: AtomicUsize,
    threads: flume::Sender<Job>,
    /// Verified when there is no such person, so that both take the same time.
    nobody: String,
}

/// One of the few whose password is being looked at. Whoever waits for it holds nothing else: no connection of the
/// database above all.
pub(crate) struct HashSlot<'a> {
    slot: Arc<OwnedSemaphorePermit>,
    _place: Place<'a>,
}

impl Passwords {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let params = Params::new(19_456, 2, 1, None).map_err(|error| anyhow!("argon2: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, "a password that nobody has")?;
        let at_once = at_once();
        Ok(Self {
            argon2,
            slots: Arc::new(Semaphore::new(at_once)),
            waiting: AtomicUsize::new(0),
            threads: threads(at_once)?,
            nobody,
        })
    }

    /// Waits for a slot, among few.
    pub(crate) async fn slot(&self) -> Result<HashSlot<'_>, Busy> {
        let place = Place::take(&self.waiting)?;
        let slot = self.slots.clone().acquire_owned().await.map_err(|_| Busy)?;
        Ok(HashSlot {
            slot: Arc::new(slot),
            _place: place,
        })
    }

    /// The hash of a new password, as a PHC string.
    pub(crate) async fn hash(&self, password: Secret) -> Result<anyhow::Result<String>, Busy> {
        let argon2 = self.argon2.clone();
        let slot = self.slot().await?;
        self.work(&slot, move |_| hash(&argon2, &compared(&password)))
            .await
    }

    /// Whether this is the password; without a hash the same work for a plain no. One that was set before passwords were
    /// compared in one form is tried as it was typed too: whether it has another form is no secret of who is asked for.
    pub(crate) async fn verify(
        &self,
        hash_slot: &HashSlot<'_>,
        password: Secret,
        hash: Option<String>,
    ) -> Result<bool, Busy> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let verify = move |memory: &mut Memory| {
            let (typed, one) = (password.expose(), compared(&password));
            let as_typed = !one.is_empty() && *one != typed;
            is(&one, &hash, memory) || (as_typed && is(typed, &hash, memory))
        };
        Ok(self.work(hash_slot, verify).await? && known)
    }

    async fn work<T: Send + 'static>(
        &self,
        hash_slot: &HashSlot<'_>,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (done, result) = oneshot::channel();
        // Whoever leaves meanwhile gives the slot to nobody else before the work is over.
        let slot = hash_slot.slot.clone();
        let job = move |memory: &mut Memory| {
            // Nobody may wait for it any more.
            let _ = done.send(work(memory));
            drop(slot);
        };
        self.threads.send(Box::new(job)).map_err(|_| Busy)?;
        result.await.map_err(|_| Busy)
    }
}

/// Half of the cores: a priority alone does not give a core back at once, so the others are never taken.
fn at_once() -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).clamp(1, AT_ONCE_MAX)
}

/// Threads that end when nothing can be sent to them any more. What waits for them is bounded by the slots.
fn threads(at_once: usize) -> io::Result<flume::Sender<Job>> {
    let (sender, jobs) = flume::bounded::<Job>(at_once);
    for number in 0..at_once {
        let jobs = jobs.clone();
        let name = format!("password-{number}");
        thread::Builder::new().name(name).spawn(move || {
            if let Err(error) = give_way() {
                tracing::warn!(%error, "password threads compete with everything else");
            }
            let mut memory = Memory::default();
            loop {
                let next = match jobs.recv_timeout(KEEP) {
                    Err(RecvTimeoutError::Timeout) => {
                        memory = Memory::default();
                        jobs.recv().ok()
                    }
                    next => next.ok(),
                };
                let Some(job) = next else { break };
                // A thread outlives what it is asked to do.
                let _ = panic::catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
            }
        })?;
    }
    Ok(sender)
}

/// Lowers this thread alone: Linux has a priority for each.
fn give_way() -> io::Result<()> {
    let itself = fs::read_link("/proc/thread-self")?;
    let number = itself
        .file_name()
        .and_then(|name| name.to_str()?.parse().ok());
    let thread = number.and_then(Pid::from_raw);
    if thread.is_none() {
        return Err(io::Error::other("/proc/thread-self names no thread"));
    }
    Ok(setpriority_process(thread, NICE)?)
}

/// A place in the queue, given back when its holder is done or gone.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, Busy> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            Err(Busy)
        } else {
            Ok(place)
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A password in the form in which it is kept and compared. An over-long one is never anybody's, and is not worth hashing.
fn compared(password: &Secret) -> Zeroizing<String> {
    let one = Zeroizing::new(characters::opaque(password.expose()));
    match one.chars().count() > limits::PASSWORD_MAX {
        true => Zeroizing::default(),
        false => one,
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> anyhow::Result<String> {
    let hash = argon2
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow!("argon2: {error}"))?;
    Ok(hash.to_string())
}

/// Whether a PHC string is of this password.
fn is(password: &str, hash: &str, memory: &mut Memory) -> bool {
    let hash = PasswordHash::new(hash);
    hash.is_ok_and(|hash| again(password, &hash, memory).is_ok_and(|made| hash.hash == Some(made)))
}

/// What the hash would be of this password, made as that one was.
fn again(
    password: &str,
    hash: &PasswordHash,
    memory: &mut Memory,
) -> Result<Output, password_hash::Error> {
    let params = Params::try_from(hash)?;
    let version = hash.version.unwrap_or(Version::default().into());
    let salt = hash.salt.ok_or(password_hash::Error::SaltInvalid)?;
    let blocks = params.block_count();
    let argon2 = Argon2::new(
        Algorithm::try_from(hash.algorithm.as_str())?,
        Version::try_from(version)?,
        params,
    );
    memory.resize(blocks, Block::default());
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2.hash_password_into_with_memory(
        password.as_bytes(),
        &salt,
        &mut out,
        memory.as_mut_slice(),
    )?;
    Ok(Output::new(&out)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn few_have_a_slot_few_wait_and_the_rest_hear_so() {
        let passwords = Passwords::new().unwrap();
        let mut slots = vec![];
        for _ in 0..at_once() {
            slots.push(passwords.slot().await.unwrap());
        }
        let waiting: Vec<_> = (at_once()..WAITING_MAX)
            .map(|_| Box::pin(passwords.slot()))
            .collect();
        let mut waiting = futures_util::future::select_all(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        assert!(passwords.slot().await.is_err());
        drop(slots.pop());
        let (slot, ..) = waiting.await;
        let wrong = passwords
            .verify(&slot.unwrap(), "anything".into(), None)
            .await;
        assert!(!wrong.unwrap());
    }

    #[test]
    fn a_password_is_kept_by_argon2id_with_all_that_it_costs() {
        let passwords = Passwords::new().unwrap();
        let [one, again] = [(); 2].map(|()| hash(&passwords.argon2, "a password").unwrap());
        for kept in [&passwords.nobody, &one, &again] {
            assert!(
                kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
                "{kept}"
            );
        }
        assert_ne!(one, again, "each has a salt of its own");
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_its_accents_are_typed() {
        let passwords = Passwords::new().unwrap();
        let kept = passwords.hash("un caf\u{e9} cr\u{e8}me".into()).await;
        let kept = kept.unwrap().unwrap();
        // From before there was one form: as it was typed.
        let before = hash(&passwords.argon2, "un cafe\u{301} cr\u{e8}me").unwrap();
        let is = async |typed: &str, hash: &str| {
            let slot = passwords.slot().await.unwrap();
            passwords
                .verify(&slot, typed.into(), Some(hash.into()))
                .await
                .unwrap()
        };
        for typed in [
            "un caf\u{e9} cr\u{e8}me",
            "un cafe\u{301}\u{a0}cre\u{300}me",
        ] {
            assert!(is(typed, &kept).await, "{typed:?}");
        }
        assert!(!is("un cafe creme", &kept).await);
        assert!(is("un cafe\u{301} cr\u{e8}me", &before).await);
        let long = "x".repeat(limits::PASSWORD_MAX + 1);
        assert!(!is(&long, &hash(&passwords.argon2, &long).unwrap()).await);
    }

    #[test]
    fn what_was_in_the_memory_makes_no_difference() {
        let params = Params::new(64, 1, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut memory = Memory::default();
        let large = Passwords::new().unwrap().nobody;
        for word in ["one", "another", "one"] {
            let small = hash(&argon2, word).unwrap();
            assert!(is(word, &small, &mut memory));
            assert!(!is("a third", &small, &mut memory));
            assert!(is("a password that nobody has", &large, &mut memory));
            assert!(!is(word, &large, &mut memory));
        }
        assert!(!is("one", "no hash", &mut memory));
    }

    #[tokio::test]
    async fn a_thread_that_hashes_gives_way() {
        let passwords = Passwords::new().unwrap();
        let slot = passwords.slot().await.unwrap();
        let stat = |_: &mut Memory| fs::read_to_string("/proc/thread-self/stat").unwrap();
        let stat = passwords.work(&slot, stat).await.unwrap();
        // After the name in brackets: state is field 3, nice is field 19.
        let nice = stat.rsplit_once(") ").unwrap().1.split(' ').nth(16);
        assert_eq!(nice, Some("15"));
    }
}
