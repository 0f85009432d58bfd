//! What is verified: the provider's configuration as a run of terraform would see it.

use super::small::{Small, zenml};
use super::{Verified, root, root_with, verify};
use crate::support::program::{Run, finish, program};
use crate::support::{NOW, api_key, jwt, repository, write_file};
use tempfile::TempDir;

/// In 2100.
const LATE: i64 = 4_102_444_800;

fn run(directory: &TempDir, arguments: &[&str], input: &str) -> Run {
    let mut command = program(directory.path());
    finish(command.arg("verify").args(arguments), input)
}

/// What cannot be right is not asked for.
#[track_caller]
fn asks_nothing(server: &Small, verified: &Verified, words: &str) {
    verified
        .exits(1)
        .has("static", "failed", &[words])
        .has("health", "skipped", &[])
        .has("credentials", "skipped", &[]);
    assert_eq!(server.lines(), [] as [&str; 0]);
}

#[test]
fn urls_that_are_doomed_are_not_asked() {
    let server = Small::new(zenml);
    for (end, words) in [
        ("/", "drop the slash"),
        ("//", "drop the slash"),
        ("/api/v1", "end it before `/api/v1`"),
        ("/workspaces/default", "own paths"),
        ("?a=b", "query"),
        (" ", "blanks"),
    ] {
        let url = format!("{}{end}", server.url);
        let verified = verify(&root_with(&url, &api_key(1)), &[], &[]);
        asks_nothing(&server, &verified, words);
    }
    for (url, words) in [
        ("https://cloud.zenml.io", "dashboard"),
        ("https://cloudapi.zenml.io", "control plane"),
        ("https://your-zenml-server.com", "placeholder"),
        ("zenml.acme.test", "https://"),
    ] {
        let verified = verify(&root_with(url, &api_key(1)), &[], &[]);
        asks_nothing(&server, &verified, words);
    }
}

#[test]
fn credentials_that_are_doomed_are_not_sent() {
    let server = Small::new(zenml);
    let key = api_key(1);
    let truncated = key[..100].to_owned();
    let token = jwt(LATE);
    for (argument, text, words) in [
        ("api_key", truncated.as_str(), "100 of 167 characters"),
        ("api_key", "your-api-key", "placeholder"),
        ("api_key", &token, "belongs in `api_token`"),
        ("api_token", &key, "belongs in `api_key`"),
        ("api_token", &jwt(NOW - 400 * 86_400), "expired on"),
    ] {
        let directory = root(&format!(
            "server_url = \"{}\"\n{argument} = \"{text}\"",
            server.url
        ));
        let verified = verify(&directory, &[], &[]);
        verified
            .exits(1)
            .has("static", "failed", &[words])
            .has("info", "ok", &[])
            .has("credentials", "skipped", &[]);
        assert!(!verified.run.stdout.contains(&text[8..]), "{words}");
    }
    assert!(server.lines().iter().all(|line| !line.contains("login")));
}

#[test]
fn values_come_from_everywhere() {
    let server = Small::new(zenml);
    let key = api_key(1);
    let directory = repository(&[
        (
            "main.tf",
            "variable \"url\" {}\nvariable \"key\" {\n  sensitive = true\n}\nprovider \"zenml\" {\n  server_url = var.url\n  api_key = var.key\n}\n",
        ),
        ("given.vars", &format!("url = \"{}\"\n", server.url)),
        (
            "run.env",
            &format!("TF_VAR_key={key}\nTF_VAR_url={}\n", server.url),
        ),
    ]);
    let url = format!("url={}", server.url);
    let with_key = [("TF_VAR_key", key.as_str())];
    verify(&directory, &with_key, &["--var", &url]).exits(0);
    verify(&directory, &with_key, &["--var-file", "given.vars"]).exits(0);
    verify(&directory, &[], &["--env-file", "run.env"]).exits(0);
    verify(
        &directory,
        &with_key,
        &["--env-file", "run.env", "--no-env"],
    )
    .exits(0);
    verify(&directory, &with_key, &["--var", &url, "--no-env"])
        .exits(1)
        .has(
            "static",
            "failed",
            &["variable `key`", "TF_VAR_key", "--api-key-stdin"],
        )
        .has("info", "ok", &[])
        .has("credentials", "skipped", &[]);
    verify(&directory, &with_key, &[])
        .exits(1)
        .has("static", "failed", &["variable `url`", "--var url=…"])
        .has("dns", "skipped", &[]);
    write_file(
        directory.path(),
        "terraform.tfvars",
        &format!("url = \"{}\"\n", server.url),
    );
    verify(&directory, &with_key, &[]).exits(0);
    let other = run(&directory, &["--var", "nothing=1"], "");
    assert_eq!(other.code, 2, "{}", other.stderr);
}

