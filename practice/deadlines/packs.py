"""Reading a jurisdiction pack: YAML in, rules out, and a refusal that names file and field for all that cannot be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.yaml_text import YamlRefused, read
from practice.deadlines.calendars import WEEKDAYS, CalendarRule, Recess, Special, is_known_place
from practice.deadlines.errors import PackInvalid
from practice.deadlines.reader import Reader
from practice.deadlines.rules import (
    ANCHORS,
    MONTH_ENDS,
    ROLLS,
    STARTS,
    STATUSES,
    STAYS,
    UNCONFIRMED,
    UNITS,
    Chain,
    Link,
    Offset,
    Pack,
    PreDeadline,
    Rule,
    ServiceMethod,
)

#: Longest period: 200 years of days.
MOST_UNITS = 73_000
MOST_DAYS_OF_WARNING = 3660
#: What ``defaults`` may say for all rules of a pack.
_DEFAULTS = frozenset(
    {
        "calendar",
        "citation",
        "start",
        "clear",
        "working_days_up_to",
        "month_end",
        "roll",
        "least_working_days",
        "stays",
        "honours_recess",
        "warnings",
        "fatal",
        "persons",
        "service_methods",
        "pre_deadlines",
    }
)


def load(path: Path) -> Pack:
    """Read one file.

    Raises:
        PackInvalid: it is no YAML, or says what cannot be; names file and field.
    """
    try:
        said = read(path.read_bytes())
    except YamlRefused as refused:
        raise PackInvalid(path.name, "(the whole file)", str(refused)) from refused
    return parse(said, file=path.name)


def parse(said: object, *, file: str) -> Pack:
    """Make a pack of what a file says; rules are checked against its own calendars by the library."""
    top = Reader(said, file=file)
    status = top.one_of("status", STATUSES, UNCONFIRMED)
    confirmed_by = top.text("confirmed_by")
    if (status == "confirmed") != (confirmed_by is not None):
        raise top.refuse("confirmed_by", "a confirmed pack names the lawyer who confirmed it, and no other does")
    defaults = top.sub("defaults")
    usual: Mapping[str, Any] = {}
    if defaults is not None:
        usual = {field: defaults.whole(field) for field in _DEFAULTS}
        defaults.end()
    pack = Pack(
        key=top.key("pack"),
        name=top.words("name"),
        version=top.words("version"),
        status=status,
        confirmed_by=confirmed_by,
        time_zone=top.take("time_zone", lambda zone: ZoneInfo(zone).key, "a time zone like Europe/Athens"),
        note=top.text("note"),
        calendars={rule.key: rule for rule in map(_calendar, top.mappings("calendars"))},
        rules=tuple(_rule(item.with_defaults(usual)) for item in top.mappings("rules")),
        chains=tuple(_chain(item) for item in top.mappings("chains")),
    )
    top.end()
    _check_versions(top, pack)
    _check_chains(top, pack)
    return pack


def _calendar(said: Reader) -> CalendarRule:
    country, subdivision = said.text("country"), said.text("subdivision")
    if country is not None and not is_known_place(country, None):
        raise said.refuse("country", f"the calendar of holidays knows no country {country!r}")
    if country is None and subdivision is not None:
        raise said.refuse("subdivision", "there is no country that it is a part of")
    if country is not None and subdivision is not None and not is_known_place(country, subdivision):
        raise said.refuse("subdivision", f"the calendar of holidays knows no {subdivision!r} in {country}")
    weekend = [said_day.lower() for said_day in said.texts("weekend")] or ["saturday", "sunday"]
    for at, name in enumerate(weekend):
        if name not in WEEKDAYS:
            raise said.refuse(f"weekend[{at}]", f"one of {', '.join(WEEKDAYS)} is wanted, not {name!r}")
    rule = CalendarRule(
        key=said.key(),
        name=said.words("name"),
        country=country,
        subdivision=subdivision,
        weekend=frozenset(WEEKDAYS.index(name) for name in weekend),
        recesses=tuple(_recess(item) for item in said.mappings("recesses")),
        specials=tuple(_special(item) for item in said.mappings("days")),
        announced_through=said.take("announced_through", lambda year: int(year) or None, "a year"),
        citation=said.words("citation"),
    )
    said.end()
    return rule


def _recess(said: Reader) -> Recess:
    recess = Recess(
        name=said.words("name"),
        first=said.month_day("first"),
        last=said.month_day("last"),
        effect=said.one_of("effect", ("suspends", "closes")),
    )
    said.end()
    return recess


def _special(said: Reader) -> Special:
    special = Special(said.needed("on", said.day("on")), said.flag("works"), said.words("name"))
    said.end()
    return special


def _rule(said: Reader) -> Rule:
    rule = Rule(
        key=said.key(),
        name=said.words("name"),
        trigger=said.words("trigger"),
        anchor=said.one_of("anchor", ANCHORS),
        offset=_offset(said, "offset"),
        calendar=said.key("calendar"),
        citation=said.words("citation"),
        start=said.one_of("start", STARTS, "excluded"),
        clear=said.flag("clear"),
        working_days_up_to=said.number("working_days_up_to", least=0, most=60, default=0),
        month_end=said.one_of("month_end", MONTH_ENDS, "last_day"),
        roll=said.one_of("roll", ROLLS, "next"),
        least_working_days=said.number("least_working_days", least=0, most=30, default=0),
        service_methods=tuple(_service_method(item) for item in said.mappings("service_methods")),
        stays=said.one_of("stays", STAYS, "ignore"),
        honours_recess=said.flag("honours_recess"),
        pre_deadlines=tuple(_pre_deadline(item) for item in said.mappings("pre_deadlines")),
        warnings=tuple(sorted(set(said.numbers("warnings", least=0, most=MOST_DAYS_OF_WARNING)), reverse=True)),
        is_fatal=said.flag("fatal"),
        persons=said.number("persons", least=1, most=2, default=2 if said.whole("fatal") is True else 1),
        possible=said.text("possible"),
        note=said.text("note"),
        valid_from=said.day("valid_from"),
        valid_to=said.day("valid_to"),
    )
    said.end()
    if rule.is_fatal and rule.persons != 2:  # noqa: PLR2004 - two persons
        raise said.refuse("persons", "a fatal deadline takes two persons")
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        raise said.refuse("valid_to", "it is before valid_from")
    _check_unique(said, "service_methods", [method.key for method in rule.service_methods])
    _check_unique(said, "pre_deadlines", [before.key for before in rule.pre_deadlines])
    if rule.offset.n < 0 and rule.roll == "next":
        raise said.refuse("roll", "a period counted backward that rolls to the next day would end too late")
    return rule


def _offset(said: Reader, field: str) -> Offset:
    inner = said.needed(field, said.sub(field))
    offset = Offset(inner.number("n", least=-MOST_UNITS, most=MOST_UNITS), inner.one_of("unit", UNITS))
    inner.end()
    return offset


def _service_method(said: Reader) -> ServiceMethod:
    method = ServiceMethod(
        key=said.key(),
        name=said.words("name"),
        offset=_offset(said, "offset"),
        at=said.one_of("at", ("start", "end"), "start"),
        roll=said.one_of("roll", ("none", "next"), "none"),
        citation=said.words("citation"),
    )
    said.end()
    return method


def _pre_deadline(said: Reader) -> PreDeadline:
    before = PreDeadline(said.key(), said.words("name"), _offset(said, "before"))
    said.end()
    if before.offset.n < 1:
        raise said.refuse("before.n", "a pre-deadline is at least 1 before the deadline")
    return before


def _chain(said: Reader) -> Chain:
    links: list[Link] = []
    for item in said.mappings("links"):
        links.append(Link(item.key("rule"), item.text("after") or "anchor"))
        item.end()
    chain = Chain(said.key(), said.words("name"), tuple(links))
    said.end()
    if not links:
        raise said.refuse("links", "a chain has at least one link")
    return chain


def _check_unique(said: Reader, field: str, keys: list[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise said.refuse(field, f"the key {twice[0]!r} is there twice")


def _check_versions(top: Reader, pack: Pack) -> None:
    """A rule may be there several times, each for its own time."""
    for at, rule in enumerate(pack.rules):
        for other in pack.rules[:at]:
            if other.key == rule.key and _overlap(other, rule):
                raise top.refuse(f"rules[{at}].valid_from", f"two rules {rule.key!r} are in force at the same time")


def _overlap(one: Rule, other: Rule) -> bool:
    starts = [rule.valid_from for rule in (one, other) if rule.valid_from]
    ends = [rule.valid_to for rule in (one, other) if rule.valid_to]
    return not starts or not ends or max(starts) <= min(ends)


def _check_chains(top: Reader, pack: Pack) -> None:
    known = {rule.key for rule in pack.rules}
    _check_unique(top, "chains", [chain.key for chain in pack.chains])
    for at, chain in enumerate(pack.chains):
        seen = {"anchor"}
        for place, link in enumerate(chain.links):
            field = f"chains[{at}].links[{place}]"
            if link.rule not in known:
                raise top.refuse(f"{field}.rule", f"this pack has no rule {link.rule!r}")
            if link.rule in seen:
                raise top.refuse(f"{field}.rule", f"{link.rule!r} is in the chain already")
            if link.after not in seen:
                raise top.refuse(f"{field}.after", f"no link before this one is called {link.after!r}")
            seen.add(link.rule)
