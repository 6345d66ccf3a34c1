"""What works without a connection: the browser's own worker, and the page it shows where it has no copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, render_template
from werkzeug.wrappers import Response

from webui.pages.assets import DIST, Manifest

bp = Blueprint("offline", __name__)


@bp.get("/sw.js")
def worker() -> Response:
    """Answer the service worker; it stands at the top, for it serves every page below."""
    folder = Path(current_app.root_path) / "static" / DIST
    file = Manifest(folder / "manifest.json").chunks()["src/sw.js"]["file"]
    response = Response((folder / file).read_bytes(), mimetype="text/javascript")
    # The browser asks again each time, and changes over when it is another.
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
def offline() -> Any:
    """Say that there is no connection, and what can be read without one; names nobody."""
    return render_template("live/offline.html")
