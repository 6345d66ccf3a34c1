"""What a jurisdiction pack may say, and how it is refused."""

from datetime import date

import pytest

from practice.deadlines import calendars, packs
from practice.deadlines import library as libraries
from practice.deadlines.errors import (
    CalendarUnknown,
    ChainUnknown,
    DayOutOfRange,
    PackInvalid,
    PackUnknown,
    RuleUnknown,
    ServiceMethodUnknown,
)
from practice.deadlines.rules import UNCONFIRMED

RULE = """
  - key: appeal
    name: Appeal
    trigger: judgment served
    anchor: served
    offset: {n: 15, unit: days}
    citation: The statute
"""
PACK = f"""
pack: x
name: X
version: "1"
calendars:
  - {{key: x.days, name: Days, citation: The act}}
defaults: {{calendar: x.days}}
rules:{RULE}"""


def written(tmp_path, text: str):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_rule_has_its_citation_and_waits_for_a_lawyer(library):
    wanted = {"neutral", "tw", "cn", "ru", "gr", "en", "eu", "us", "de"}

    assert wanted <= library.packs.keys()
    assert all(pack.status == UNCONFIRMED for pack in library.packs.values())
    assert all(rule.citation and rule.trigger for pack in library.packs.values() for rule in pack.rules)


def test_every_fatal_rule_that_ships_takes_two_persons_and_warns(library):
    fatal = [rule for pack in library.packs.values() for rule in pack.rules if rule.is_fatal]

    assert fatal
    assert all(rule.persons == 2 and rule.warnings for rule in fatal)


def test_every_shipped_rule_gives_a_day(library):
    for key, pack in library.packs.items():
        for rule in library.rules_on(key, date(2026, 9, 1)):
            found = library.compute(rule, date(2026, 9, 1))
            assert found.on is not None, (key, rule.key)
            assert (found.on < date(2026, 9, 1)) == (rule.offset.n < 0), (pack.key, rule.key)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("n: 15", "n: many", "rules[0].offset.n"),
        ("unit: days", "unit: fortnights", "rules[0].offset.unit"),
        ("anchor: served", "anchor: dreamt", "rules[0].anchor"),
        ("    citation: The statute\n", "", "rules[0].citation"),
        ("    citation: The statute\n", "    citation: The statute\n    colour: red\n", "rules[0].colour"),
        ("    citation: The statute\n", "    citation: The statute\n    roll: sideways\n", "rules[0].roll"),
        (
            "    citation: The statute\n",
            "    citation: The statute\n    fatal: true\n    persons: 1\n",
            "rules[0].persons",
        ),
        ("    citation: The statute\n", "    citation: The statute\n    warnings: [7, soon]\n", "rules[0].warnings[1]"),
        (
            "    citation: The statute\n",
            "    citation: The statute\n    valid_from: yesterday\n",
            "rules[0].valid_from",
        ),
        (
            "    citation: The statute\n",
            "    citation: The statute\n    valid_from: 2026-02-01\n    valid_to: 2026-01-01\n",
            "rules[0].valid_to",
        ),
        ("n: 15, unit: days", "n: -15, unit: days", "rules[0].roll"),
        ("name: Days", "name: Days, country: ZZ", "calendars[0].country"),
        ("name: Days", "name: Days, country: GB, subdivision: YORKS", "calendars[0].subdivision"),
        ("name: Days", "name: Days, weekend: [fryday]", "calendars[0].weekend[0]"),
        ("key: appeal", "key: Appeal!", "rules[0].key"),
        ("calendar: x.days", "calendar: y.days", "rules[0].calendar"),
        ('version: "1"', 'version: "1"\nstatus: confirmed', "confirmed_by"),
        ('version: "1"', 'version: "1"\ntime_zone: Mars/Olympus', "time_zone"),
        ("defaults: {calendar: x.days}", "defaults: {calendar: x.days, offset: 3}", "defaults.offset"),
        ("defaults: {calendar: x.days}", "defaults: [x.days]", "defaults"),
        (RULE, RULE + RULE, "rules[1].valid_from"),
        (RULE, RULE + "chains:\n  - {key: c, name: C, links: [{rule: reply}]}\n", "chains[0].links[0].rule"),
        (
            RULE,
            RULE + "chains:\n  - {key: c, name: C, links: [{rule: appeal, after: answer}]}\n",
            "chains[0].links[0].after",
        ),
        (RULE, RULE + "chains:\n  - {key: c, name: C, links: []}\n", "chains[0].links"),
    ],
)
def test_a_pack_that_cannot_be_is_refused_with_file_and_field(tmp_path, old, new, field):
    assert PACK.count(old) == 1
    path = written(tmp_path, PACK.replace(old, new))

    with pytest.raises(PackInvalid) as refusal:
        libraries.read_folder(tmp_path)

    assert (refusal.value.file, refusal.value.field) == (path.name, field)
    assert refusal.value.problem


@pytest.mark.parametrize("text", ["", "- a list", "pack: [", "pack: &x 1\nname: *x"])
def test_what_is_no_pack_at_all_is_refused_by_its_file(tmp_path, text):
    with pytest.raises(PackInvalid) as refusal:
        packs.load(written(tmp_path, text))

    assert refusal.value.file == "x.yaml"


def test_a_pack_confirmed_by_a_lawyer_says_so(tmp_path):
    said = PACK.replace('version: "1"', 'version: "1"\nstatus: confirmed\nconfirmed_by: A. Advocate')

    pack = packs.load(written(tmp_path, said))

    assert (pack.is_confirmed, pack.confirmed_by) == (True, "A. Advocate")


def test_two_packs_of_one_key_are_refused(tmp_path):
    (tmp_path / "a.yaml").write_text(PACK)
    (tmp_path / "b.yaml").write_text(PACK)

    with pytest.raises(PackInvalid) as refusal:
        libraries.read_folder(tmp_path)

    assert (refusal.value.file, refusal.value.field) == ("b.yaml", "pack")


def test_what_is_not_there_is_refused_by_name(library):
    appeal = library.rule("cn", "appeal_judgment", on=date(2026, 9, 1))

    with pytest.raises(PackUnknown):
        library.pack("atlantis")
    with pytest.raises(RuleUnknown):
        library.rule("cn", "appeal_to_the_moon", on=date(2026, 9, 1))
    with pytest.raises(ChainUnknown):
        library.chain("cn", "daisy")
    with pytest.raises(CalendarUnknown):
        library.calendar("julian")
    with pytest.raises(ServiceMethodUnknown):
        library.compute(appeal, date(2026, 9, 1), service_method="pigeon")


@pytest.mark.parametrize("anchor", [date(1, 1, 1), date(1899, 12, 31), date(2201, 1, 1), date.max])
def test_a_day_that_cannot_be_calculated_with_is_refused(library, anchor):
    appeal = library.rule("cn", "appeal_judgment", on=anchor)

    with pytest.raises(DayOutOfRange) as refusal:
        library.compute(appeal, anchor)

    assert refusal.value.field == "anchor_on"


def test_a_period_that_leads_out_of_what_is_known_is_refused(library):
    limitation = library.rule("tw", "limitation", on=date(2199, 1, 1))

    with pytest.raises(DayOutOfRange):
        library.compute(limitation, date(2199, 1, 1))


@pytest.mark.parametrize("language", ["C", "zh_TW"])
def test_why_nobody_works_is_kept_in_english_whatever_the_machine_speaks(library, monkeypatch, language):
    monkeypatch.setenv("LANGUAGE", language)
    calendars._public.cache_clear()

    assert library.calendar("cn.courts").why_closed(date(2026, 10, 1)) == "National Day"
