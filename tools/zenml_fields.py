"""Prints what the `zenml` package of this interpreter accepts, as JSON. Started by zenml_data.py."""

import json
import sys
from inspect import isclass

import stand_ins


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
    if any(kind.get("format") == "uuid" for kind in kinds):
        limits["format"] = "uuid"
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
    if items := item_types(kinds, definitions):
        exported["items"] = items
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


def item_types(kinds, definitions):
    """What the items of a list or the values of a dictionary may be; nothing where that is anything."""
    if any("prefixItems" in kind or "properties" in kind for kind in kinds):
        return None
    inner = [
        kind.get("items" if kind["type"] == "array" else "additionalProperties")
        for kind in kinds
        if kind["type"] in ("array", "object")
    ]
    if len(inner) != 1 or not isinstance(inner[0], dict):
        return None
    types = {item["type"] for item in alternatives(inner[0], definitions)}
    return None if "null" in types else sorted(types)


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
    stand_ins.install()
    main()
