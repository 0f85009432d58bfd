//! A configuration as text again, put together with what it extends.

use toml::{Table, Value};

use super::{Config, Patterns};

impl Config {
    /// What is set, as a table that could stand in a file; the severities of the rules and the custom rules left out.
    pub fn to_table(&self) -> Table {
        let mut table = Table::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                table.insert(name.to_owned(), value);
            }
        };
        set("exclude", some_texts(self.exclude.iter().flat_map(texts)));
        set("fail-on", self.fail_on.map(|level| level.name().into()));
        set(
            "provider-version",
            self.provider_version.clone().map(Value::from),
        );
        set("zenml-version", self.zenml_version.clone().map(Value::from));
        set(
            "environment",
            some_texts(self.assume.iter().cloned()).map(|texts| nested("assume", texts)),
        );
        let flavors: Table = self
            .extra_flavors
            .iter()
            .map(|(ty, flavors)| {
                let flavors: Vec<String> = flavors.iter().cloned().collect();
                (ty.clone(), flavors.into())
            })
            .collect();
        let flavors = (!flavors.is_empty()).then(|| nested("extra-flavors", flavors.into()));
        set("zenml", flavors);
        set("overrides", self.overrides());
        set("roots", self.root_files());
        table
    }

    fn overrides(&self) -> Option<Value> {
        let overrides: Vec<Value> = self
            .overrides
            .iter()
            .map(|over| {
                let rules = over.rules.iter();
                let rules: Table = rules
                    .map(|(rule, level)| (rule.clone(), level.name().into()))
                    .collect();
                let files: Vec<String> = texts(&over.files).collect();
                let mut table = Table::new();
                table.insert("files".into(), files.into());
                table.insert("rules".into(), rules.into());
                table.into()
            })
            .collect();
        (!overrides.is_empty()).then(|| overrides.into())
    }

    fn root_files(&self) -> Option<Value> {
        let show = |path: &std::path::PathBuf| path.display().to_string();
        let roots: Vec<Value> = self
            .roots
            .iter()
            .map(|root| {
                let runs = root.var_files.iter();
                let runs: Vec<Value> = runs
                    .map(|files| files.iter().map(show).collect::<Vec<_>>().into())
                    .collect();
                let mut table = Table::new();
                table.insert("directory".into(), show(&root.directory).into());
                table.insert("var-files".into(), runs.into());
                table.into()
            })
            .collect();
        (!roots.is_empty()).then(|| roots.into())
    }
}

fn texts(patterns: &Patterns) -> impl Iterator<Item = String> {
    patterns.texts.iter().cloned()
}

fn nested(name: &str, value: Value) -> Value {
    let mut table = Table::new();
    table.insert(name.to_owned(), value);
    table.into()
}

fn some_texts(texts: impl Iterator<Item = String>) -> Option<Value> {
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.into())
}
