//! Counts the work of a check in tests: words compared and entries looked up. Other builds count nothing.

#[cfg(test)]
std::thread_local! {
    static DONE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts one comparison or lookup, in test builds.
#[inline]
pub(in crate::accounts) fn count() {
    #[cfg(test)]
    DONE.set(DONE.get() + 1);
}

/// Returns the count of this thread, and resets it to zero.
#[cfg(test)]
pub(super) fn take() -> usize {
    DONE.replace(0)
}
