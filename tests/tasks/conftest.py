"""The same small firm as in the tests of the practice."""

from tests.practice.firm import case_type, enquiry, firm, matter, register, wall

__all__ = ["case_type", "enquiry", "firm", "matter", "register", "wall"]
