"""A small firm for the tests of the practice and of the work in front of people."""

from tests.practice.firm import case_type, enquiry, firm, matter, register

__all__ = ["case_type", "enquiry", "firm", "matter", "register"]
