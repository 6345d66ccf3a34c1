"""What the command line and the server refuse by themselves."""


class Refusal(Exception):
    """Something is refused; the text is the one sentence that says what and why."""
