"""Write .env for docker-compose.yaml from .env.template, with new random secrets; `make env` runs it. Needs nothing but Python.

    python deploy/write_env.py [FILE]

An existing file is left alone: the database of a running stack knows its passwords, and they can't be made again.
"""

import base64
import os
import re
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGE_USER = 50000

VALUES = {
    "<secret>": lambda: secrets.token_hex(32),
    "<fernet key>": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "<uid>": lambda: str(os.getuid() or IMAGE_USER),  # never root
}


def environment() -> str:
    """The text of a new .env."""
    template = (ROOT / ".env.template").read_text(encoding="utf-8")
    return re.sub("=(<.+>)$", lambda place: "=" + VALUES[place[1]](), template, flags=re.MULTILINE)


def make_lake(folder: Path) -> None:
    """The default lake, so that Docker does not make it, and root its owner."""
    if not folder.exists():
        folder.mkdir()
        if os.getuid() == 0:
            os.chown(folder, IMAGE_USER, 0)


def main(path: Path) -> int:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{path} is there already and stays as it is; move it away first if you want a new one.", file=sys.stderr)
        return 1
    with os.fdopen(file, "w", encoding="utf-8") as output:
        output.write(environment())
    make_lake(path.parent / "lake")
    print(f"{path}: written, readable by you alone. ADMIN_PASSWORD in it is the password of the first login.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".env"))
