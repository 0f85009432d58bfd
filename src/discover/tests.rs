use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

/// A directory with files: `name` and text, parents made.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let place = Self {
            dir: TempDir::new().unwrap(),
        };
        for (name, text) in files {
            place.write(name, text.as_bytes());
        }
        place
    }

    /// The same as a git repository.
    pub(crate) fn repository(files: &[(&str, &str)]) -> Self {
        let place = Self::new(files);
        fs::create_dir_all(place.path(".git/info")).unwrap();
        place
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// The path of a name, links in the temporary directory's own path resolved.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let root = fs::canonicalize(self.dir.path()).unwrap();
        if name.is_empty() {
            root
        } else {
            root.join(name)
        }
    }

    pub(crate) fn options(&self, paths: &[&str]) -> Options {
        Options {
            cwd: self.path(""),
            paths: paths.iter().map(PathBuf::from).collect(),
            gitignore: true,
            ..Options::default()
        }
    }

    pub(crate) fn discover(&self, paths: &[&str]) -> Discovery {
        discover(&self.options(paths)).unwrap()
    }

    /// Every file by its path from the top; `-` where nothing may be reported in it.
    fn files(&self, discovery: &Discovery) -> Vec<String> {
        let top = self.path("");
        let mut files = Vec::new();
        for (dir, directory) in discovery.directories.iter() {
            for file in &directory.files {
                let path = display_path(&dir.join(&file.name), &top);
                let mark = if file.reported { "" } else { "-" };
                files.push(format!("{mark}{path}"));
            }
        }
        files
    }

    fn relevant(&self, discovery: &Discovery) -> Vec<String> {
        let top = self.path("");
        let relevant = discovery.relevant();
        relevant.iter().map(|dir| display_path(dir, &top)).collect()
    }
}

fn problems(problems: &BTreeSet<Problem>) -> Vec<String> {
    problems.iter().map(Problem::to_string).collect()
}

#[test]
fn the_whole_repository_is_walked_and_paths_only_select() {
    let place = Place::repository(&[
        ("main.tf", ""),
        ("a/main.tf", ""),
        ("a/terraform.tfvars", ""),
        ("b/x.tofu.json", ""),
        ("b/readme.md", "zenml"),
    ]);
    let all = [
        "main.tf",
        "a/main.tf",
        "a/terraform.tfvars",
        "b/x.tofu.json",
    ];
    for paths in [&[][..], &["."], &["a"], &["a/main.tf", "b"]] {
        assert_eq!(place.files(&place.discover(paths)), all, "{paths:?}");
    }
    let selected = |paths: &[&str], file: &str| {
        let discovery = place.discover(paths);
        discovery.selection.contains(&place.path(file))
    };
    assert!(selected(&[], "a/main.tf"));
    assert!(selected(&["a"], "a/main.tf"));
    assert!(!selected(&["a"], "main.tf"));
    assert!(selected(&["a/main.tf"], "a/main.tf"));
    assert!(!selected(&["a/main.tf"], "a/terraform.tfvars"));
    assert!(!selected(&["a"], "ab/main.tf"));
    assert_eq!(place.discover(&[]).looked_at(), 3);
    assert_eq!(place.discover(&["a"]).looked_at(), 1);
}

#[test]
fn the_root_is_the_repository_else_the_current_directory_else_the_paths_own() {
    let place = Place::new(&[
        ("repo/.git", "gitdir: ../elsewhere"),
        ("repo/a/b/main.tf", ""),
        ("here/c/main.tf", ""),
        ("there/main.tf", ""),
    ]);
    let roots = |cwd: &str, path: &str| {
        let options = Options {
            cwd: place.path(cwd),
            ..place.options(&[path])
        };
        discover(&options).unwrap().roots
    };
    assert_eq!(roots("here", "../repo/a/b"), [place.path("repo")]);
    assert_eq!(roots("repo/a", "b/main.tf"), [place.path("repo")]);
    assert_eq!(roots("here", "c"), [place.path("here")]);
    assert_eq!(roots("here", "c/main.tf"), [place.path("here")]);
    assert_eq!(roots("here", "../there/main.tf"), [place.path("there")]);
}

#[test]
fn a_root_within_another_is_walked_once() {
    let place = Place::repository(&[("main.tf", ""), ("sub/main.tf", "")]);
    fs::create_dir(place.path("sub/.git")).unwrap();
    let discovery = place.discover(&[".", "sub"]);
    assert_eq!(discovery.roots, [place.path("")]);
    assert_eq!(place.files(&discovery), ["main.tf", "sub/main.tf"]);
}

