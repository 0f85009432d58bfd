"""Prints what the `zenml` package of this interpreter accepts, as JSON. Started by zenml_data.py."""

import importlib.abc
import importlib.machinery
import json
import sys
import types
from inspect import isclass


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


def main():
    import zenml

    exported = {
        "release": zenml.__version__,
        "connector_types": connector_types(),
        "component_types": component_types(),
    }
    json.dump(exported, sys.stdout)


def connector_types():
    from zenml.service_connectors.service_connector_registry import service_connector_registry

    types = service_connector_registry.list_service_connector_types()
    return {ty.connector_type: connector_type(ty) for ty in types}


def connector_type(ty):
    return {
        "auth_methods": {
            method.auth_method: {"fields": fields(method.config_class, False)} for method in ty.auth_methods
        },
        "resource_types": {
            resource.resource_type: {
                "auth_methods": sorted(resource.auth_methods),
                "instances": resource.supports_instances,
            }
            for resource in ty.resource_types
        },
    }


def component_types():
    from zenml.enums import StackComponentType
    from zenml.zen_stores.base_zen_store import BaseZenStore
    from zenml.stack.flavor_registry import FlavorRegistry

    registry = FlavorRegistry()
    required = (StackComponentType.ORCHESTRATOR, StackComponentType.ARTIFACT_STORE)
    exported = {
        ty.value: {"required": ty in required, "flavors": {}} for ty in StackComponentType
    }
    for flavor_class in [*registry.builtin_flavors, *registry.integration_flavors]:
        flavor = flavor_class()
        exported[flavor.type.value]["flavors"][flavor.name] = describe(flavor)
    return exported


def describe(flavor):
    config = flavor.config_class
    exported = {"fields": fields(config, True)}
    # Only artifact stores have schemes; the local one has the empty text, with which every path begins.
    schemes = sorted(filter(None, getattr(config, "SUPPORTED_SCHEMES", ())))
    if schemes:
        exported["path_schemes"] = schemes
    if needs := flavor.service_connector_requirements:
        exported["connector"] = {
            "type": needs.connector_type,
            "resource_type": needs.resource_type,
            "resource_id_field": needs.resource_id_attr,
        }
    return exported


def fields(config, is_component):
    schema = config.model_json_schema()
    definitions = schema.get("$defs", {})
    required = schema.get("required", ())
    return {
        name: field(config, is_component, name, properties, definitions, name in required)
        for name, properties in schema.get("properties", {}).items()
    }


LIMITS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minLength", "maxLength", "pattern")


def field(config, is_component, name, schema, definitions, required):
    from zenml.utils.pydantic_utils import has_validators
    from zenml.utils.secret_utils import is_secret_field

    info = config.model_fields[name]
    kinds = list(alternatives(schema, definitions))
    exported = {"types": sorted({kind["type"] for kind in kinds} - {"null"})}
    values = [value for kind in kinds for value in kind.get("enum", ())]
    limits = {limit: kind[limit] for kind in kinds for limit in LIMITS if limit in kind}
    if any(kind["type"] == "null" for kind in kinds):
        exported["nullable"] = True
    if required:
        exported["required"] = True
    elif schema.get("default") is not None:
        exported["default"] = schema["default"]
    if is_secret_field(info) or any(kind.get("format") == "password" for kind in kinds):
        exported["secret"] = True
    if schema.get("deprecated"):
        exported["deprecated"] = True
    if is_component and reads_json(info.annotation):
        exported["json"] = True
    if is_component and has_validators(config, name):
        exported["plain"] = True
    if values:
        exported["values"] = values
    if limits:
        exported["limits"] = limits
    return exported


def reads_json(annotation):
    """Whether a component's configuration takes a text as JSON (`StackComponentConfig._convert_json_strings`)."""
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel
    from zenml.utils.typing_utils import get_args, get_origin, is_optional

    if is_optional(annotation):
        arguments = get_args(annotation)
        if str in arguments:
            return False
        annotation = next(argument for argument in arguments if argument is not type(None))
    is_model = isclass(annotation) and issubclass(annotation, BaseModel)
    return get_origin(annotation) in (dict, list, Mapping, Sequence) or is_model


def alternatives(schema, definitions):
    """The schemas of which a value must match one, each with one type."""
    if "$ref" in schema:
        schema = {**definitions[schema["$ref"].rpartition("/")[2]], **schema}
        del schema["$ref"]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            for inner in schema[key]:
                yield from alternatives(inner, definitions)
            return
    if "const" in schema:
        schema = {**schema, "enum": [schema["const"]]}
    if "type" not in schema:
        # Anything.
        for ty in ("array", "boolean", "integer", "null", "number", "object", "string"):
            yield {"type": ty}
        return
    yield schema


if __name__ == "__main__":
    sys.meta_path.append(StandIns())
    main()
