"""Settings come from the environment, and a bad one is named."""

import json
import logging
import os
import stat
import sysconfig
from datetime import timedelta

import pytest

from config import logging as config_logging
from config import rights, settings
from config.reading import ROOT, SettingError


@pytest.fixture
def read(tmp_path):
    def from_variables(**variables):
        given = {"MATTERFLOW_DATA_DIR": str(tmp_path / "data")}
        return settings.from_environment(given | {f"MATTERFLOW_{name}": value for name, value in variables.items()})

    return from_variables


def test_nothing_set_is_a_working_installation_on_sqlite(read, tmp_path):
    found = read()

    assert found.database_url == f"sqlite:///{tmp_path / 'data' / 'matterflow.db'}"
    assert found.database_file == tmp_path / "data" / "matterflow.db"
    assert (found.host, found.port, found.demo) == ("127.0.0.1", 8000, False)
    assert not (tmp_path / "data").exists()


def test_every_variable_is_explained():
    for setting in settings.SETTINGS:
        assert setting.says.endswith("."), setting.name
        assert setting.name == setting.name.upper()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "٨٠"),
        ("WORKERS", "0"),
        ("MAX_UPLOAD", "1"),
        ("DEMO", "maybe"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("CLOCK_OFFSET", "two weeks"),
        ("CLOCK_OFFSET", "P"),
        ("CLOCK_OFFSET", "P99999999999999Y"),
        ("SECRET_KEY", "short"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../etc/passwd"),
        ("DATABASE_URL", "mysql://u@h/d"),
        ("DATABASE_URL", "matterflow.db"),
        ("PROCESSES_DIR", "/no/such/folder"),
        ("DATA_DIR", sysconfig.get_path("purelib") + "/data"),
        ("DATA_DIR", __file__),
    ],
)
def test_a_bad_value_is_refused_in_one_sentence_that_names_the_variable(read, name, value):
    with pytest.raises(SettingError) as refusal:
        read(**{name: value})

    sentence = str(refusal.value)
    assert sentence.startswith(f"MATTERFLOW_{name} must be ")
    assert sentence.count("\n") == 0
    assert sentence.endswith(".")


def test_a_bad_database_address_is_not_repeated_because_it_may_hold_a_password(read):
    with pytest.raises(SettingError) as refusal:
        read(DATABASE_URL="mysql://u:swordfish@h/d")

    assert "swordfish" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "offset"),
    [("P14DT1S", timedelta(days=14, seconds=1)), ("-PT2H", -timedelta(hours=2)), ("P2W", timedelta(weeks=2))],
)
def test_the_clock_is_moved_by_a_duration(read, text, offset):
    assert read(CLOCK_OFFSET=text).clock_offset == offset


def test_a_month_is_as_long_as_it_is(read):
    assert 28 <= read(CLOCK_OFFSET="P1M").clock_offset.days <= 31


def test_empty_is_not_set_and_words_are_taken_in_any_case(read):
    found = read(PORT="", DEMO="YES", LOG_LEVEL="debug")

    assert (found.port, found.demo, found.log_level) == (8000, True, "DEBUG")


def test_variables_that_nothing_reads_are_named():
    environ = {"MATTERFLOW_PROT": "1", "MATTERFLOW_PORT": "1", "OTHER": "1"}

    assert settings.unknown_variables(environ) == ["MATTERFLOW_PROT"]


def test_the_secret_key_is_made_once_and_readable_by_its_owner_only(read, tmp_path):
    key = read().secret_key()

    kept = tmp_path / "data" / "secret_key"
    assert len(key) >= 32
    assert read().secret_key() == key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]
    assert read(SECRET_KEY="k" * 32).secret_key() == "k" * 32


def test_secrets_are_not_in_the_settings_text(read):
    text = repr(read(SECRET_KEY="k" * 40, METRICS_TOKEN="sesame"))

    assert "k" * 40 not in text
    assert "sesame" not in text


def test_data_goes_to_the_checkout_or_where_a_data_folder_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert settings.from_environment({}).data_dir != tmp_path / "data"
    (tmp_path / "data").mkdir()
    assert settings.from_environment({}).data_dir == tmp_path / "data"
    monkeypatch.chdir(ROOT)
    if (ROOT / "pyproject.toml").is_file():
        assert settings.from_environment({}).data_dir == ROOT / "data"


# Rights -------------------------------------------------------------------------------------------


def test_a_person_has_the_rights_of_all_their_groups():
    said = rights.load()

    assert said.of({"designers", "partners"}) == said.groups["designers"] | said.groups["partners"]
    assert said.of({"no_such_group"}) == frozenset()
    assert said.of(()) == frozenset()


def test_every_group_of_the_practice_is_in_the_rights_file_and_nobody_else():
    from practice.people.groups import GROUPS

    assert set(rights.load().groups) == set(GROUPS)


def test_no_group_holds_every_right_unseen():
    assert all("*" not in held for held in rights.load().groups.values())


def test_a_right_that_is_not_explained_is_refused(tmp_path):
    file = tmp_path / "rights.yaml"
    file.write_text("rights: {a: Do a}\ngroups: {x: [b]}\n")

    with pytest.raises(rights.RightsError, match="x"):
        rights.load(file)


# Logging ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer swordfish",
        "bearer swordfish",
        "{'password': 'swordfish'}",
        "password=swordfish&x=1",
        "postgresql://u:swordfish@host/db",
        "Cookie: session=swordfish; theme=dark",
        "mf_swordfish",
        '"secret_key": "swordfish"',
    ],
)
def test_secrets_do_not_reach_the_log(line):
    assert "swordfish" not in config_logging.without_secrets(line)


def test_addresses_and_words_stay_as_they_are():
    for line in ("Serving on http://127.0.0.1:8000", "GET /user-tasks 200", "a session began"):
        assert config_logging.without_secrets(line) == line


def test_json_lines_hold_the_request_and_the_extra_facts():
    record = logging.makeLogRecord(
        {"name": "x", "levelname": "INFO", "msg": "did %s", "args": ("it",), "matter": "2026-CV-1"}
    )
    token = config_logging.request_id.set("r-1")
    try:
        told = json.loads(config_logging.JsonFormatter().format(record))
    finally:
        config_logging.request_id.reset(token)

    assert (told["message"], told["request_id"], told["matter"], told["level"]) == (
        "did it",
        "r-1",
        "2026-CV-1",
        "INFO",
    )
    assert os.linesep not in config_logging.JsonFormatter().format(record)