#[test]
fn patterns_hold_for_directories_that_the_walk_meets_before_them() {
    let names: Vec<String> = (0..200).map(|n| format!("d{n}")).collect();
    let paths = names
        .iter()
        .flat_map(|dir| [format!("{dir}/main.tf"), format!("{dir}/build/main.tf")]);
    let files: Vec<(String, &str)> = paths.map(|path| (path, "")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, *text)).collect();
    let place = Place::repository(&files);
    fs::write(place.path(".gitignore"), "build\nd*7\n").unwrap();
    let kept = names.iter().filter(|name| !name.ends_with('7'));
    let mut wanted: Vec<String> = kept.map(|name| format!("{name}/main.tf")).collect();
    wanted.sort();
    assert_eq!(place.files(&place.discover(&[])), wanted);
}

#[test]
fn hidden_and_ignored_directories_are_skipped_and_ignored_files_report_nothing() {
    let place = Place::repository(&[
        (
            ".gitignore",
            "build/\n*.auto.tfvars\n!keep.auto.tfvars\n[\n",
        ),
        (".git/info/exclude", "local.tf\n"),
        (".ignore", "!local.tf\n"),
        ("a/.gitignore", "/b\n"),
        ("a/.ignore", "c.tf\n"),
        ("a/b/main.tf", ""),
        ("a/c.tf", ""),
        ("c/b/c.tf", ""),
        ("build/main.tf", ""),
        (".terraform/modules/x/main.tf", ""),
        ("node_modules/x/main.tf", ""),
        (".hidden/main.tf", ""),
        ("secret.auto.tfvars", ""),
        ("keep.auto.tfvars", ""),
        ("local.tf", ""),
        (".x.tf", ""),
        ("x.tf~", ""),
    ]);
    let wanted = [
        "keep.auto.tfvars",
        "local.tf",
        "-secret.auto.tfvars",
        "-a/c.tf",
        "c/b/c.tf",
    ];
    assert_eq!(place.files(&place.discover(&[])), wanted);
    let options = Options {
        gitignore: false,
        ..place.options(&[])
    };
    let wanted = [
        "keep.auto.tfvars",
        "local.tf",
        "secret.auto.tfvars",
        "a/c.tf",
        "a/b/main.tf",
        "build/main.tf",
        "c/b/c.tf",
    ];
    assert_eq!(place.files(&discover(&options).unwrap()), wanted);
}

#[test]
fn exclude_of_a_linked_work_tree_is_that_of_its_repository() {
    let place = Place::new(&[
        ("repo/.git/info/exclude", "a.tf\n"),
        ("repo/.git/worktrees/tree/commondir", "../..\n"),
        ("repo/.git/worktrees/tree/gitdir", "../../../../tree/.git\n"),
        ("tree/.git", "gitdir: ../repo/.git/worktrees/tree\n"),
        ("tree/a.tf", ""),
        ("tree/b.tf", ""),
    ]);
    let discovery = place.discover(&["tree"]);
    assert_eq!(place.files(&discovery), ["-tree/a.tf", "tree/b.tf"]);
}

#[test]
fn what_is_given_is_always_checked() {
    let place = Place::repository(&[
        (".gitignore", "build/**\nbuild/\n*.gen.tf\n"),
        ("main.tf", ""),
        ("a.gen.tf", ""),
        ("b.gen.tf", ""),
        (".x.tf", ""),
        ("build/main.tf", ""),
        ("build/sub/main.tf", ""),
        ("build/node_modules/main.tf", ""),
        (".hidden/main.tf", ""),
        (".hidden/a.gen.tf", ""),
    ]);
    let files = |paths: &[&str]| place.files(&place.discover(paths));
    let with = |more: &[&str]| {
        let mut all: Vec<String> = ["-a.gen.tf", "-b.gen.tf", "main.tf"]
            .iter()
            .chain(more)
            .map(|name| (*name).to_owned())
            .collect();
        all.sort_by_key(|name| {
            let name = name.trim_start_matches('-');
            (
                PathBuf::from(name).parent().unwrap().to_path_buf(),
                name.to_owned(),
            )
        });
        all
    };
    assert_eq!(
        files(&["build"]),
        with(&["build/main.tf", "build/sub/main.tf"])
    );
    assert_eq!(files(&["build/sub/main.tf"]), with(&["build/sub/main.tf"]));
    assert_eq!(
        files(&[".hidden"]),
        with(&[".hidden/main.tf", "-.hidden/a.gen.tf"])
    );
    assert_eq!(files(&[".x.tf"]), with(&[".x.tf"]));
    assert_eq!(
        files(&[".hidden/a.gen.tf"]),
        with(&[".hidden/a.gen.tf", "-.hidden/main.tf"])
    );
    assert_eq!(files(&["a.gen.tf"]), ["a.gen.tf", "-b.gen.tf", "main.tf"]);
}

