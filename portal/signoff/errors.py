"""The error that a person reads: a sentence."""


class SignOffError(Exception):
    """It cannot be frozen, signed or released; `sentence` says why and what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
