#!/usr/bin/env python3
"""Writes data/zenml-*.json: what a ZenML server accepts, one file for each version.

    tools/zenml_data.py [VERSION...]

Each version is installed from PyPI into a virtual environment (target/ci/zenml-RELEASE, kept for the next time), and its
connector types and flavors are imported there, offline, with stand-ins for the cloud SDKs that are missing.
`--check` writes nothing and fails where a file would change.
"""

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

from data_file import ROOT, put

# The newest patch of each version.
RELEASES = {"0.80": "0.80.2", "0.92": "0.92.0", "0.98": "0.98.0"}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("versions", nargs="*", metavar="VERSION", help=", ".join(RELEASES))
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    differing = [
        version
        for version in options.versions or RELEASES
        if not put(f"zenml-{version}.json", export(version), options.check)
    ]
    sys.exit(1 if differing else 0)


def export(version):
    release = RELEASES[version]
    home = ROOT / "target" / "ci" / f"zenml-{release}"
    output = subprocess.run(
        [install(home, f"zenml=={release}"), Path(__file__).with_name("zenml_fields.py")],
        env={
            **os.environ,
            "ZENML_CONFIG_PATH": str(home / "config"),
            "ZENML_ANALYTICS_OPT_IN": "false",
            "ZENML_LOGGING_VERBOSITY": "ERROR",
        },
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    return {"version": version, **json.loads(output)}


def install(home, package):
    """The interpreter of a virtual environment with a package, which is made where it is not there yet."""
    python, done = home / "bin" / "python", home / "installed"
    if not done.exists():
        venv.create(home, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, package], check=True)
        done.touch()
    return python


if __name__ == "__main__":
    main()
