//! Reading a structure from a JSON object only. What serde derives also takes an array of the fields, which the published
//! schemas don't allow.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Reads a structure from a JSON object.
///
/// # Errors
/// When the value is anything but an object, or the structure refuses it.
pub fn only<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Fields(PhantomData))
}

/// Reads a structure from a JSON object, or `None` from `null`.
///
/// # Errors
/// When the value is anything else, or the structure refuses it.
pub fn maybe<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::<Object<T>>::deserialize(deserializer).map(|found| found.map(|object| object.0))
}

/// Reads a list of structures, each from a JSON object.
///
/// # Errors
/// When an item is anything but an object, or the structure refuses it.
pub fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Vec::<Object<T>>::deserialize(deserializer)
        .map(|found| found.into_iter().map(|object| object.0).collect())
}

/// Reads a whole number, or `None` from `null`. `4.0` is a whole number too, as in every JSON Schema.
///
/// # Errors
/// When the value is anything else, or outside of 0 to 4294967295.
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

/// A structure that is read from a JSON object only.
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
