//! What a file is, by its name.

use std::ffi::OsStr;
use std::path::Path;

/// What a file has to do with a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A part of the module: `.tf`, `.tofu`.
    Configuration,
    /// Values of variables: `.tfvars`.
    Values,
    /// A test of the module: `.tftest.hcl`, `.tofutest.hcl`.
    Test,
    /// A part of a stack configuration, which stands for itself: `.tfcomponent.hcl`, `.tfstack.hcl`.
    Stack,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notation {
    /// The HCL native syntax.
    Native,
    /// JSON.
    Json,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKind {
    /// What it has to do with the module.
    pub role: Role,
    /// How it is written.
    pub notation: Notation,
}

/// The endings, longer ones before those that they end in, and for OpenTofu's own the ending that they replace.
const ENDINGS: [(&str, Role, Notation, Option<&str>); 14] = {
    use Notation::{Json, Native};
    use Role::{Configuration, Stack, Test, Values};
    [
        (".tofutest.hcl", Test, Native, Some(".tftest.hcl")),
        (".tofutest.json", Test, Json, Some(".tftest.json")),
        (".tofu.json", Configuration, Json, Some(".tf.json")),
        (".tofu", Configuration, Native, Some(".tf")),
        (".tftest.hcl", Test, Native, None),
        (".tftest.json", Test, Json, None),
        (".tfcomponent.hcl", Stack, Native, None),
        (".tfstack.hcl", Stack, Native, None),
        (".tfcomponent.json", Stack, Json, None),
        (".tfstack.json", Stack, Json, None),
        (".tfvars.json", Values, Json, None),
        (".tfvars", Values, Native, None),
        (".tf.json", Configuration, Json, None),
        (".tf", Configuration, Native, None),
    ]
};

/// Whether a name, as bytes, may be that of one of Terraform's files. Nearly all files of a repository are something else:
/// one look at the last byte spares most comparisons.
pub(super) fn may_be_one(name: &[u8]) -> bool {
    name.ends_with(b"tf") || matches!(name.last(), Some(b'u' | b'n' | b's' | b'l'))
}

/// Whether a file holds queries (`list` blocks), by its name as bytes: they read what the module beside them declares.
pub(super) fn holds_queries(name: &[u8]) -> bool {
    name.ends_with(b".tfquery.hcl") || name.ends_with(b".tfquery.json")
}

impl FileKind {
    /// Of a `.tf` file.
    pub const NATIVE: Self = Self {
        role: Role::Configuration,
        notation: Notation::Native,
    };

    /// By the ending alone; `None` for a file that is none of Terraform's.
    pub fn by_ending(name: &str) -> Option<Self> {
        if !may_be_one(name.as_bytes()) {
            return None;
        }
        ENDINGS
            .iter()
            .find(|(ending, ..)| name.ends_with(ending))
            .map(|&(_, role, notation, _)| Self { role, notation })
    }

    /// Of a file that is given as one of values, whatever its name.
    pub fn of_values(path: &Path) -> Self {
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        Self {
            role: Role::Values,
            notation: if is_json {
                Notation::Json
            } else {
                Notation::Native
            },
        }
    }

    /// What Terraform takes a file of this name for: by the ending, and hidden files and backups of editors are nothing to
    /// it. Of tfvars that holds for none that it loads by itself.
    pub fn by_name(name: &str) -> Option<Self> {
        let kind = Self::by_ending(name)?;
        let passed_by = name.starts_with('.')
            || name.ends_with('~')
            || (name.starts_with('#') && name.ends_with('#'));
        (!passed_by || is_automatic(name)).then_some(kind)
    }
}

/// Whether Terraform loads a tfvars file of this name by itself.
pub fn is_automatic(name: &str) -> bool {
    matches!(name, "terraform.tfvars" | "terraform.tfvars.json")
        || name.ends_with(".auto.tfvars")
        || name.ends_with(".auto.tfvars.json")
}

/// Whether a configuration file of this name overrides the others.
pub fn is_override(name: &str) -> bool {
    [".tf", ".tofu", ".tf.json", ".tofu.json"]
        .iter()
        .filter_map(|ending| name.strip_suffix(ending))
        .any(|base| base == "override" || base.ends_with("_override"))
}

/// The name of the file whose place one of OpenTofu's own takes.
pub(super) fn replaces(name: &OsStr) -> Option<String> {
    memchr::memmem::find(name.as_encoded_bytes(), b".tofu")?;
    let name = name.to_string_lossy();
    ENDINGS.iter().find_map(|(ending, _, _, replaced)| {
        let base = name.strip_suffix(ending)?;
        replaced.map(|replaced| format!("{base}{replaced}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_kind() {
        use Notation::{Json, Native};
        use Role::{Configuration, Stack, Test, Values};
        let cases = [
            ("main.tf", Some((Configuration, Native))),
            ("main.tofu", Some((Configuration, Native))),
            ("main.tf.json", Some((Configuration, Json))),
            ("main.tofu.json", Some((Configuration, Json))),
            ("terraform.tfvars", Some((Values, Native))),
            ("prod.tfvars.json", Some((Values, Json))),
            (".x.auto.tfvars", Some((Values, Native))),
            (".x.tfvars", None),
            ("a.tftest.hcl", Some((Test, Native))),
            ("a.tofutest.json", Some((Test, Json))),
            ("a.tfcomponent.hcl", Some((Stack, Native))),
            ("a.tfstack.hcl", Some((Stack, Native))),
            ("a.tfcomponent.json", Some((Stack, Json))),
            ("a.tfstack.json", Some((Stack, Json))),
            ("a.tfdeploy.hcl", None),
            ("a.tfdeploy.json", None),
            ("a.tfquery.hcl", None),
            (".#main.tf", None),
            (".main.tf", None),
            ("main.tf~", None),
            ("#main.tf#", None),
            ("main.hcl", None),
            ("package.json", None),
            ("main.TF", None),
            ("tf", None),
        ];
        for (name, wanted) in cases {
            let kind = FileKind::by_name(name).map(|kind| (kind.role, kind.notation));
            assert_eq!(kind, wanted, "{name}");
        }
    }

    #[test]
    fn overrides_are_told_by_the_base_name() {
        for name in ["override.tf", "a_override.tofu", "a_override.tf.json"] {
            assert!(is_override(name), "{name}");
        }
        for name in [
            "overrides.tf",
            "override.tfvars",
            "a-override.tf",
            "override_a.tf",
        ] {
            assert!(!is_override(name), "{name}");
        }
    }

    #[test]
    fn tofu_files_replace_those_of_the_same_base_name() {
        assert_eq!(replaces(OsStr::new("a.tofu")).as_deref(), Some("a.tf"));
        assert_eq!(
            replaces(OsStr::new("a.tofu.json")).as_deref(),
            Some("a.tf.json")
        );
        assert_eq!(
            replaces(OsStr::new("a.tofutest.hcl")).as_deref(),
            Some("a.tftest.hcl")
        );
        assert_eq!(replaces(OsStr::new("a.tf")), None);
    }
}
