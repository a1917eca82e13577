//! An account as a whole: what its owner, a thief and the shop do to it, in whatever order and at the same time.

mod in_flight;
mod machine;
mod steps;
mod world;