#[test]
fn a_block_that_leaves_all_to_the_environment() {
    let server = Small::new(zenml);
    let directory = root("");
    let key = api_key(1);
    let both = [
        ("ZENML_SERVER_URL", server.url.as_str()),
        ("ZENML_API_KEY", &key),
    ];
    let verified = verify(&directory, &both, &[]);
    verified.exits(0);
    assert_eq!(
        verified.run.json()["providers"][0]["server_url"],
        server.url
    );
    let verified = verify(&directory, &[("ZENML_STORE_URL", "x")], &[]);
    verified.exits(1).has(
        "static",
        "failed",
        &[
            "ZENML_SERVER_URL",
            "never reads",
            "ZENML_API_KEY",
            "--api-key-stdin",
        ],
    );
    assert!(verified.run.json()["providers"][0]["server_url"].is_null());
}

#[test]
fn what_only_terraform_knows_can_be_passed() {
    let server = Small::new(zenml);
    let directory = root(&format!(
        "server_url = \"{}\"\napi_key = data.aws_secretsmanager_secret_version.zenml.secret_string",
        server.url
    ));
    let key = api_key(1);
    verify(&directory, &[], &[])
        .exits(1)
        .has(
            "static",
            "failed",
            &[
                "data.aws_secretsmanager_secret_version.zenml",
                "`ZENML_API_KEY`",
                "--api-key-stdin",
            ],
        )
        .has("info", "ok", &[])
        .has("credentials", "skipped", &[]);
    verify(&directory, &[("ZENML_API_KEY", &key)], &[])
        .exits(0)
        .has("static", "warning", &["stands in"])
        .has("credentials", "ok", &[]);
    let run = run(&directory, &["--api-key-stdin"], &format!("{key}\r\n"));
    assert_eq!(run.code, 0, "{}", run.stdout);
    let directory = root("server_url = aws_lb.zenml.dns_name");
    verify(&directory, &[("ZENML_API_KEY", &key)], &[])
        .exits(1)
        .has(
            "static",
            "failed",
            &["aws_lb.zenml.dns_name", "ZENML_SERVER_URL"],
        );
}

#[test]
fn the_key_on_standard_input() {
    let server = Small::new(zenml);
    let directory = root_with(&server.url, "");
    let empty = run(&directory, &["--api-key-stdin"], " \n");
    assert_eq!(empty.code, 2);
    let key = api_key(1);
    let cut = &key[..90];
    let wrong = run(&directory, &["--api-key-stdin"], cut);
    assert_eq!(wrong.code, 1);
    assert!(wrong.stdout.contains("90 of 167"), "{}", wrong.stdout);
    assert!(!wrong.stdout.contains(&cut[20..]));
}

#[test]
fn the_token_beats_the_key() {
    let server = Small::new(zenml);
    let token = jwt(LATE);
    let directory = root_with(&server.url, &api_key(1));
    verify(&directory, &[("ZENML_API_TOKEN", &token)], &[])
        .exits(0)
        .has("static", "warning", &["uses the token and never the key"])
        .has("credentials", "ok", &["the token signs in", "2100-01-01"]);
    assert!(!server.lines().iter().any(|line| line.contains("login")));
    let unknown = root(&format!(
        "server_url = \"{}\"\napi_key = \"{}\"\napi_token = data.x.y.z",
        server.url,
        api_key(1)
    ));
    verify(&unknown, &[], &[])
        .exits(0)
        .has("static", "warning", &["data.x.y.z", "never the key"])
        .has("credentials", "ok", &["the key signs in"]);
}

