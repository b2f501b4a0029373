"""The errors that a person reads: each is a sentence."""


class TestRunError(Exception):
    """What was asked for cannot be done; `sentence` says why and what to do instead."""

    __test__ = False

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BatchError(TestRunError):
    """The same for a batch."""
