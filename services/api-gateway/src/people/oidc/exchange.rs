//! What a code from a provider is worth: who somebody is there, proven.

use std::time::{SystemTime, UNIX_EPOCH};

use api::auth::oidc::RefusedLogin;
use domain::{Address, Name};
use serde_json::{Map, Value};

use crate::{
    crypto::flow::Flow,
    kernel::state::App,
    openid::{
        ask::{self, ClientAuth},
        claims::{self, Expected, Untrusted},
        issuer::{Away, Known},
        provider::{Client, Provider},
    },
    people::oidc::ended::{self, Ended},
};

/// Somebody at a provider.
pub(crate) struct Who {
    pub(crate) subject: String,
    /// Only if the provider vouches for it.
    pub(crate) email: Option<Address>,
    pub(crate) name: Option<Name>,
}

/// Seconds since 1970.
pub(crate) fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

/// Turns a code into who somebody is.
pub(crate) async fn redeem(
    app: &App,
    (provider, client): (&Provider, &Client),
    flow: &Flow,
    code: &str,
    said_issuer: bool,
) -> Result<Who, Ended> {
    let issuer = app.issuers.of(&provider.issuer);
    let away = |away: Away| {
        ended::warn(provider, &away);
        Ended::from(RefusedLogin::ProviderAway)
    };
    let _slot = issuer.slot().map_err(away)?;
    let outgoing = &app.outgoing;
    let known = issuer.known(outgoing, None).await.map_err(away)?;
    if known
        .metadata
        .authorization_response_iss_parameter_supported
        && !said_issuer
    {
        return Err(RefusedLogin::Untrusted.into());
    }
    let tokens = tokens(app, (provider, client), &known, (flow, code)).await?;
    let id_token = text(&tokens, "id_token").ok_or(RefusedLogin::Untrusted)?;
    // Its key may be newer than what is known.
    let known = issuer.known(outgoing, Some(id_token)).await.map_err(away)?;
    let expected = Expected {
        issuer: &provider.issuer,
        audience: &client.id,
        nonce: Some(&flow.nonce),
    };
    let proven = claims::verify(id_token, &known.keys, expected, now())
        .map_err(|why| doubt(provider, why))?;
    let more = match proven.all.contains_key("email") {
        true => None,
        false => person(app, &known, &tokens, &proven.subject)
            .await
            .map_err(away)?,
    };
    Ok(read(proven.subject, &proven.all, &more.unwrap_or_default()))
}

fn doubt(provider: &Provider, why: Untrusted) -> Ended {
    tracing::warn!(provider = provider.id, %why, "a provider's token was refused");
    RefusedLogin::Untrusted.into()
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// The provider's answer to the code.
async fn tokens(
    app: &App,
    (provider, client): (&Provider, &Client),
    known: &Known,
    (flow, code): (&Flow, &str),
) -> Result<Map<String, Value>, Ended> {
    let redirect_uri = redirect_uri(app, provider);
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", &flow.verifier),
    ];
    let methods = &known.metadata.token_endpoint_auth_methods_supported;
    // Basic is every server's (RFC 6749 §2.3.1), unless it says otherwise.
    let basic = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
    let auth = match &client.secret {
        Some(secret) if basic => ClientAuth::Basic(&client.id, secret.expose()),
        secret => {
            form.push(("client_id", &client.id));
            if let Some(secret) = secret {
                form.push(("client_secret", secret.expose()));
            }
            ClientAuth::None
        }
    };
    let unfit = Away::Unfit("it has no token endpoint");
    let asked = match &known.metadata.token_endpoint {
        Some(url) => {
            let asked = ask::post_form(&app.outgoing, url, auth, &form);
            asked.await.map_err(Away::from)
        }
        None => Err(unfit),
    };
    match asked {
        Ok((status, Value::Object(tokens))) if status.is_success() => Ok(tokens),
        // It looked at the code and did not like it: used before, too old, or another client's.
        Ok((status, answer)) if status.is_client_error() => {
            let error = answer.get("error").and_then(Value::as_str);
            tracing::warn!(provider = provider.id, error, "a provider refused a code");
            Err(RefusedLogin::Stale.into())
        }
        Ok((status, _)) => {
            ended::warn(provider, &Away::Status(status.as_u16()));
            Err(RefusedLogin::ProviderAway.into())
        }
        Err(away) => {
            ended::warn(provider, &away);
            Err(RefusedLogin::ProviderAway.into())
        }
    }
}

/// What the provider says of a person elsewhere, if it does.
async fn person(
    app: &App,
    known: &Known,
    tokens: &Map<String, Value>,
    subject: &str,
) -> Result<Option<Map<String, Value>>, Away> {
    let url = known.metadata.userinfo_endpoint.as_ref();
    let (Some(url), Some(token)) = (url, text(tokens, "access_token")) else {
        return Ok(None);
    };
    let (status, said) = ask::get(&app.outgoing, url, Some(token)).await?;
    match said {
        // Of this person and no other (OpenID Connect Core §5.3.2).
        Value::Object(said) if status.is_success() && text(&said, "sub") == Some(subject) => {
            Ok(Some(said))
        }
        _ => Err(Away::Status(status.as_u16())),
    }
}

/// The token's own word first.
fn read(subject: String, proven: &Map<String, Value>, more: &Map<String, Value>) -> Who {
    let of = |claims: &Map<String, Value>| {
        let verified = claims.get("email_verified") == Some(&Value::Bool(true));
        let email = text(claims, "email").filter(|_| verified);
        email.and_then(|email| Address::read(email).ok())
    };
    let name = text(proven, "name").or_else(|| text(more, "name"));
    Who {
        subject,
        email: match proven.contains_key("email") {
            true => of(proven),
            false => of(more),
        },
        name: name.and_then(|name| Name::read(name).ok()),
    }
}

pub(crate) fn redirect_uri(app: &App, provider: &Provider) -> String {
    let id = &provider.id;
    app.options
        .address(&format!("/api/v1/auth/oidc/{id}/callback"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn email(proven: &Value, more: &Value) -> Option<String> {
        let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let email = read("s".into(), &object(proven), &object(more)).email;
        email.map(|email| email.as_str().to_owned())
    }

    #[test]
    fn an_address_counts_when_it_is_vouched_for_where_it_is_said() {
        let good = json!({ "email": "Ana@Example.org", "email_verified": true });
        assert_eq!(email(&good, &json!({})).as_deref(), Some("ana@example.org"));
        assert_eq!(email(&json!({}), &good).as_deref(), Some("ana@example.org"));
        for verified in [json!(false), json!("true"), json!(1), json!(null)] {
            let bad = json!({ "email": "ana@example.org", "email_verified": verified });
            assert_eq!(email(&bad, &json!({})), None, "{verified}");
            assert_eq!(email(&bad, &good), None, "one's word is not the other's");
        }
        assert_eq!(
            email(&json!({ "email": "ana@example.org" }), &json!({})),
            None
        );
        assert_eq!(
            email(
                &json!({ "email": "no address", "email_verified": true }),
                &json!({})
            ),
            None
        );
    }
}
