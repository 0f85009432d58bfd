//! The rules of the house: `[[custom]]` in the configuration.

use super::scope::is_of_provider;
use super::{Draft, Place, Reported, Scope};
use crate::config::{CustomRule, Requirement};
use crate::eval::{Bindings, Expansion, Kind, Type, Value, When, convert};
use crate::finding::Fix;
use crate::message;
use crate::message::Message;
use crate::redact::{self, Shown};
use crate::source::Location;
use crate::terraform::{Argument, Block, Module};
use crate::zenml::provider;

/// The findings of the custom rules that are on, about a module in one context.
pub(super) fn check(scope: &Scope<'_>) -> Vec<Reported> {
    let mut reported = Vec::new();
    let rules = scope.config.custom.iter();
    for rule in rules.filter(|rule| scope.policy.may_run(&rule.id)) {
        for block in blocks(rule, scope.module) {
            // An instance's block is looked at as it is written where there are none, or an error.
            let expansion = scope.evaluator.judged_expansion(scope.instance, block);
            let mut instances = expansion.unwrap_or(Expansion::Single).bindings();
            if instances.is_empty() {
                instances.push(Bindings::default());
            }
            for bindings in instances {
                let mut look = Look {
                    scope,
                    rule,
                    bindings,
                    drafts: Vec::new(),
                };
                look.block(block, &rule.argument.first, &rule.argument.rest);
                let drafts = look.drafts.into_iter();
                reported.extend(drafts.map(|draft| draft.finish(rule.id.clone(), rule.severity)));
            }
        }
    }
    reported
}

/// The blocks of a module that a rule of the house looks at.
pub fn blocks<'a>(rule: &'a CustomRule, module: &'a Module) -> impl Iterator<Item = &'a Block> {
    let providers = module.providers.iter();
    let in_tests = module.test_files.iter().flat_map(|file| &file.providers);
    let all = providers
        .chain(in_tests)
        .chain(&module.resources)
        .chain(&module.data)
        .chain(&module.others)
        .chain(module.calls.values().map(|call| &call.block))
        .chain(module.variables.values().map(|variable| &variable.block))
        .chain(module.outputs.values());
    all.filter(move |block| {
        let is_zenml = || block.keyword == "provider" && is_of_provider(module, block);
        rule.block.matches(&block.keyword, &block.labels)
            // Whatever a module calls the provider.
            || (is_zenml() && rule.block.matches("provider", &[provider::LOCAL_NAME.to_owned()]))
    })
}

/// A look of one rule at one instance of a block.
struct Look<'l, 'a> {
    scope: &'l Scope<'a>,
    rule: &'l CustomRule,
    bindings: Bindings,
    drafts: Vec<Draft>,
}

