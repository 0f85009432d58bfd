//! The modules that `terraform init` has put under `.terraform/modules`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::reader::{ReadError, Reader};

/// Where `terraform init` notes what it has installed, from the root's directory on.
const MANIFEST: &str = ".terraform/modules/modules.json";

/// What is installed, by who calls it (the directory) and by which name.
#[derive(Debug, Default)]
pub(super) struct Installed(BTreeMap<(PathBuf, String), Vec<Entry>>);

#[derive(Debug, Deserialize)]
struct Manifest {
    #[serde(rename = "Modules")]
    modules: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Entry {
    /// The names of the calls that lead there from the root, with dots between them; the root's is empty.
    #[serde(rename = "Key")]
    key: String,
    /// The address as Terraform writes it out in full.
    #[serde(rename = "Source")]
    source: String,
    /// From the root's directory on.
    #[serde(rename = "Dir")]
    dir: PathBuf,
}

impl Installed {
    /// Takes in what is installed for a root module; a directory for which nothing is installed has nothing.
    ///
    /// # Errors
    /// Where the file that says it is not read: which, and why.
    pub fn read(
        &mut self,
        root: &Path,
        repository: &Path,
        reader: Reader,
    ) -> Result<(), (PathBuf, ReadError)> {
        let path = root.join(MANIFEST);
        let bytes = match reader.read_inside(&path, repository) {
            Ok(bytes) => bytes,
            Err(error) => return Err((path, error)),
        };
        let Ok(manifest) = serde_json::from_slice::<Manifest>(&bytes) else {
            return Ok(());
        };
        let place = |dir: &Path| fs::canonicalize(root.join(dir)).ok();
        let entries = manifest.modules.into_iter();
        let places: BTreeMap<String, Entry> = entries
            .filter_map(|entry| {
                let dir = place(&entry.dir)?;
                Some((entry.key.clone(), Entry { dir, ..entry }))
            })
            .collect();
        for (key, entry) in &places {
            let (above, name) = key.rsplit_once('.').unwrap_or(("", key));
            if let Some(caller) = places.get(above).filter(|_| !name.is_empty()) {
                let call = (caller.dir.clone(), name.to_owned());
                self.0.entry(call).or_default().push(entry.clone());
            }
        }
        Ok(())
    }

    /// The directory of what a call of this source leads to; `None` where nothing is installed, where another source was,
    /// and where several roots have installed it, each for itself.
    pub fn find(&self, caller: &Path, name: &str, source: &str) -> Option<&Path> {
        let entries = self.0.get(&(caller.to_path_buf(), name.to_owned()))?;
        let (first, others) = entries.split_first()?;
        let is_one = others.iter().all(|other| other.dir == first.dir);
        (is_one && is_same(source, &first.source)).then_some(first.dir.as_path())
    }
}

/// Whether a source as it is written is one that Terraform has written out in full.
fn is_same(written: &str, full: &str) -> bool {
    let (written, full) = (plain(written), plain(full));
    let host = full.strip_suffix(&written);
    host.is_some_and(|host| host.is_empty() || host.ends_with(['/', '@']))
}

/// A source without what may be left out of it: the scheme, `.git`, and the difference between `host:path` and `host/path`.
fn plain(source: &str) -> String {
    let address = source.rsplit_once("://").map_or(source, |(_, rest)| rest);
    let address = address.strip_prefix("git::").unwrap_or(address);
    address.replace(".git", "").replace(':', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_compared_as_terraform_writes_them_out() {
        for (written, full, same) in [
            ("a/b/aws", "registry.terraform.io/a/b/aws", true),
            (
                "a/b/aws//modules/x",
                "registry.terraform.io/a/b/aws//modules/x",
                true,
            ),
            ("a/b/aws", "registry.terraform.io/a/c/aws", false),
            ("b/aws/x", "registry.terraform.io/a/other-b/aws/x", false),
            (
                "github.com/a/b?ref=v1",
                "git::https://github.com/a/b.git?ref=v1",
                true,
            ),
            (
                "github.com/a/b?ref=v2",
                "git::https://github.com/a/b.git?ref=v1",
                false,
            ),
            (
                "git@github.com:a/b.git",
                "git::ssh://git@github.com/a/b.git",
                true,
            ),
            (
                "git::https://x.org/b.git//s",
                "git::https://x.org/b.git//s",
                true,
            ),
        ] {
            assert_eq!(is_same(written, full), same, "{written} {full}");
        }
    }

    #[test]
    fn a_manifest_that_is_none_is_passed_over() {
        for text in [
            "",
            "[]",
            "{\"Modules\": 1}",
            "{\"Modules\":[{\"Key\":\"a\"}]}",
        ] {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir_all(dir.path().join(".terraform/modules")).unwrap();
            fs::write(dir.path().join(MANIFEST), text).unwrap();
            let mut installed = Installed::default();
            let root = dir.path().canonicalize().unwrap();
            installed.read(&root, &root, Reader::default()).unwrap();
            assert!(installed.0.is_empty(), "{text}");
        }
    }
}
