"""Zip bi/superset/ for `superset import-dashboards`, with the place of the views' file in it. Needs nothing but Python.

python bi/bundle.py VIEWS.duckdb BUNDLE.zip
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent / "superset"


def write_bundle(views: Path, bundle: Path) -> None:
    with zipfile.ZipFile(bundle, "w") as archive:
        for path in sorted(FOLDER.rglob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            if path.parent.name == "databases":
                text = re.sub(r"duckdb:///.*\?", lambda _: f"duckdb:///{views.absolute()}?", text)
            archive.writestr(f"rasd/{path.relative_to(FOLDER).as_posix()}", text)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write_bundle(Path(sys.argv[1]), Path(sys.argv[2]))
