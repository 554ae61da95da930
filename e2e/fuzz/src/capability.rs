//! A request to open a stream into a cluster, and the capability it carries, as exec-service reads them.

use std::sync::OnceLock;

use api::bus::OpenRequest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::StreamKind;
use exec_service::capability::Verifier;
use jsonwebtoken::{Algorithm, EncodingKey, get_current_timestamp};
use serde_json::Value;

const HOST: &str = "h1";
/// Two clocks may be apart so far.
const LEEWAY_SECS: u64 = 5;
/// The gateway's key: what PKCS#8 puts before a seed, the seed's byte, and the public half.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const SEED: u8 = 7;
const PUBLIC: [u8; 32] = [
    0xea, 0x4a, 0x6c, 0x63, 0xe2, 0x9c, 0x52, 0x0a, 0xbe, 0xf5, 0x50, 0x7b, 0x13, 0x2e, 0xc5, 0xf9,
    0x95, 0x47, 0x76, 0xae, 0xbe, 0xbe, 0x7b, 0x92, 0x42, 0x1e, 0xea, 0x69, 0x14, 0x46, 0xd2, 0x2c,
];

/// As it comes nothing allows anything: the gateway did not sign it. A line of a header and claims, signed by the gateway,
/// allow what they say, here, once and until their end.
pub fn capability(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(
            verifier().verify(text, StreamKind::Exec).is_err(),
            "{text:?}"
        );
    }
    if let Ok(request) = serde_json::from_slice::<OpenRequest>(bytes) {
        let kind = request.open.kind();
        assert!(verifier().verify(&request.capability, kind).is_err());
        exec_service::fuzz_command(&request);
    }
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    if let (Some(header), Some(claims)) = (parts.next(), parts.next()) {
        signed(header, claims);
    }
}

fn verifier() -> Verifier {
    let Ok(host) = HOST.parse() else {
        panic!("{HOST} is no host");
    };
    Verifier::new(PUBLIC, host)
}

fn signed(header: &[u8], claims: &[u8]) {
    static KEY: OnceLock<EncodingKey> = OnceLock::new();
    let key =
        KEY.get_or_init(|| EncodingKey::from_ed_der(&[PKCS8.as_slice(), &[SEED; 32]].concat()));
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let message = format!("{}.{}", part(header), part(claims));
    let Ok(signature) = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA)
    else {
        panic!("it could not be signed");
    };
    let token = format!("{message}.{signature}");
    for kind in StreamKind::ALL {
        let verifier = verifier();
        let before = get_current_timestamp();
        let Ok(capability) = verifier.verify(&token, kind) else {
            continue;
        };
        let said: Value = serde_json::from_slice(claims).unwrap_or_default();
        let header: Value = serde_json::from_slice(header).unwrap_or_default();
        assert_eq!(header["alg"], "EdDSA", "{header}");
        assert_eq!(
            (capability.host.to_string().as_str(), capability.kind),
            (HOST, kind)
        );
        assert_eq!(
            (&said["host"], &said["kind"]),
            (&HOST.into(), &kind.as_str().into()),
            "{said}"
        );
        assert!(
            capability.exp.saturating_add(LEEWAY_SECS) >= before,
            "{said}"
        );
        assert_eq!(said["exp"], capability.exp, "{said}");
        assert!(verifier.verify(&token, kind).is_err(), "twice");
        assert!(
            verifier.verify(&format!("{message}."), kind).is_err(),
            "unsigned"
        );
    }
}
