//! The way of a browser to a provider of identities and back (authorization code with PKCE).

use std::net::IpAddr;

use api::auth::oidc::RefusedLogin;
use domain::{Code, InvitationId, SessionId};
use url::{Url, form_urlencoded};

use crate::{
    crypto::flow::{self, Browser},
    kernel::{error::Error, state::App},
    openid::{issuer::Away, provider::Provider},
    people::oidc::{
        self, arrival,
        ended::{self, Back, Ended},
        exchange::{self, redirect_uri},
        sql::NewFlow,
    },
};

/// Seconds that somebody has at the provider.
const FLOW_SECS: f64 = 600.0;
/// Bytes of the page to come back to.
const NEXT_MAX: usize = 512;
/// Where somebody comes who named no page.
const HOME: &str = "/dashboard";

/// What somebody wants of a provider.
#[derive(Default)]
pub(crate) struct Wish<'a> {
    pub(crate) next: Option<&'a str>,
    pub(crate) invitation: Option<InvitationId>,
    /// The login to connect the identity to, instead of a new one.
    pub(crate) link: Option<SessionId>,
}

/// Where the browser goes, and what it holds meanwhile.
pub(crate) struct Begun {
    pub(crate) url: String,
    pub(crate) browser: Browser,
}

/// What the provider sends back with the browser.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Answer {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Sends a browser to a provider.
pub(crate) async fn begin(
    app: &App,
    id: &str,
    wish: Wish<'_>,
    browser: Option<Browser>,
    from: Option<IpAddr>,
) -> Result<Begun, Error> {
    let (provider, client) = app.providers.for_login(id).ok_or_else(Error::not_found)?;
    app.limits.login(from, &format!("provider {id}"))?;
    let issuer = app.issuers.of(&provider.issuer);
    let known = issuer
        .known(&app.outgoing, None)
        .await
        .map_err(|away| gone(provider, &away))?;
    let endpoint = known.metadata.authorization_endpoint.clone();
    let away = Away::Unfit("nobody can log in by it");
    let mut url = endpoint.ok_or_else(|| gone(provider, &away))?;
    if app.outgoing.client(&url).is_err() {
        return Err(gone(provider, &Away::Unfit("its page is out of reach")));
    }
    let browser = browser.map_or_else(Browser::new, Ok)?;
    let flow = browser.begin()?;
    let new = NewFlow {
        state_hash: flow::hash(&flow.state),
        browser_hash: browser.hash(),
        provider: id,
        next: safe_page(wish.next),
        invitation: wish.invitation,
        link: wish.link,
        secs: FLOW_SECS,
    };
    oidc::sql::insert_flow(&app.people, new).await?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", &redirect_uri(app, provider))
        .append_pair("scope", &client.scopes)
        .append_pair("state", &flow.state)
        .append_pair("nonce", &flow.nonce)
        .append_pair("code_challenge", &flow.challenge())
        .append_pair("code_challenge_method", "S256");
    Ok(Begun {
        url: url.into(),
        browser,
    })
}

fn gone(provider: &Provider, away: &Away) -> Error {
    ended::warn(provider, away);
    Error::with_fix(
        Code::Unavailable,
        format!("{} doesn't answer right now.", provider.label),
        "Try again in a moment, or log in another way.",
    )
}

/// Takes a browser back from its provider. Whatever happened, it gets a page of ours.
pub(crate) async fn finish(
    app: &App,
    id: &str,
    answer: Answer,
    browser: Option<Browser>,
    cookie: Option<&str>,
    from: Option<IpAddr>,
) -> Result<Back, Error> {
    let mut told = Told::default();
    match arrive(app, id, answer, (browser, cookie), from, &mut told).await {
        Ok(back) => Ok(back),
        Err(Ended::Failed(error)) => Err(error),
        Err(Ended::Refused(why)) => {
            tracing::info!(
                provider = id,
                why = why.as_str(),
                "a login by a provider was refused"
            );
            Ok(Back {
                page: told.address(why),
                cookie: None,
            })
        }
    }
}

/// The page that tells of a refusal, and where it leads those who come in after all.
struct Told {
    page: &'static str,
    next: Option<String>,
}

impl Default for Told {
    fn default() -> Self {
        let page = "/login";
        Self { page, next: None }
    }
}

impl Told {
    fn address(&self, why: RefusedLogin) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("refused", why.as_str());
        if let Some(next) = &self.next {
            query.append_pair("next", next);
        }
        format!("{}?{}", self.page, query.finish())
    }
}

async fn arrive(
    app: &App,
    id: &str,
    answer: Answer,
    (browser, cookie): (Option<Browser>, Option<&str>),
    from: Option<IpAddr>,
    told: &mut Told,
) -> Result<Back, Ended> {
    let (provider, client) = app.providers.for_login(id).ok_or_else(Error::not_found)?;
    let state = answer.state.ok_or(RefusedLogin::Stale)?;
    // Whoever holds a state without its browser uses it up: it is nobody's any more.
    let row = oidc::sql::take_flow(&app.people, flow::hash(&state)).await?;
    let (row, browser) = row
        .zip(browser)
        .filter(|(row, browser)| row.provider == id && row.browser_hash == browser.hash())
        .ok_or(RefusedLogin::Stale)?;
    if row.link().is_some() {
        told.page = "/profile";
    } else if row.next != HOME {
        told.next = Some(row.next.clone());
    }
    // Another provider's answer (RFC 9207): its code is not for this one's eyes.
    if answer
        .iss
        .as_ref()
        .is_some_and(|iss| *iss != provider.issuer)
    {
        return Err(RefusedLogin::Untrusted.into());
    }
    if answer.error.is_some() {
        return Err(RefusedLogin::Denied.into());
    }
    let code = answer.code.ok_or(RefusedLogin::Denied)?;
    let flow = browser.flow(state);
    let said_issuer = answer.iss.is_some();
    let who = exchange::redeem(app, (provider, client), &flow, &code, said_issuer).await?;
    match row.link() {
        Some(session) => {
            arrival::connect(app, (provider, client), &who, (session, cookie), from).await
        }
        None => arrival::log_in(app, (provider, client), &who, &row, from).await,
    }
}

/// A page of ours and nothing else: whoever made the link cannot send anybody elsewhere.
fn safe_page(next: Option<&str>) -> &str {
    let ours = |next: &&str| {
        let base = Url::parse("https://labyard.invalid").ok();
        let there = base.as_ref().and_then(|base| base.join(next).ok());
        next.starts_with('/')
            && next.len() <= NEXT_MAX
            && !next.contains(['\\', '\t', '\n', '\r'])
            && there
                .zip(base.as_ref())
                .is_some_and(|(there, base)| there.origin() == base.origin())
    };
    next.filter(ours).unwrap_or(HOME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_away_from_us() {
        for page in ["/clusters/clu_1", "/audit?x=1", "/"] {
            assert_eq!(safe_page(Some(page)), page);
        }
        for page in [
            "//evil.org",
            "/\\evil.org",
            "\\\\evil.org",
            "https://evil.org",
            "javascript:alert(1)",
            "",
            "x",
            "/\t/evil.org",
            "/\n/evil.org",
            "/%0d\r\nset-cookie: a",
        ] {
            assert_eq!(safe_page(Some(page)), HOME, "{page:?}");
        }
        assert_eq!(safe_page(Some(&format!("/{}", "a".repeat(NEXT_MAX)))), HOME);
        assert_eq!(safe_page(None), HOME);
    }
}