#[test]
fn excluded_files_count_and_report_nothing_even_where_they_are_given() {
    let place = Place::repository(&[
        ("examples/a/main.tf", "zenml"),
        ("modules/b/main.tf", ""),
        ("modules/b/old.tf", ""),
    ]);
    for paths in [&[][..], &["examples/a/main.tf"]] {
        let options = Options {
            exclude: vec!["examples/**".into(), "old.tf".into()],
            ..place.options(paths)
        };
        let discovery = discover(&options).unwrap();
        let wanted = [
            "-examples/a/main.tf",
            "modules/b/main.tf",
            "-modules/b/old.tf",
        ];
        assert_eq!(place.files(&discovery), wanted);
        assert_eq!(place.relevant(&discovery), ["examples/a"]);
    }
    let options = Options {
        exclude: vec!["a/[".into()],
        ..place.options(&[])
    };
    assert_eq!(discover(&options).unwrap_err().pattern, "a/[");
}

#[test]
fn what_cannot_be_checked_is_named() {
    let place = Place::repository(&[("main.tf", ""), ("notes.txt", "")]);
    let discovery = place.discover(&["missing.tf", "main.tf", "main.tf/x", "", "notes.txt"]);
    assert_eq!(
        problems(&discovery.problems),
        [
            ": an empty path",
            "main.tf/x: Not a directory",
            "missing.tf: No such file or directory"
        ]
    );
    assert_eq!(
        problems(&discovery.passed_over),
        ["notes.txt: is none of Terraform's files"]
    );
    assert_eq!(place.files(&discovery), ["main.tf"]);
}

#[cfg(unix)]
mod links_and_the_like {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    #[test]
    fn odd_entries_are_passed_over() {
        let place = Place::repository(&[("dir.tf/main.tf", ""), ("real.txt", "zenml")]);
        let fifo = place.path("fifo.tf");
        assert!(
            Command::new("mkfifo")
                .arg(&fifo)
                .status()
                .unwrap()
                .success()
        );
        symlink("nowhere", place.path("dangling.tf")).unwrap();
        symlink("loop.tf", place.path("loop.tf")).unwrap();
        symlink(".", place.path("again")).unwrap();
        symlink("dir.tf", place.path("dirlink.tf")).unwrap();
        symlink("fifo.tf", place.path("fifolink.tf")).unwrap();
        symlink("real.txt", place.path("link.tf")).unwrap();
        fs::create_dir(place.path("b")).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(place.path("b/.gitignore"))
                .status()
                .unwrap()
                .success()
        );
        let passed_over = [
            "b/.gitignore: it is not a regular file",
            "dangling.tf: is a link that leads nowhere",
            "fifo.tf: is neither a file nor a directory",
            "fifolink.tf: is neither a file nor a directory",
            "loop.tf: is a link that leads nowhere",
        ];
        for (paths, named) in [
            (&[][..], &[][..]),
            (
                &["dangling.tf", "fifo.tf", "fifolink.tf", "link.tf"],
                &passed_over[1..4],
            ),
        ] {
            let discovery = place.discover(paths);
            assert_eq!(place.files(&discovery), ["link.tf", "dir.tf/main.tf"]);
            assert_eq!(problems(&discovery.passed_over), passed_over);
            assert_eq!(problems(&discovery.problems), named);
            assert_eq!(place.relevant(&discovery), ["."]);
        }
    }

    #[test]
    fn directories_are_not_followed_unless_given() {
        let place = Place::new(&[("repo/main.tf", ""), ("other/main.tf", "")]);
        fs::create_dir(place.path("repo/.git")).unwrap();
        symlink("../other", place.path("repo/link")).unwrap();
        let walked = place.discover(&["repo"]);
        assert_eq!(place.files(&walked), ["repo/main.tf"]);
        let given = place.discover(&["repo", "repo/link"]);
        assert_eq!(place.files(&given), ["other/main.tf", "repo/main.tf"]);
    }

    #[test]
    fn calls_through_links_are_found() {
        let place = Place::repository(&[
            ("modules/a/main.tf", "zenml"),
            ("root/main.tf", r#"module "a" { source = "../link" }"#),
        ]);
        symlink("modules/a", place.path("link")).unwrap();
        let discovery = place.discover(&[]);
        assert_eq!(place.relevant(&discovery), ["modules/a", "root"]);
        let resolved = discovery.resolve(&place.path("root"), "../link");
        assert_eq!(resolved, Some(place.path("modules/a")));
    }

    #[test]
    fn what_cannot_be_read_is_a_problem_where_it_was_asked_for() {
        let place = Place::repository(&[("a/x.tf", "zenml"), ("b/y/main.tf", ""), ("c/z.tf", "")]);
        let closed = fs::Permissions::from_mode(0o000);
        fs::set_permissions(place.path("a/x.tf"), closed.clone()).unwrap();
        fs::set_permissions(place.path("b/y"), closed).unwrap();
        if fs::read(place.path("a/x.tf")).is_ok() {
            return; // The superuser reads everything.
        }
        let all = place.discover(&[]);
        let some = place.discover(&["c"]);
        fs::set_permissions(place.path("b/y"), fs::Permissions::from_mode(0o700)).unwrap();
        let names = ["a/x.tf: Permission denied", "b/y: Permission denied"];
        assert_eq!(problems(&all.problems), names);
        assert_eq!(problems(&some.passed_over), names);
        assert!(some.problems.is_empty());
    }
}

