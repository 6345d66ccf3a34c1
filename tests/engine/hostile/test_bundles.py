"""Bundles made to hurt: every one is refused with a finding that names what is wrong, or accepted and quickly so."""

import io
import stat
import zipfile

import pytest

from engine import bundles, deployments
from engine.errors import BundleUnreadable, MatterflowError
from engine.scenarios import loading
from tests.engine.hostile.bundles import Attack, attacks, sound

SLOW = {"chain of 5,000", "fan of 5,000", "200 slow expressions", "many elements"}


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(attack, id=attack.name, marks=[pytest.mark.slow] if attack.name in SLOW else [])
        for attack in attacks()
    ],
)
def test_a_hostile_bundle_is_refused_by_name_or_harmless(attack: Attack):
    errors = [finding for finding in deployments.check(attack.files()) if finding.severity == "error"]

    if not attack.rules:
        assert [finding.message for finding in errors] == []
        return
    named = [finding for finding in errors if finding.rule in attack.rules]
    assert named, [finding.rule for finding in errors]
    said = " ".join(f"{finding.element_id} {finding.resource} {finding.message}" for finding in named)
    assert attack.names is None or attack.names in said
    assert all(len(finding.message) < 2_000 for finding in errors)


def zipped(*entries: tuple[str, bytes], **options) -> bytes:
    """A zip with these entries."""
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return text.getvalue()


def link(target: str) -> bytes:
    """A zip with a symbolic link."""
    entry = zipfile.ZipInfo("proc.bpmn")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr(entry, target)
    return text.getvalue()


def lying(content: bytes, claimed: int) -> bytes:
    """A zip whose entry unpacks to more than it says."""
    whole = bytearray(zipped(("proc.bpmn", content)))
    directory = whole.rindex(b"PK\x01\x02")
    whole[directory + 24 : directory + 28] = claimed.to_bytes(4, "little")
    return bytes(whole)


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (lambda: zipped(("proc.bpmn", b" " * 200_000_000)), "unpacks to more than"),
        (lambda: zipped(*((f"{number}.md", b"") for number in range(600))), "more than 500 files"),
        (lambda: lying(b" " * 50_000_000, 1_000), "zip"),
        (lambda: zipped(("../../etc/passwd.bpmn", sound())), "leaves the bundle"),
        (lambda: zipped(("/etc/passwd.bpmn", sound())), "leaves the bundle"),
        (lambda: zipped(("a\\..\\..\\b.bpmn", sound())), "leaves the bundle"),
        (lambda: zipped(("C:\\b.bpmn", sound())), "leaves the bundle"),
        (lambda: link("/etc/passwd"), "is a link"),
        (lambda: zipped(("a" * 1_000 + ".bpmn", sound())), "too long"),
        (lambda: zipped(("a\nb.bpmn", sound())), "characters that names have not"),
        (lambda: b"PK\x03\x04" + b"\x00" * 100, "no readable zip"),
        (lambda: zipped(("proc.bpmn", sound()))[:-30], "no readable zip"),
    ],
    ids=["bomb", "many files", "lie", "path up", "absolute", "backslashes", "drive", "link", "long name", "newline",
         "no zip", "cut off"],
)  # fmt: skip
def test_a_hostile_zip_is_refused_and_says_why(archive, reason):
    with pytest.raises(BundleUnreadable) as refusal:
        bundles.from_uploads([("bundle.zip", archive())])

    assert reason in str(refusal.value)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused():
    with pytest.raises(BundleUnreadable, match="there twice"):
        bundles.from_uploads([("b.zip", zipped(("proc.bpmn", sound()), ("proc.bpmn", b"<a/>")))])


def test_a_zip_in_a_zip_is_not_opened():
    inner = zipped(("proc.bpmn", sound()))

    assert bundles.from_uploads([("b.zip", zipped(("inner.zip", inner)))]) == {"inner.zip": inner}


def test_a_link_in_a_folder_is_not_followed(tmp_path):
    (tmp_path / "proc.bpmn").write_bytes(sound())
    (tmp_path / "passwd.md").symlink_to("/etc/passwd")

    assert list(bundles.read(tmp_path)) == ["proc.bpmn"]


@pytest.mark.parametrize(
    "name", ["scenario laughs", "yaml laughs", "yaml deep", "yaml deep map", "yaml object", "yaml ring", "yaml large"]
)
def test_a_hostile_scenario_is_refused_by_file(name):
    files = next(attack for attack in attacks() if attack.name == name).files()
    text = files.get("process.yaml") or files["scenarios/bomb.yaml"]

    with pytest.raises(MatterflowError) as refusal:
        loading.load({"scenarios/bomb.yaml": text}, "proc")

    assert "scenarios/bomb.yaml" in str(refusal.value)