#[test]
fn each_block_of_each_root_is_verified() {
    let (good, bad) = (
        Small::new(zenml),
        Small::zenml_but("/api/v1/info", "404 No", ""),
    );
    let block = |alias: &str, url: &str| {
        format!(
            "provider \"zenml\" {{\n  {alias}\n  server_url = \"{url}\"\n  api_key = \"{}\"\n}}\n",
            api_key(1)
        )
    };
    let one = format!(
        "{}\n{}",
        block("", &good.url),
        block("alias = \"bad\"", &bad.url)
    );
    let directory = repository(&[
        ("one/main.tf", &one),
        ("two/main.tf", &block("", &good.url)),
        ("two/a.tftest.hcl", &block("", &bad.url)),
    ]);
    let all = run(&directory, &["--output-format", "json"], "");
    assert_eq!(all.code, 1);
    let json = all.json();
    let place = |provider: &serde_json::Value| {
        format!(
            "{}:{} {}",
            provider["path"].as_str().unwrap(),
            provider["line"],
            provider["alias"].as_str().unwrap_or("-")
        )
    };
    let places: Vec<_> = json["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(place)
        .collect();
    assert_eq!(
        places,
        ["one/main.tf:1 -", "one/main.tf:7 bad", "two/main.tf:1 -"]
    );
    // Two blocks, one server and one key: it is asked once.
    let logins = good
        .lines()
        .iter()
        .filter(|line| line.contains("login"))
        .count();
    assert_eq!(logins, 1);
    assert_eq!(run(&directory, &["two"], "").code, 0);
    assert_eq!(run(&directory, &["one", "--alias", "bad"], "").code, 1);
    assert_eq!(run(&directory, &["one", "--alias", ""], "").code, 0);
    let unknown = run(&directory, &["--alias", "good"], "");
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.stderr.contains("alias `good`"),
        "{}",
        unknown.stderr
    );
    let human = run(&directory, &["one"], "");
    assert!(
        human
            .stdout
            .contains("one/main.tf:7 provider \"zenml\" (alias `bad`)"),
        "{}",
        human.stdout
    );
    assert!(
        human
            .stdout
            .contains("2 provider blocks verified, 1 failed.")
    );
}

#[test]
fn each_way_to_run_a_root_is_verified() {
    let servers = [Small::new(zenml), Small::new(zenml)];
    let directory = repository(&[
        (
            "main.tf",
            "variable \"url\" {}\nprovider \"zenml\" {\n  server_url = var.url\n}\n",
        ),
        ("env/dev.tfvars", &format!("url = \"{}\"\n", servers[0].url)),
        (
            "env/prod.tfvars",
            &format!("url = \"{}/\"\n", servers[1].url),
        ),
    ]);
    let mut command = program(directory.path());
    command
        .args(["verify", "--output-format", "json"])
        .env("ZENML_API_KEY", api_key(1));
    let run = finish(&mut command, "");
    assert_eq!(run.code, 1);
    let json = run.json();
    let providers = json["providers"].as_array().unwrap().iter();
    let mut urls: Vec<_> = providers
        .map(|p| p["server_url"].as_str().unwrap())
        .collect();
    urls.sort_unstable();
    let mut expected = [servers[0].url.clone(), format!("{}/", servers[1].url)];
    expected.sort_unstable();
    assert_eq!(urls, expected);
}

#[test]
fn a_module_without_any_block_is_connected_by_the_environment() {
    let server = Small::new(zenml);
    let directory = repository(&[(
        "main.tf",
        "\nresource \"zenml_project\" \"p\" {\n  name = \"p\"\n}\n",
    )]);
    let key = api_key(1);
    let both = [
        ("ZENML_SERVER_URL", server.url.as_str()),
        ("ZENML_API_KEY", &key),
    ];
    let verified = verify(&directory, &both, &[]);
    verified.exits(0).has("credentials", "ok", &[]);
    assert_eq!(verified.run.json()["providers"][0]["line"], 2);
    let nothing = run(&directory, &[], "");
    assert_eq!(nothing.code, 1);
    assert!(
        nothing.stderr.contains("nothing to verify"),
        "{}",
        nothing.stderr
    );
}

#[test]
fn nothing_to_verify() {
    let directory = repository(&[("main.tf", "resource \"null_resource\" \"x\" {}\n")]);
    let empty = run(&directory, &["--output-format", "json"], "");
    assert_eq!(empty.code, 1);
    assert_eq!(empty.json()["providers"], serde_json::json!([]));
    assert!(
        empty.stderr.contains("nothing to verify"),
        "{}",
        empty.stderr
    );
    let missing = run(&directory, &["no-such-directory"], "");
    assert_eq!(missing.code, 2);
    for timeout in ["0", "-1", "nan", "inf", "x", "4000"] {
        let wrong = run(&directory, &[&format!("--timeout={timeout}")], "");
        assert_eq!(wrong.code, 2, "{timeout}");
    }
}
