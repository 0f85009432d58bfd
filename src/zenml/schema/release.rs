//! Which facts stand for a version.

/// The item that stands for a version: the newest whose release begins with it, else the oldest that is newer, else the
/// newest of all. `None` where the text is no version. `items` go from old to new.
pub(super) fn nearest<T>(
    items: &'static [T],
    version: &str,
    release: impl Fn(&T) -> &'static str,
) -> Option<&'static T> {
    let wanted = segments(version)?;
    let is_it = |item: &&T| segments(release(item)).is_some_and(|it| it.starts_with(&wanted));
    let is_newer = |item: &&T| segments(release(item)) > Some(wanted.clone());
    items
        .iter()
        .rfind(is_it)
        .or_else(|| items.iter().find(is_newer))
        .or(items.last())
}

fn segments(version: &str) -> Option<Vec<u32>> {
    version
        .split('.')
        .map(|segment| segment.parse().ok())
        .collect()
}
