"""The files in data/."""

import difflib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def put(name, data, only_check):
    """Writes a file; or says whether it is the same, and shows how it is not."""
    path = ROOT / "data" / name
    new = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if not only_check:
        path.write_text(new, encoding="utf-8")
        return True
    changes = difflib.unified_diff(old.splitlines(True), new.splitlines(True), name, "generated")
    sys.stdout.writelines(changes)
    return new == old
