"""What a verb raises when it may not or cannot: a sentence fit for the person who asked."""


class Refused(Exception):
    """Nothing was changed; `sentence` says why and what to do, `status` is the HTTP status that fits."""

    status = 422

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
