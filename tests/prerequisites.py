"""What the tests need from the system: a browser. Installed where allowed, else asked for."""

import os
import shutil
import subprocess
import sys

PACKAGES = {"chromium": "chromium", "openssl": "openssl"}


def main() -> int:
    """Exit status 0 when everything is there."""
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if not missing:
        return 0
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {' '.join(missing)}", flush=True)
        if _quiet(command) or (_quiet(["apt-get", "update", "-q"]) and _quiet(command)):
            return 0
    print(f"The tests need system packages. Run first: sudo {' '.join(command)}", file=sys.stderr)
    return 1


def _quiet(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
