"""Modules that stand in for the cloud SDKs that zenml imports, where they are not installed."""

import importlib.abc
import importlib.machinery
import sys
import types


class StandInMeta(type):
    """A class that has every attribute."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(name)


def stand_in(name):
    def call(cls, *arguments, **named):
        return object.__new__(cls)

    return StandInMeta(name, (), {"__new__": call})


class StandInModule(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(name)


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last among the finders, so it is asked only for what is not installed.

    Other packages try what may be missing, and do without: only imports by zenml are answered.
    """

    def find_spec(self, name, path=None, target=None):
        frame = sys._getframe(1)
        while "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        importer = frame.f_globals.get("__name__", "")
        if not importer.startswith("zenml.") or name.startswith("zenml."):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandInModule(spec.name)

    def exec_module(self, module):
        pass


FINDER = StandIns()


def install():
    sys.meta_path.append(FINDER)


def remove():
    sys.meta_path.remove(FINDER)
