#!/usr/bin/env python3
"""Writes data/provider-*.json: what the ZenML provider accepts, one file for each line of its versions.

    tools/provider_data.py CHECKOUT [VERSION...]

CHECKOUT is a clone of github.com/zenml-io/terraform-provider-zenml with its tags. Each version is built in a temporary
directory with `go`; its blocks are what `terraform providers schema -json` tells of it, and the allowed values are
the lists in its validation.go. `--check` writes nothing and fails where a file would change.
"""

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from data_file import put

SOURCE = "zenml-io/zenml"
# The newest release of each version is the one that is read.
VERSIONS = ("1.0", "1.1", "2", "3")
KINDS = {
    "provider": "provider",
    "resource_schemas": "resource",
    "data_source_schemas": "data",
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("checkout", type=Path)
    arguments.add_argument("versions", nargs="*", metavar="VERSION", help=", ".join(VERSIONS))
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    differing = [
        version
        for version in options.versions or VERSIONS
        if not put(f"provider-{version}.json", export(options.checkout, version), options.check)
    ]
    sys.exit(1 if differing else 0)


def export(checkout, version):
    releases = releases_of(checkout, version)
    newest = releases[-1]
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        unpack(checkout, f"v{newest}", directory / "source")
        schema = schema_of(directory)
        validation = (directory / "source/internal/provider/validation.go").read_text()
    return {
        "version": version,
        "release": newest,
        "releases": releases,
        "blocks": blocks_of(schema),
        "connector_types": connector_types_of(validation),
        "component_types": sorted(texts(assigned(validation, "validComponentTypes"))),
    }


def releases_of(checkout, version):
    """The releases of a version that have a tag, oldest first."""
    tags = git(checkout, "tag", "--list", f"v{version}.*").decode().split()
    return sorted((tag.removeprefix("v") for tag in tags), key=numbers)


def numbers(release):
    return [int(segment) for segment in release.split(".")]


def unpack(checkout, tag, target):
    # Only what a build needs: one tag has a binary in it.
    needed = git(checkout, "archive", tag, "--", "go.mod", "go.sum", "main.go", "internal")
    with tarfile.open(fileobj=io.BytesIO(needed)) as archive:
        archive.extractall(target, filter="data")


def schema_of(directory):
    """What terraform says of the provider whose source lies in `source`."""
    binaries, module = directory / "bin", directory / "module"
    build = ["go", "build", "-o", binaries / "terraform-provider-zenml", "."]
    subprocess.run(build, cwd=directory / "source", check=True)
    module.mkdir()
    (module / "main.tf").write_text(
        f'terraform {{\n  required_providers {{\n    zenml = {{ source = "{SOURCE}" }}\n  }}\n}}\n'
    )
    settings = directory / "terraform.rc"
    settings.write_text(
        f'provider_installation {{\n  dev_overrides {{ "{SOURCE}" = "{binaries}" }}\n  direct {{}}\n}}\n'
    )
    output = subprocess.run(
        ["terraform", "providers", "schema", "-json"],
        cwd=module,
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(settings)},
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    (schema,) = json.loads(output)["provider_schemas"].values()
    return schema


def blocks_of(schema):
    blocks = {}
    for key, kind in KINDS.items():
        named = schema.get(key, {})
        named = {"zenml": named} if kind == "provider" else named
        blocks[kind] = {name: block_of(block["block"]) for name, block in named.items()}
    return blocks


def block_of(block):
    nested = {name: block_of(nested["block"]) for name, nested in block.get("block_types", {}).items()}
    exported = {"arguments": arguments_of(block.get("attributes", {}))}
    if nested:
        exported["blocks"] = nested
    return exported


def arguments_of(attributes):
    return {name: argument_of(attribute) for name, attribute in attributes.items()}


def argument_of(attribute):
    flags = ("required", "optional", "computed", "sensitive", "deprecated")
    argument = {flag: True for flag in flags if attribute.get(flag)}
    if nested := attribute.get("nested_type"):
        plain = nested["nesting_mode"] == "single"
        argument["type"] = "object" if plain else f"{nested['nesting_mode']}(object)"
        argument["members"] = arguments_of(nested["attributes"])
    else:
        argument["type"] = type_of(attribute["type"])
    return argument


def type_of(ty):
    """A type as configuration writes it."""
    if isinstance(ty, str):
        return ty
    kind, inner = ty
    return "object" if kind == "object" else f"{kind}({type_of(inner)})"


def connector_types_of(validation):
    methods = lists(assigned(validation, "validAuthMethods"))
    if "validResourceTypes" in validation:
        resources = lists(assigned(validation, "validResourceTypes"))
    else:
        resources = lists(validation.partition("func getValidResourceTypes(")[2])
    return {
        name: {
            "auth_methods": sorted(methods.get(name, [])),
            "resource_types": sorted(resources.get(name, [])),
        }
        for name in texts(assigned(validation, "validConnectorTypes"))
    }


def assigned(source, name):
    """The value of a variable in Go, up to the bracket that closes it."""
    value = re.search(rf"^\t{name}\s*=\s*(.*?^\t)\}}", source, re.MULTILINE | re.DOTALL)
    return value.group(1)


def lists(source):
    """The lists of a map, `"name": {...}`, or of a switch, `case "name": return []string{...}`."""
    found = re.finditer(r'"([^"]+)":\s*(?:return \[\]string)?\{([^}]*)\}', source)
    return {name: texts(values) for name, values in (match.groups() for match in found)}


def texts(source):
    return re.findall(r'"([^"]+)"', source)


def git(checkout, *arguments):
    return subprocess.run(
        ["git", "-C", checkout, *arguments], check=True, stdout=subprocess.PIPE
    ).stdout


if __name__ == "__main__":
    main()
