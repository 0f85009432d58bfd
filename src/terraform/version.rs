//! Version constraints, as far as a lint needs them.

/// Whether a constraint (`~> 2.0, != 2.1.3`) lets in any version from `minimum` on. One that cannot be read does: it may.
/// The operators are those of Terraform's documentation, "Version Constraints".
pub fn allows_from(constraint: &str, minimum: &str) -> bool {
    let Some(minimum) = segments(minimum) else {
        return true;
    };
    constraint
        .split(',')
        .all(|part| part_allows_from(part.trim(), &minimum))
}

/// Whether a constraint lets in a version. One that cannot be read does: it may.
pub fn allows(constraint: &str, version: &str) -> bool {
    let Some(version) = segments(version) else {
        return true;
    };
    constraint
        .split(',')
        .all(|part| part_allows(part.trim(), &version))
}

fn part_allows(part: &str, version: &[u64]) -> bool {
    let (operator, text) = split(part);
    let Some(bound) = segments(text) else {
        return true;
    };
    let (not_older, not_newer) = (is_at_least(version, &bound), is_at_least(&bound, version));
    match operator {
        "" | "=" => not_older && not_newer,
        "!=" => !(not_older && not_newer),
        ">" => !not_newer,
        ">=" => not_older,
        "<" => !not_older,
        "<=" => not_newer,
        "~>" => not_older && has_fixed_segments(&bound, version),
        _ => true,
    }
}

/// Of `~>`: all but the last segment stay; a single one is only a minimum.
fn has_fixed_segments(bound: &[u64], version: &[u64]) -> bool {
    let fixed = bound.get(..bound.len() - 1).unwrap_or(bound);
    version.starts_with(fixed)
}

fn split(part: &str) -> (&str, &str) {
    let digits = part
        .find(|c: char| c.is_ascii_digit() || c == 'v')
        .unwrap_or(part.len());
    let (operator, version) = part.split_at(digits);
    (operator.trim(), version)
}

fn part_allows_from(part: &str, minimum: &[u64]) -> bool {
    let (operator, version) = split(part);
    let Some(version) = segments(version) else {
        return true;
    };
    match operator {
        "" | "=" | "<=" => is_at_least(&version, minimum),
        "<" => is_at_least(&version, minimum) && !is_at_least(minimum, &version),
        "~>" => match version.as_slice() {
            // All but the last segment stay; a single one is only a minimum.
            [fixed @ .., _] if !fixed.is_empty() => {
                let cut = minimum.get(..fixed.len()).unwrap_or(minimum);
                is_at_least(fixed, cut)
            }
            _ => true,
        },
        _ => true,
    }
}

fn segments(version: &str) -> Option<Vec<u64>> {
    let version = version.trim().trim_start_matches('v');
    let core = version.split(['-', '+']).next()?;
    core.split('.')
        .map(|segment| segment.parse().ok())
        .collect()
}

/// Whether one version is not older than another; missing segments are zero.
fn is_at_least(version: &[u64], other: &[u64]) -> bool {
    let length = version.len().max(other.len());
    let padded = |segments: &[u64]| {
        let rest = std::iter::repeat_n(0, length - segments.len());
        segments.iter().copied().chain(rest).collect::<Vec<u64>>()
    };
    padded(version) >= padded(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_that_let_in_newer_versions() {
        for constraint in [
            "~> 2.0", "~> 3.0.1", ">= 1.0", ">= 1", "2.0.0", "= 2.1", "<= 2.0", "< 2.0.1", "~> 1",
            "", "!= 1.0", "nonsense",
        ] {
            assert!(allows_from(constraint, "2.0"), "{constraint}");
        }
    }

    #[test]
    fn constraints_and_versions() {
        for (constraint, version, allowed) in [
            ("~> 2.0", "2.0.7", true),
            ("~> 2.0", "2.9.0", true),
            ("~> 2.0", "3.0.0", false),
            ("~> 2.0.1", "2.0.0", false),
            ("~> 2.0.1", "2.1.0", false),
            ("~> 1", "3.0.6", true),
            ("2.0.7", "2.0.7", true),
            ("= 2.0", "2.0.0", true),
            ("2.0.7", "2.0.6", false),
            ("!= 3.0.6", "3.0.6", false),
            ("> 1.1, < 3", "2.0.0", true),
            ("> 1.1, < 3", "3.0.0", false),
            ("> 2.0.0", "2.0.0", false),
            ("<= 1.1.3", "1.1.3", true),
            (">=1.0.0,<2.0.0", "1.1.3", true),
            ("nonsense", "1.1.3", true),
            ("~>", "1.1.3", true),
        ] {
            assert_eq!(
                allows(constraint, version),
                allowed,
                "{constraint} {version}"
            );
        }
    }

    #[test]
    fn constraints_that_do_not() {
        for constraint in [
            "~> 1.1",
            "~> 1.1.0",
            "1.0.0",
            "< 2.0",
            "<= 1.9.9",
            ">= 1.0, < 2.0.0",
            "v1.2.3",
        ] {
            assert!(!allows_from(constraint, "2.0"), "{constraint}");
        }
    }
}
