//! A feed: a sequence with positions 1, 2, 3 … without holes, its recent part in a bounded ring, and
//! readers that each hold no more than a place in it. What is lost on the way shows as a gap, what
//! comes twice is dropped, and what cannot be had any more is one explicit reset. No IO, no clock.

mod intake;
mod reader;
mod reset;
mod ring;

pub use intake::{Intake, Offer};
pub use reader::{Read, Reader};
pub use reset::Reset;
pub use ring::{Feed, Limits, Source};
