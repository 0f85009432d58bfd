"""`python -m zenml_tflint`: runs the program that came with this package."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path


def find_program() -> Path:
    """The program, in the places where an installer may have put it."""
    name = "zenml-tflint" + (sysconfig.get_config_var("EXE") or "")
    here = Path(__file__).resolve().parent.parent
    directories = [
        Path(sysconfig.get_path("scripts")),
        Path(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))),
        # `pip install --target`
        here / "bin",
    ]
    for directory in directories:
        if (directory / name).is_file():
            return directory / name
    looked = ", ".join(str(directory) for directory in directories)
    sys.exit(f"{name} is in none of {looked}: install zenml-tflint again")


def main() -> None:
    program = str(find_program())
    arguments = [program, *sys.argv[1:]]
    if sys.platform == "win32":
        # There, `execv` does not wait for the program.
        sys.exit(subprocess.run(arguments, check=False).returncode)
    os.execv(program, arguments)


if __name__ == "__main__":
    main()
