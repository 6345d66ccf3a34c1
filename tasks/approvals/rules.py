"""The property ``authority``: who completes such a task with an approval needs authority for what is approved.

``authority`` names the kind of thing, ``authorityAmount`` and ``authorityCurrency`` the variables that hold the sum and
its currency (``amount`` and ``currency`` when they say nothing). With the property ``approve`` only the answers that
it names need authority: whoever sends something back needs none.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy.orm import Session

from engine import clock, work_rules
from engine.bpmn.extensions import split_list
from practice import money
from practice.authority import queries as authority
from practice.authority.errors import AuthorityExceeded
from practice.errors import VariableMissing
from tasks.absences.rules import lends_authority

APPROVE: Final = "approve"


def approving_answers(properties: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the answers that approve a task: ``decision=accept,checked=true``; None when it has no such property."""
    said = properties.get(APPROVE)
    if said is None:
        return None
    pairs = (pair.partition("=") for pair in split_list(str(said)))
    return {name.strip(): _value(value.strip()) for name, _, value in pairs if name.strip()}


def is_approval(properties: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Say whether answers approve: those that the model names, or any when it names none."""
    wanted = approving_answers(properties)
    return wanted is None or all(answers.get(name) == value for name, value in wanted.items())


@work_rules.rule("authority")
def within_authority(session: Session, attempt: work_rules.Attempt) -> None:
    """Refuse an approval beyond what the person, or who lets them stand in, may approve.

    Raises:
        AuthorityExceeded, VariableMissing, AmountInvalid, CurrencyUnknown.
    """
    work, answers = attempt.work, attempt.answers
    if answers is None or not is_approval(work.properties, answers):
        return
    kind = str(work.properties["authority"])
    amount, currency = _sum(work.properties, {**attempt.data, **answers})
    covers = partial(
        authority.covers,
        session,
        kind=kind,
        amount_minor=amount,
        currency=currency,
        business_key=work.business_key,
        today=attempt.now.astimezone(clock.zone()).date(),
    )
    if covers(attempt.person, groups=attempt.by.groups):
        return
    absent = attempt.on_behalf_of
    if absent is not None and lends_authority(session, work, absent=absent, to=attempt.person) and covers(absent):
        return
    told = None if amount is None or currency is None else str(money.from_minor(amount, currency))
    raise AuthorityExceeded(kind, attempt.person, told, currency)


def _sum(properties: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[int | None, str | None]:
    amount_name = str(properties.get("authorityAmount") or "amount")
    currency_name = str(properties.get("authorityCurrency") or "currency")
    said = data.get(amount_name)
    if said in (None, ""):
        return None, None
    if data.get(currency_name) in (None, ""):
        raise VariableMissing(currency_name)
    currency = money.currency(data[currency_name], field=currency_name)
    return money.to_minor(said, currency, field=amount_name), currency


def _value(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)
