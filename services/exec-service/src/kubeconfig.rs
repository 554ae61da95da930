//! Kubeconfigs made for one person: inside the container, and for their own kubectl.

use api::bus::Capability;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    certificate::Certificate,
    person::{Error, People},
};

/// For commands inside the container.
pub(crate) fn inside(certificate: &Certificate) -> String {
    render(certificate, drivers::API_INSIDE, "labyard", "me")
}

/// For the person's own kubectl on the lab host: the cluster's own port.
pub(crate) async fn for_person(people: &People, capability: &Capability) -> Result<String, Error> {
    let person = people.inside(capability).await?;
    let (Some(certificate), Some(port)) = (&person.certificate, person.endpoint.api_port) else {
        return Err(Error::NoApi);
    };
    let server = format!("https://127.0.0.1:{port}");
    Ok(render(
        certificate,
        &server,
        &capability.cluster.to_string(),
        &capability.user_name,
    ))
}

/// JSON, which every YAML reader reads.
fn render(certificate: &Certificate, server: &str, cluster: &str, user: &str) -> String {
    let document = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster,
        "clusters": [{ "name": cluster, "cluster": {
            "server": server,
            "certificate-authority-data": STANDARD.encode(&certificate.authority),
        }}],
        "users": [{ "name": user, "user": {
            "client-certificate-data": STANDARD.encode(&certificate.certificate),
            "client-key-data": STANDARD.encode(&certificate.key),
        }}],
        "contexts": [{ "name": cluster, "context": { "cluster": cluster, "user": user } }],
    });
    format!("{document:#}\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_kubeconfig_is_one_kubectl_can_read() {
        let certificate = Certificate {
            certificate: "C".into(),
            key: "K".into(),
            authority: "A".into(),
        };
        let text = render(&certificate, "https://127.0.0.1:20001", "clu_x", "usr_y");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["current-context"], "clu_x");
        let cluster = &read["clusters"][0]["cluster"];
        assert_eq!(cluster["server"], "https://127.0.0.1:20001");
        assert_eq!(cluster["certificate-authority-data"], "QQ==");
        assert_eq!(read["users"][0]["user"]["client-key-data"], "Sw==");
    }
}
