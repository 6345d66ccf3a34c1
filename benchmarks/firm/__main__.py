"""``python -m benchmarks.firm``: fill the empty database of the MATTERFLOW_* variables with a generated firm."""

import argparse
import sys
import time

from benchmarks.firm.generation import Firm
from benchmarks.firm.plan import Plan


def main() -> None:
    """Generate."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.firm", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the whole size: 0.01 is a small firm (1)")
    options = parser.parse_args()

    from config import settings as config_settings  # noqa: PLC0415 - after the arguments are known to be right
    from engine import database  # noqa: PLC0415
    from webui import installation, trail  # noqa: PLC0415

    settings = config_settings.from_environment()
    trail.init(settings)
    engine = database.create_engine(settings.database_url)
    if not installation.prepare(engine, settings):
        sys.exit("The database is not empty; a firm is generated into an empty one only.")
    began = time.monotonic()
    firm = Firm(engine, Plan().scaled(options.share) if options.share != 1 else Plan(), _progress)
    firm.generate()
    print(
        f"\r\x1b[K{', '.join(f'{stage} {seconds:.0f} s' for stage, seconds in firm.seconds.items())}", file=sys.stderr
    )
    print(f"The firm is there after {time.monotonic() - began:.0f} s.")
    engine.dispose()


def _progress(what: str, count: int) -> None:
    print(f"\r\x1b[K{what}{f' {count:,}' if count else ' ...'}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
