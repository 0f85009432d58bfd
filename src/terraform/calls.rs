//! Who calls whom.

use std::collections::BTreeSet;

use super::{Configuration, ModuleId};

/// The calls of local modules, from the side of those that are called.
#[derive(Debug, Default)]
pub(super) struct CallGraph {
    /// For each module: who calls it, and by which name.
    callers: Vec<Vec<(ModuleId, String)>>,
    roots: Vec<ModuleId>,
}

impl Configuration {
    /// The calls that lead to a module: the calling module and the name of its `module` block.
    pub fn callers(&self, module: ModuleId) -> &[(ModuleId, String)] {
        self.call_graph()
            .callers
            .get(module.0 as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// The modules that no local call reaches, and of those that only call each other in a circle the first by path.
    pub fn roots(&self) -> &[ModuleId] {
        &self.call_graph().roots
    }

    /// The id of every module, in order.
    pub fn module_ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.modules.len()).filter_map(|index| u32::try_from(index).ok().map(ModuleId))
    }

    fn call_graph(&self) -> &CallGraph {
        self.call_graph.get_or_init(|| {
            let mut callers = vec![Vec::new(); self.modules.len()];
            for (id, module) in self.module_ids().zip(&self.modules) {
                for (name, call) in &module.calls {
                    let target = call
                        .target
                        .and_then(|target| callers.get_mut(target.0 as usize));
                    if let Some(list) = target {
                        list.push((id, name.clone()));
                    }
                }
            }
            let roots = self.find_roots(&callers);
            CallGraph { callers, roots }
        })
    }

    /// Every module is reached from a root: a group of modules that call each other and that nothing outside of the group
    /// calls is such a start (most often a group of one).
    fn find_roots(&self, callers: &[Vec<(ModuleId, String)>]) -> Vec<ModuleId> {
        let callees = |id: ModuleId| -> Vec<ModuleId> {
            let calls = self.module(id).map(|module| module.calls.values());
            calls
                .into_iter()
                .flatten()
                .filter_map(|call| call.target)
                .collect()
        };
        let callers = |id: ModuleId| -> Vec<ModuleId> {
            let callers = callers.get(id.0 as usize);
            callers
                .into_iter()
                .flatten()
                .map(|(caller, _)| *caller)
                .collect()
        };
        let mut reached = BTreeSet::new();
        let mut roots = Vec::new();
        // Of the modules not yet reached, the one that a depth-first search leaves last lies in such a group.
        for id in self.order_of_leaving(callees).into_iter().rev() {
            if reached.contains(&id) {
                continue;
            }
            let group = reach(id, callers, &mut BTreeSet::new());
            let by_path = |id: &ModuleId| self.module(*id).map(|module| module.dir.clone());
            roots.extend(group.iter().copied().min_by_key(by_path));
            reach(id, callees, &mut reached);
        }
        roots.sort();
        roots
    }

    fn order_of_leaving(&self, callees: impl Fn(ModuleId) -> Vec<ModuleId>) -> Vec<ModuleId> {
        let mut order = Vec::new();
        let mut entered = BTreeSet::new();
        for start in self.module_ids() {
            if !entered.insert(start) {
                continue;
            }
            let mut open = vec![(start, callees(start))];
            while let Some((id, rest)) = open.last_mut() {
                match rest.pop() {
                    Some(next) if entered.insert(next) => open.push((next, callees(next))),
                    Some(_) => {}
                    None => {
                        order.push(*id);
                        open.pop();
                    }
                }
            }
        }
        order
    }
}

/// Everything that `next` leads to from `start`, itself included, that is not in `reached` yet; adds it there.
fn reach(
    start: ModuleId,
    next: impl Fn(ModuleId) -> Vec<ModuleId>,
    reached: &mut BTreeSet<ModuleId>,
) -> Vec<ModuleId> {
    let mut all = Vec::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            all.push(id);
            open.extend(next(id));
        }
    }
    all
}
