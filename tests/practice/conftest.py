"""A small firm for the tests of the practice and of the work in front of people."""

import pytest

from practice.contacts import sealing
from tests.practice.firm import case_type, enquiry, firm, matter, register, wall

__all__ = ["case_type", "enquiry", "firm", "matter", "register", "wall"]


@pytest.fixture(autouse=True)
def _a_key_for_contact_points():
    """Seal under a key of the tests, whatever application was made before."""
    sealing.use(lambda: "a key of the tests that seals nothing but tests")
