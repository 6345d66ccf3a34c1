"""Which files a page loads: Vite's names change with their content, its manifest says what they are now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for
from markupsafe import Markup
from werkzeug.security import safe_join

from webui.languages import speech

DIST = "dist"
#: Every page is set in it. Browsers wait a moment for a font that was asked for here, and never set the page twice.
TEXT_FONT = "node_modules/@fontsource-variable/public-sans/files/public-sans-latin-wght-normal.woff2"
_OTHER_LETTERS = "node_modules/@fontsource-variable/commissioner/files/commissioner-{}-wght-normal.woff2"
#: What a page of a language is set in besides.
OTHER_TEXT_FONTS = {"el": _OTHER_LETTERS.format("greek"), "ru": _OTHER_LETTERS.format("cyrillic")}
_SHEET = Markup('<link rel="preload" as="style" href="{}" crossorigin>')
_SCRIPT = Markup('<link rel="modulepreload" href="{}">')
_FONT = Markup('<link rel="preload" as="font" type="font/woff2" href="{}" crossorigin>')


class FrontEndMissing(RuntimeError):
    """The front end is not built: run `make front`."""


class Manifest:
    """Vite's manifest; read again when it changes, so that a developer need not restart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_at = 0.0
        self._chunks: dict[str, Any] = {}

    def chunks(self) -> dict[str, Any]:
        """Return the chunks by source name.

        Raises:
            FrontEndMissing: nothing was built.
        """
        try:
            changed_at = self.path.stat().st_mtime
            if changed_at != self._read_at:
                self._chunks = json.loads(self.path.read_text(encoding="utf-8"))
                self._read_at = changed_at
        except (FileNotFoundError, ValueError):
            # A build is under way: until it ends, the pages are what they were.
            if not self._chunks:
                raise FrontEndMissing(FrontEndMissing.__doc__) from None
        return self._chunks

    def files(self, entry: str) -> tuple[list[str], list[str]]:
        """Return the style sheets and scripts of an entry, in the order they are needed; the last script starts it."""
        chunks, styles, scripts = self.chunks(), list[str](), list[str]()

        def visit(name: str) -> None:
            chunk = chunks[name]
            for imported in chunk.get("imports", ()):
                visit(imported)
            styles.extend(file for file in chunk.get("css", ()) if file not in styles)
            if chunk["file"] not in scripts:
                scripts.append(chunk["file"])

        visit(entry)
        return styles, scripts


def compressed(app: Flask, filename: str) -> Response | None:
    """Return a script or style sheet as the build has compressed it, when the browser takes it so."""
    if not filename.startswith(f"{DIST}/assets/") or not filename.endswith((".js", ".css")):
        return None
    for coding, ending in (("br", "br"), ("gzip", "gz")):
        if request.accept_encodings[coding] <= 0:
            continue
        path = safe_join(str(Path(app.root_path) / "static"), f"{filename}.{ending}")
        if path is None or not Path(path).is_file():
            continue
        mimetype = "text/css" if filename.endswith(".css") else "text/javascript"
        response = Response(Path(path).read_bytes(), mimetype=mimetype)
        response.headers.update({"Content-Encoding": coding, "Vary": "Accept-Encoding"})
        return response
    return None


def init_app(app: Flask) -> None:
    """Offer templates ``assets(entry)``, the page's tags, and ``preload(island, parts)``, of an island to be needed."""
    manifest = Manifest(Path(app.root_path) / "static" / DIST / "manifest.json")

    def address(file: str) -> str:
        return url_for("static", filename=f"{DIST}/{file}")

    def assets(entry: str = "app") -> Markup:
        styles, scripts = manifest.files(f"src/{entry}.js")
        tags = [Markup('<link rel="stylesheet" href="{}">').format(address(file)) for file in styles]
        tags += [Markup('<link rel="modulepreload" href="{}">').format(address(file)) for file in scripts[:-1]]
        tags += [Markup('<script type="module" src="{}"></script>').format(address(file)) for file in scripts[-1:]]
        fonts = [TEXT_FONT, OTHER_TEXT_FONTS.get(speech.locale().language)]
        tags += [_FONT.format(address(manifest.chunks()[font]["file"])) for font in fonts if font]
        return Markup("\n").join(tags)

    def preload(island: str, parts: Iterable[str] = ()) -> Markup:
        seen = {file for files in manifest.files("src/app.js") for file in files}
        tags = list[Markup]()
        for name in (island, *(f"parts/{part}.real" for part in parts)):
            for files, tag in zip(manifest.files(f"src/islands/{name}.js"), (_SHEET, _SCRIPT), strict=True):
                tags += [tag.format(address(file)) for file in files if file not in seen]
                seen.update(files)
        return Markup("\n").join(tags)

    app.add_template_global(assets, "assets")
    app.add_template_global(preload, "preload")
