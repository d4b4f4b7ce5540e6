"""What must be there before anything is installed or started, said in one line each.

Runs on the bare Python of the machine, so it imports nothing but the standard library:
`python3 petreview/preflight.py setup` and `... run --port 8000`.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_MINIMUM = (20, 19)
SETUP_BYTES = 9 * 2**30  # torch with its CUDA libraries is most of it
RUN_BYTES = 1 * 2**30


def problems_of_setup(python: tuple[int, int], node_version: str | None, free_bytes: int) -> list[str]:
    """`node_version` is what `node --version` printed, or None when there is no node."""
    found = []
    if python != (3, 11):
        found.append(f"PETReview needs Python 3.11; this is {python[0]}.{python[1]}. Set PYTHON=python3.11.")
    if node_version is None:
        found.append("Node.js is missing: install Node 20.19 or newer (nodejs.org) and run again.")
    elif parse_version(node_version) < NODE_MINIMUM:
        found.append(f"Node.js {node_version} is too old: PETReview needs 20.19 or newer.")
    installed = (ROOT / ".venv" / ".installed").exists()
    if not installed and free_bytes < SETUP_BYTES:
        found.append(_disk_line(free_bytes, SETUP_BYTES, ROOT))
    return found


def problems_of_run(host: str, port: int, home: Path) -> list[str]:
    found = []
    if not port_is_free(host, port):
        found.append(
            f"Port {port} is taken by another program: stop it, or choose another with PORT={port + 1}."
        )
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < RUN_BYTES:
        found.append(_disk_line(free, RUN_BYTES, home))
    return found


def parse_version(text: str) -> tuple[int, int]:
    match = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def port_is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _disk_line(free: int, needed: int, folder: Path) -> str:
    return f"The disk is nearly full: {free / 2**30:.1f} GB free at {folder}, {needed / 2**30:.0f} GB needed."


def _node_version() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()


def main(arguments: list[str]) -> int:
    if arguments[0] == "setup":
        version = (sys.version_info.major, sys.version_info.minor)
        found = problems_of_setup(version, _node_version(), shutil.disk_usage(ROOT).free)
    else:
        home = Path(os.environ.get("PETREVIEW_HOME") or ROOT / "var")
        found = problems_of_run("127.0.0.1", int(arguments[2]), home)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
