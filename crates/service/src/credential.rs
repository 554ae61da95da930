//! What a caller shows in `Authorization`: read here and nowhere else, so that every door reads it alike.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

/// The token of the Bearer scheme (RFC 6750), whose name is the same in any case (RFC 9110 §11.1). Nothing where there is no
/// such header or one of another scheme, which is not for us; empty, so nobody's, where it holds no one token.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(AUTHORIZATION);
    let (value, more) = (given.next()?, given.next());
    let Ok(value) = value.to_str() else {
        return Some("");
    };
    let value = value.trim_matches([' ', '\t']);
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim_start_matches(' ');
    let one = more.is_none() && !token.contains([' ', '\t', ',']);
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(if one { token } else { "" })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn read(values: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn a_scheme_is_the_same_in_any_case() {
        for value in [
            "Bearer abc",
            "bearer abc",
            "BEARER abc",
            "bEaReR   abc ",
            " Bearer abc",
        ] {
            assert_eq!(read(&[value.as_bytes()]).as_deref(), Some("abc"), "{value}");
        }
    }

    #[test]
    fn what_is_not_one_token_is_nobodys() {
        for values in [
            &[&b"Bearer"[..]][..],
            &[b"Bearer "],
            &[b"Bearer a b"],
            &[b"Bearer a, Bearer b"],
            &[b"Bearer a", b"Bearer b"],
            &[b"Bearer \xff"],
        ] {
            assert_eq!(read(values).as_deref(), Some(""), "{values:?}");
        }
    }

    #[test]
    fn another_scheme_is_not_for_us() {
        for values in [
            &[][..],
            &[&b"Basic YTpi"[..]],
            &[b""],
            &[b"Bearerabc"],
            &[b"Negotiate"],
        ] {
            assert_eq!(read(values), None, "{values:?}");
        }
    }
}
