//! Reading a structure from a JSON object alone: what serde derives takes an array of its fields too, which no
//! document of ours says.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A structure from an object.
///
/// # Errors
/// When it is anything else, or the structure's own.
pub fn only<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Fields(PhantomData))
}

/// The same, or nothing from `null`.
///
/// # Errors
/// When it is anything else, or the structure's own.
pub fn maybe<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::<Object<T>>::deserialize(deserializer).map(|found| found.map(|object| object.0))
}

/// A list of structures, each from an object.
///
/// # Errors
/// When one is anything else, or the structure's own.
pub fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Vec::<Object<T>>::deserialize(deserializer)
        .map(|found| found.into_iter().map(|object| object.0).collect())
}

/// A whole number or nothing; `4.0` is one too, as in every schema.
///
/// # Errors
/// When it is anything else.
pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(deserializer)? else {
        return Ok(None);
    };
    if number.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&number) {
        return Err(D::Error::custom(format!(
            "{number} is no whole number from 0 to {}",
            u32::MAX
        )));
    }
    Ok(Some(number as u32))
}

/// A structure that is read from an object alone.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        only(deserializer).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::organization::{ChangeWorkspace, CreateWorkspace, Quota};

    #[test]
    fn a_list_of_its_fields_is_no_structure() {
        let read = |text| serde_json::from_str::<Object<ChangeWorkspace>>(text);
        assert!(read("[null, null]").is_err());
        assert!(read(r#"{"quota": [1, 2, 3, 4]}"#).is_err());
        assert!(read(r#"{"quota": null}"#).unwrap().0.quota.is_none());
        let change = read(r#"{"quota": {"clusters": 3}, "more": 1}"#).unwrap().0;
        assert_eq!(change.quota.unwrap().clusters, Some(3));
        fn quota(text: &str) -> serde_json::Result<Option<u32>> {
            serde_json::from_str::<Quota>(text).map(|quota| quota.clusters)
        }
        assert_eq!(quota(r#"{"clusters": 4.0}"#).unwrap(), Some(4));
        assert_eq!(quota(r#"{"clusters": null}"#).unwrap(), None);
        for text in ["4.5", "-1", "4294967296", "\"4\""] {
            assert!(
                quota(&format!(r#"{{"clusters": {text}}}"#)).is_err(),
                "{text}"
            );
        }
        let read = |text| serde_json::from_str::<Object<CreateWorkspace>>(text);
        assert!(read(r#"{"name": "a", "quota": []}"#).is_err());
        assert_eq!(read(r#"{"name": "a"}"#).unwrap().0.quota, Quota::default());
    }
}
