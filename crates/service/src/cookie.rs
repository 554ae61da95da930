//! A request's cookie, by its name to the letter.

use actix_web::http::header::{COOKIE, HeaderMap};

/// The value of the first cookie of this name. A browser guards a name that begins with `__Host-` as it is spelled: one
/// that is encoded, or stands after white space that only looks like none, may be from anywhere, so nothing is decoded
/// and nothing but the separator's own spaces is passed over.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    headers
        .get_all(COOKIE)
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .find_map(|pair| {
            let begin = pair.iter().position(|byte| !blank(byte))?;
            let end = pair.iter().rposition(|byte| !blank(byte))?;
            let value = pair[begin..=end].strip_prefix(name.as_bytes())?;
            std::str::from_utf8(value.strip_prefix(b"=")?).ok()
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(headers: &[&[u8]]) -> Option<String> {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(
                COOKIE,
                actix_web::http::header::HeaderValue::from_bytes(header).unwrap(),
            );
        }
        cookie(&map, "__Host-labyard").map(str::to_owned)
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        for header in [
            &b"__Host-labyard=secret"[..],
            b"a=b; __Host-labyard=secret; __Host-labyard=later",
            b"__Host-labyard-login=x;\t__Host-labyard=secret ;c",
            b"other=\xff%zz; __Host-labyard=secret",
        ] {
            assert_eq!(read(&[header]).as_deref(), Some("secret"), "{header:?}");
        }
        assert_eq!(
            read(&[b"a=b", b"__Host-labyard=secret"]).as_deref(),
            Some("secret")
        );
        assert_eq!(read(&[b"__Host-labyard="]).as_deref(), Some(""));
    }

    #[test]
    fn a_name_that_only_looks_like_it_is_another() {
        for header in [
            &b""[..],
            b"__host-labyard=x",
            b"__Host-labyard2=x",
            b"__Host-labyard",
            b"__Host-labyard =x",
            b"=__Host-labyard=x",
            b"__%48ost-labyard=x",
            b"%5f_Host-labyard=x",
            "\u{2000}__Host-labyard=x".as_bytes(),
            "\u{a0}__Host-labyard=x".as_bytes(),
            "\u{85}__Host-labyard=x".as_bytes(),
        ] {
            assert_eq!(read(&[header]), None, "{header:?}");
        }
    }
}
