"""Chains: several deadlines from one anchor, some hanging on others, forward and backward."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from practice.deadlines.library import Library
from practice.deadlines.periods import Computation, Stay
from practice.deadlines.rules import Chain, Pack, Rule


@dataclass(frozen=True, slots=True)
class Planned:
    """One deadline of a chain, calculated."""

    rule: Rule
    #: Rule of the link it hangs on; None: on the chain's own anchor.
    after: str | None
    #: None when the link before it has no day yet.
    anchor_on: date | None
    computation: Computation | None

    @property
    def on(self) -> date | None:
        """Return its day, when there is one."""
        return self.computation.on if self.computation else None


def plan(
    library: Library,
    pack: Pack,
    chain: Chain,
    anchor: date,
    *,
    service_method: str | None = None,
    stays: Sequence[Stay] = (),
) -> list[Planned]:
    """Calculate every deadline of a chain; the way of service counts for the links that know it.

    Raises:
        RuleUnknown: a rule is not in force on the anchor's day.
    """
    planned: dict[str, Planned] = {}
    for link in chain.links:
        before = planned.get(link.after)
        anchor_on = before.on if before else anchor
        rule = library.rule(pack.key, link.rule, on=anchor_on or anchor)
        computation = None
        if anchor_on is not None:
            method = service_method if service_method and rule.service_method(service_method) else None
            computation = library.compute(rule, anchor_on, service_method=method, stays=stays)
        planned[link.rule] = Planned(rule, link.after if before else None, anchor_on, computation)
    return list(planned.values())
