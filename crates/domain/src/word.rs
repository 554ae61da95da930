//! Words that stand for a value in rows and settings. One that this version does not know is an error that stops whoever
//! reads it, never another value.

/// A word that stands for nothing of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no {kind} that this version knows")]
pub struct UnknownWord {
    /// What it was read as, such as `status`.
    pub kind: &'static str,
    /// The word itself.
    pub word: String,
}

/// Makes types readable from the words of their `as_str`, of all in their `ALL`.
macro_rules! read_by_word {
    ($type:ty, $kind:literal) => {
        impl std::str::FromStr for $type {
            type Err = crate::word::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .into_iter()
                    .find(|value| value.as_str() == word)
                    .ok_or_else(|| crate::word::UnknownWord {
                        kind: $kind,
                        word: word.to_owned(),
                    })
            }
        }
    };
}

pub(crate) use read_by_word;
