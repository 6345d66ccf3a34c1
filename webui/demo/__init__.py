"""The demo firm: people for every role and a year of their work, made by the real services on a past clock."""

from typing import Final

#: Everybody's in the demo firm, and printed wherever somebody could want it.
PASSWORD: Final = "matterflow-demo"  # noqa: S105 - it is meant to be known
#: Which firm is made when nobody asks for another.
SEED: Final = 20260901