#[test]
fn relevant_are_those_that_say_zenml_and_their_callers() {
    let place = Place::repository(&[
        ("stack/main.tf", r#"provider "ZenML" {}"#),
        ("wrapper/main.tf", r#"module "s" { source = "../stack" }"#),
        (
            "root/main.tf.json",
            r#"{"module":{"w":{"source":"../wrapper/"}}}"#,
        ),
        ("caller/main.tf", r#"module "r" { source = "../root" }"#),
        ("other/main.tf", r#"module "n" { source = "./sub" }"#),
        ("other/sub/main.tf", ""),
        ("values/terraform.tfvars", "a = \"zenml\""),
        ("tested/main.tf", ""),
        ("tested/tests/a.tftest.hcl", r#"provider "zenml" {}"#),
        ("alone/tests/a.tftest.hcl", r#"provider "zenml" {}"#),
        ("circle/a/main.tf", r#"module "b" { source = "../b" }"#),
        (
            "circle/b/main.tf",
            r#"module "a" { source = "../a" } # zenml"#,
        ),
        ("self/main.tf", r#"module "a" { source = "./" } # zenml"#),
    ]);
    place.write("bytes/main.tf", b"a = \"\xff\"");
    let wanted = [
        "alone/tests",
        "bytes",
        "caller",
        "circle/a",
        "circle/b",
        "root",
        "self",
        "stack",
        "tested",
        "wrapper",
    ];
    assert_eq!(place.relevant(&place.discover(&["other"])), wanted);
}

#[test]
fn tofu_files_take_the_place_of_others() {
    let place = Place::repository(&[
        ("a.tf", "# zenml"),
        ("a.tofu", ""),
        ("b.tf.json", ""),
        ("b.tofu", ""),
        ("c.tf.json", ""),
        ("c.tofu.json", ""),
        ("d.tftest.hcl", ""),
        ("d.tofutest.hcl", ""),
    ]);
    let discovery = place.discover(&[]);
    let files = &discovery.directories.get(&place.path("")).unwrap().files;
    let replaced: Vec<_> = files
        .iter()
        .filter(|file| file.replaced)
        .map(|file| file.name.to_str().unwrap())
        .collect();
    assert_eq!(replaced, ["a.tf", "c.tf.json", "d.tftest.hcl"]);
    let told: Vec<_> = discovery.passed_over.iter().map(|it| &*it.path).collect();
    assert_eq!(told, ["a.tf"]);
}

#[test]
fn standard_input_takes_the_place_of_a_file() {
    let place = Place::repository(&[("a/main.tf", "old"), ("a/other.tf", "")]);
    let with = |path: Option<&str>| {
        let options = Options {
            stdin: Some(Stdin {
                path: path.map(PathBuf::from),
                bytes: b"zenml".to_vec(),
            }),
            ..place.options(&[])
        };
        discover(&options).unwrap()
    };
    for (path, files) in [
        ("a/main.tf", vec!["a/main.tf", "a/other.tf"]),
        ("a/new.tf", vec!["a/main.tf", "a/new.tf", "a/other.tf"]),
        ("b/new.tf", vec!["a/main.tf", "a/other.tf", "b/new.tf"]),
        ("b/../c/new.tf", vec!["a/main.tf", "a/other.tf", "c/new.tf"]),
    ] {
        let discovery = with(Some(path));
        assert_eq!(place.files(&discovery), files);
        assert!(discovery.problems.is_empty());
        let path = path.trim_start_matches("b/../");
        let at = place.path(path);
        assert_eq!(discovery.read(&at, true).unwrap().text, "zenml");
        assert!(discovery.selection.contains(&at));
        assert!(!discovery.selection.contains(&place.path("a/other.tf")));
        assert_eq!(
            place.relevant(&discovery),
            [path.split('/').next().unwrap()]
        );
    }
    let alone = with(None);
    let file = alone.read(Path::new("<stdin>"), true).unwrap();
    assert_eq!(
        (file.display.as_str(), file.text.as_str()),
        ("<stdin>", "zenml")
    );
    assert_eq!(alone.relevant().len(), 1);
    assert!(alone.roots.is_empty());
}

#[test]
fn directories_that_are_not_walked_can_be_included() {
    let place = Place::repository(&[
        (".gitignore", "vendor"),
        ("main.tf", r#"module "a" { source = "./vendor/a" }"#),
        ("vendor/a/main.tf", ""),
        ("vendor/a/b/main.tf", ""),
        ("vendor/c/readme.md", ""),
    ]);
    let mut discovery = place.discover(&[]);
    let resolved = discovery.resolve(&place.path(""), "./vendor/a");
    assert_eq!(resolved, Some(place.path("vendor/a")));
    assert!(discovery.include(&place.path("vendor/a")));
    assert!(!discovery.include(&place.path("vendor/c")));
    assert!(!discovery.include(Path::new("/")));
    assert_eq!(place.files(&discovery), ["main.tf", "-vendor/a/main.tf"]);
    for source in [
        "../x",
        "../../../../../../../../../../..",
        "./none",
        "registry/x/y",
        "./main.tf",
    ] {
        assert_eq!(discovery.resolve(&place.path(""), source), None, "{source}");
    }
}

#[test]
fn the_order_in_which_files_were_made_does_not_matter() {
    let names = [
        "b.tf", "a.tf", "c/a.tf", "c/b.tf", "a/z.tf", "a.tofu", "c.tfvars",
    ];
    let list = |order: &[usize]| {
        let files: Vec<_> = order
            .iter()
            .map(|&at| (names[at], "zenml \"./c\""))
            .collect();
        let place = Place::repository(&files);
        let discovery = place.discover(&[]);
        (place.files(&discovery), place.relevant(&discovery))
    };
    let first = list(&[0, 1, 2, 3, 4, 5, 6]);
    for start in 1..names.len() {
        let order: Vec<usize> = (0..names.len())
            .map(|at| (at * 3 + start) % names.len())
            .collect();
        assert_eq!(list(&order), first);
    }
}

#[test]
fn a_pattern_with_the_name_of_a_directory_holds_below_it_alone() {
    let root = PathBuf::from("/r");
    let texts =
        |patterns: &[&str]| -> Vec<String> { patterns.iter().map(|it| (*it).to_owned()).collect() };
    let cases: [(&[&str], &str, bool); 12] = [
        (&["a/*.tf"], "a/main.tf", true),
        (&["a/*.tf"], "b/a/main.tf", false),
        (&["/a/*.tf"], "a/main.tf", true),
        (&["a/b"], "a/b/c/main.tf", true),
        (&["a/b/"], "a/b/main.tf", true),
        (&["a/"], "b/a/main.tf", true),
        (&["a/**", "b/c.tf"], "b/c.tf", true),
        (&["a/**", "b/c.tf"], "c.tf", false),
        (&["a/**", "*.tofu"], "b/x.tofu", true),
        (&["a/**", "!a/keep.tf"], "a/keep.tf", false),
        (&["a/**", "!a/keep.tf"], "a/other.tf", true),
        (&["a*/b.tf"], "ab/b.tf", true),
    ];
    for (patterns, path, expected) in cases {
        let excludes = Excludes::new(&texts(patterns), std::slice::from_ref(&root)).unwrap();
        let is_excluded = excludes.exclude(&root.join(path));
        assert_eq!(is_excluded, expected, "{patterns:?} {path}");
    }
}
