//! Counts the work of a check in the tests: words compared and entries looked up. The program counts nothing.

#[cfg(test)]
std::thread_local! {
    static DONE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts one comparison or look-up, in test builds.
#[inline]
pub(in crate::accounts) fn count() {
    #[cfg(test)]
    DONE.set(DONE.get() + 1);
}

/// Returns what this thread has counted since the last call, and starts at zero again.
#[cfg(test)]
pub(super) fn take() -> usize {
    DONE.replace(0)
}
