"""Is a fault of a pinned dependency known? Ends by 0 (none), 1 (some, listed) or 2 (could not ask).

pip-audit ends by 1 both for a fault and for a network that does not answer; what it wrote tells.
"""

import json
import subprocess
import sys
from collections.abc import Sequence

NONE, SOME, COULD_NOT_ASK = 0, 1, 2

COMMAND = (
    sys.executable, "-m", "pip_audit", "--requirement", "requirements.lock", "--require-hashes",
    "--disable-pip", "--progress-spinner", "off", "--format", "json",
)  # fmt: skip


def main(command: Sequence[str] = COMMAND) -> int:
    """Ask, say what was found, and give the status to end by."""
    try:
        # A command of our own, above.
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=600
        )
        asked = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"could not ask: {type(error).__name__}\n")
        return COULD_NOT_ASK
    skipped = [each["name"] for each in asked if "skip_reason" in each]
    if not asked or skipped:
        sys.stderr.write(f"could not ask about {len(skipped)} of {len(asked)} dependencies\n")
        return COULD_NOT_ASK
    faults = [(each, fault) for each in asked for fault in each["vulns"]]
    for each, fault in faults:
        fixed = ", ".join(fault["fix_versions"]) or "no version yet"
        sys.stdout.write(f"{each['name']} {each['version']}: {fault['id']}, corrected in {fixed}\n")
    sys.stdout.write(f"{len(asked)} dependencies, {len(faults)} known faults\n")
    return SOME if faults else NONE


if __name__ == "__main__":
    sys.exit(main())
