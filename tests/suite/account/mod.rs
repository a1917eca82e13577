//! An account as a whole: actions by its owner, a thief and the shop, in any order and at the same time.

mod addresses;
mod in_flight;
mod machine;
mod steps;
mod world;
