"""What must stay true of the repository itself."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted([*ROOT.glob("*.lock"), *ROOT.glob("benchmarks/*.lock")])
PACKAGES = [ROOT / "webui" / "frontend", ROOT / "scripts" / "chromium"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_versions_and_hashes_and_no_address(lock):
    lines = [line for line in lock.read_text().splitlines() if not line.lstrip().startswith("#")]

    assert all(
        re.fullmatch(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ;.*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", x)
        for x in lines
    )


def test_the_development_lock_agrees_with_the_others():
    pinned = {
        lock.name: dict(re.findall(r"^([a-z0-9._-]+)==(\S+)(?: \\)$", lock.read_text(), re.MULTILINE)) for lock in LOCKS
    }

    for name in ("requirements.lock", "requirements-build.lock"):
        assert pinned[name].items() <= pinned["requirements-dev.lock"].items()


def test_the_product_depends_on_nothing_its_peers_bring():
    product = (ROOT / "requirements-dev.lock").read_text()

    assert not re.search(r"^(django|django-viewflow|viewflow)==", product, re.MULTILINE)


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda path: path.name)
def test_npm_runs_no_scripts_and_its_lock_names_no_registry(folder):
    settings = (folder / ".npmrc").read_text().splitlines()
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]

    assert {"ignore-scripts=true", "save-exact=true", "omit-lockfile-registry-resolved=true"} <= set(settings)
    assert not [name for name, package in packages.items() if "://" in package.get("resolved", "")]


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda path: path.name)
def test_the_front_end_names_exact_versions(folder):
    package = json.loads((folder / "package.json").read_text())
    versions = package.get("dependencies", {}) | package.get("devDependencies", {})

    assert not [f"{name} {version}" for name, version in versions.items() if version.startswith(("^", "~", ">", "*"))]


def test_the_settings_page_is_up_to_date():
    check = subprocess.run(
        [sys.executable, ROOT / "scripts" / "settings_page.py", "--check"], capture_output=True, text=True, check=False
    )

    assert check.returncode == 0, check.stderr


def test_every_link_between_pages_of_the_handbook_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]

    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []
