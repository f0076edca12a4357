"""What the tests need from the system: a browser, a mail server, openssl, xmlsec1, a software HSM.

Installed where allowed, else asked for.
"""

import os
import shutil
import subprocess
import sys

PACKAGES = {
    "chromium": "chromium",
    "openssl": "openssl",
    "dovecot": "dovecot-imapd",
    "xmlsec1": "xmlsec1",
    "softhsm2-util": "softhsm2",
}
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
# A test starts its own server: the system's must not start because its package is there.
_APT_ENVIRONMENT = {"RUNLEVEL": "1", "DEBIAN_FRONTEND": "noninteractive"}


def main() -> int:
    """Exit status 0 when everything is there."""
    missing = [package for program, package in PACKAGES.items() if not _is_there(program)]
    if not missing:
        return 0
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {' '.join(missing)}", flush=True)
        if _quiet(command) or (_quiet(["apt-get", "update", "-q"]) and _quiet(command)):
            return 0
    print(f"The tests need system packages. Run first: sudo {' '.join(command)}", file=sys.stderr)
    return 1


def _is_there(program: str) -> bool:
    path = f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_FOLDERS}"
    return shutil.which(program, path=path) is not None


def _quiet(command: list[str]) -> bool:
    environment = os.environ | _APT_ENVIRONMENT
    return (
        subprocess.run(command, capture_output=True, check=False, env=environment).returncode == 0
    )


if __name__ == "__main__":
    sys.exit(main())