impl<'a> Look<'_, 'a> {
    fn requirement(&self) -> &Requirement {
        &self.rule.requirement
    }

    fn report(&mut self, place: Place, fix: Option<Fix>) {
        self.report_about(place, fix, &Shown::nothing());
    }

    fn report_about(&mut self, place: Place, fix: Option<Fix>, shown: &Shown) {
        let help = message!(
            "`{}` {}",
            Shown::custom_argument(self.rule),
            Shown::custom_demands(self.rule)
        );
        let draft = Draft::new(place, Shown::custom_message(self.rule)).help(help);
        self.drafts.push(draft.about(shown).fix(fix));
    }

    /// Looks at what a name leads to in a block, and at what the names after it lead to in that.
    fn block(&mut self, block: &'a Block, name: &str, rest: &[String]) {
        if let Some(argument) = block.arguments.get(name) {
            return self.argument(block, argument, rest);
        }
        let is_dynamic = |block: &&Block| {
            block.keyword == "dynamic" && block.labels.first().is_some_and(|label| label == name)
        };
        let dynamic: Vec<&'a Block> = block.blocks.iter().filter(is_dynamic).collect();
        // The content is looked at as it is written: what its iterator stands for is unknown.
        let contents = dynamic.iter().flat_map(|dynamic| &dynamic.blocks);
        let contents = contents.filter(|nested| nested.keyword == "content");
        let nested = block.blocks.iter().filter(|nested| nested.keyword == name);
        let nested: Vec<&'a Block> = nested.chain(contents).collect();
        if nested.is_empty() {
            if self.requirement().required && dynamic.is_empty() && !block.is_broken {
                let fix = rest
                    .is_empty()
                    .then(|| self.set(block.header, name))
                    .flatten();
                self.report(Place::at(block.header), fix);
            }
            return;
        }
        for nested in nested {
            match rest.split_first() {
                Some((name, rest)) => self.block(nested, name, rest),
                None if self.requirement().forbidden => self.report(Place::at(nested.header), None),
                None => {}
            }
        }
    }

    fn argument(&mut self, block: &'a Block, argument: &'a Argument, rest: &[String]) {
        let evaluator = self.scope.evaluator;
        let value = evaluator.judged(self.scope.instance, argument, &self.bindings);
        let Ok(value) = value else { return };
        if self.requirement().required && lacks(&value, rest) {
            let fix = self.supply(block, argument, rest);
            return self.report(Place::at(argument.span), fix);
        }
        let mut found = Vec::new();
        present(&value, rest, &mut found);
        for value in found {
            if self.requirement().forbidden {
                let place = match rest {
                    [] => Place::at(argument.span),
                    _ => self.place(&value, argument),
                };
                self.report(place, None);
            } else if self.requirement().is_about_value() {
                self.texts(&value, argument);
            }
        }
    }

    /// Looks at a text, or at each one in a collection.
    fn texts(&mut self, value: &Value, argument: &Argument) {
        let mut texts = Vec::new();
        collect_texts(value, &mut texts);
        for (value, text) in texts {
            if !self.requirement().allows(&text) {
                let place = self.place(&value, argument);
                let fix = self.replace(&value);
                let pieces = value.pieces();
                let shown = redact::Value {
                    pieces: &pieces,
                    source: None,
                    sensitive: value.sensitive,
                };
                let shown = Shown::value(self.scope.configuration, &shown);
                self.report_about(place, fix, &shown);
            }
        }
    }

    fn place(&self, value: &Value, argument: &Argument) -> Place {
        Place::of_value(self.scope.configuration, &value.trace(), argument)
    }

    fn replace(&self, value: &Value) -> Option<Fix> {
        let replacement = self.rule.replacement.as_ref()?;
        let edits = self.scope.mend.rewrite_literal(value, replacement)?;
        Some(Fix::to_review(self.title(), edits))
    }

    /// Writes an argument that is not there.
    fn set(&self, header: Location, name: &str) -> Option<Fix> {
        let replacement = self.rule.replacement.as_ref()?;
        let mend = self.scope.mend;
        let text = mend.quoted(header.file, replacement);
        let edits = mend.set_argument(header, name, &text)?;
        Some(Fix::to_review(self.title(), edits))
    }

    /// Writes what is missing from an argument that is there.
    fn supply(&self, block: &Block, argument: &Argument, rest: &[String]) -> Option<Fix> {
        let replacement = self.rule.replacement.as_ref()?;
        let is_name = |key: &String| key.chars().all(|c| c.is_alphanumeric() || c == '_');
        match rest {
            [] => self.set(block.header, &argument.name),
            [key] if is_name(key) => {
                let mend = self.scope.mend;
                let text = mend.escaped(argument.expr.file, replacement);
                let edits = mend.add_entry(argument.expr, key, &text)?;
                Some(Fix::to_review(self.title(), edits))
            }
            _ => None,
        }
    }

    fn title(&self) -> Message {
        message!(
            "Write `{}` as `{}`",
            Shown::custom_replacement(self.rule),
            Shown::custom_argument(self.rule)
        )
    }
}

/// Whether what the names lead to is surely not there. The default of a root variable says nothing of what is absent: it
/// is there to be set from outside.
fn lacks(value: &Value, names: &[String]) -> bool {
    let alternatives = value.alternatives(When::OtherwiseSet);
    !alternatives.is_empty() && alternatives.iter().all(|value| lacks_here(value, names))
}

fn lacks_here(value: &Value, names: &[String]) -> bool {
    if value.is_null() {
        return !value.root_default();
    }
    let Some((name, rest)) = names.split_first() else {
        return false;
    };
    match &value.kind {
        Kind::Map(_, members) | Kind::Object(members) => match members.get(name.as_str()) {
            Some(member) => lacks(&value.member(member), rest),
            None => !value.root_default(),
        },
        Kind::List(_, members) | Kind::Tuple(members) | Kind::Set(_, members) => {
            match name.parse::<usize>().map(|index| members.get(index)) {
                Ok(Some(member)) => lacks(&value.member(member), rest),
                Ok(None) => !value.root_default(),
                Err(_) => members
                    .iter()
                    .any(|member| lacks(&value.member(member), names)),
            }
        }
        _ => false,
    }
}

/// Everything known that the names may lead to.
fn present(value: &Value, names: &[String], found: &mut Vec<Value>) {
    for value in value.alternatives(When::Possibly) {
        if value.is_null() || value.is_unknown() {
            continue;
        }
        let Some((name, rest)) = names.split_first() else {
            found.push(value);
            continue;
        };
        match &value.kind {
            Kind::Map(_, members) | Kind::Object(members) => {
                if let Some(member) = members.get(name.as_str()) {
                    present(&value.member(member), rest, found);
                }
            }
            Kind::List(_, members) | Kind::Tuple(members) | Kind::Set(_, members) => {
                match name.parse::<usize>() {
                    Ok(index) => {
                        if let Some(member) = members.get(index) {
                            present(&value.member(member), rest, found);
                        }
                    }
                    Err(_) => {
                        for member in members.iter() {
                            present(&value.member(member), names, found);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// The known texts in a value, numbers and bools as text, with the value of each.
fn collect_texts(value: &Value, texts: &mut Vec<(Value, String)>) {
    if value.is_collection() {
        for member in value.members() {
            for member in value.member(member).alternatives(When::Possibly) {
                collect_texts(&member, texts);
            }
        }
    } else if let Ok(text) = convert(value, &Type::String)
        && let Some(text) = text.as_str()
    {
        texts.push((value.clone(), text.to_owned()));
    }
}
