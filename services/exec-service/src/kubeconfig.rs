//! Kubeconfigs made for one person: inside the container, and for their own kubectl.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Endpoint;
use serde_json::{Value, json};

use crate::certificate::Certificate;

/// For commands inside the container.
pub(crate) fn inside(certificate: &Certificate) -> String {
    let server = json!({ "server": drivers::API_INSIDE });
    render(certificate, server, "labyard", "me")
}

/// For the person's own kubectl on the lab host: the cluster's own endpoint.
pub(crate) fn outside(
    certificate: &Certificate,
    endpoint: &Endpoint,
    cluster: &str,
    user: &str,
) -> String {
    let mut server = json!({ "server": endpoint.url() });
    if endpoint.server_name != endpoint.address {
        server["tls-server-name"] = json!(endpoint.server_name);
    }
    render(certificate, server, cluster, user)
}

/// JSON, which every YAML reader reads.
fn render(certificate: &Certificate, mut server: Value, cluster: &str, user: &str) -> String {
    server["certificate-authority-data"] = json!(STANDARD.encode(&certificate.authority));
    let document = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster,
        "clusters": [{ "name": cluster, "cluster": server }],
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
        let endpoint = Endpoint::loopback(20_001);
        let text = outside(&certificate, &endpoint, "clu_x", "usr_y");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["current-context"], "clu_x");
        let cluster = &read["clusters"][0]["cluster"];
        assert_eq!(cluster["server"], "https://127.0.0.1:20001");
        assert_eq!(cluster["certificate-authority-data"], "QQ==");
        assert_eq!(cluster["tls-server-name"], Value::Null);
        assert_eq!(read["users"][0]["user"]["client-key-data"], "Sw==");
        let named = Endpoint {
            server_name: "lab".into(),
            ..endpoint
        };
        let text = outside(&certificate, &named, "clu_x", "usr_y");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["clusters"][0]["cluster"]["tls-server-name"], "lab");
    }
}
