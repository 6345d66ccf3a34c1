"""Prints the tests that the last run of pytest left as failed; exits with 1 when there are none or too many."""

import argparse
import json
import sys
from pathlib import Path

LAST_FAILED = Path(__file__).parents[1] / ".pytest_cache" / "v" / "cache" / "lastfailed"


def main() -> int:
    """Print and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, required=True, help="how many may have failed")
    most = parser.parse_args().most
    failed = sorted(json.loads(LAST_FAILED.read_text(encoding="utf-8"))) if LAST_FAILED.is_file() else []
    print("\n".join(failed))
    return 0 if 1 <= len(failed) <= most else 1


if __name__ == "__main__":
    sys.exit(main())
