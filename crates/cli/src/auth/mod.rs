//! `labyard auth …`

mod device;
mod login;
mod logout;
mod password;
mod pipeline;
mod sessions;
mod whoami;

use clap::Subcommand;

use crate::{failure::Done, session::Session};

#[derive(Subcommand)]
pub(crate) enum Auth {
    /// Log in, for this and later commands
    Login(login::Login),
    /// Log out, here and on the server
    Logout(logout::Logout),
    /// Change your password; your other logins end
    Password(password::Change),
    /// List your logins
    Sessions,
    /// Show who you are logged in as
    Whoami,
}

impl Auth {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::Login(login) => login.run(session).await,
            Self::Logout(logout) => logout.run(session).await,
            Self::Password(change) => change.run(session).await,
            Self::Sessions => sessions::run(session).await,
            Self::Whoami => whoami::run(session).await,
        }
    }
}
