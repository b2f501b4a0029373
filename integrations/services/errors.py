"""What the services of this floor refuse, in a sentence for the reader."""

from django.utils.functional import Promise


class ConnectError(Exception):
    """Why a connection cannot be made or ended now.

    `code` is a row of `integrations.oauth.problem_table`; `sentence` is for the reader.
    """

    def __init__(self, code: str, sentence: str | Promise) -> None:
        self.code = code
        self.sentence = str(sentence)
        super().__init__(self.sentence)
