"""Find or install the browser of the tests: Debian's chromium by apt as root, else Playwright's own."""

import os
import shutil
import subprocess
import sys

# Without these flags Chromium calls its maker's hosts at every start.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]


def system_chromium() -> str | None:
    """The path of an installed Chromium, or None: Playwright then uses its own."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def main() -> int:
    path = system_chromium()
    if path:
        print(f"Browser for the tests: {path}")
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Browser for the tests: installing Debian's chromium with apt ...")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=True, env=environment)
        return 0
    print("Browser for the tests: installing Playwright's own Chromium ...")
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
