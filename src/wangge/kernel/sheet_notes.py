"""Notes on what was mended while a table was read."""

from wangge.kernel.refusals import Problem

MOST_COLUMNS = 500
_MOST_NOTES = 200


def column_letter(index: int) -> str:
    """A, B, … Z, AA: the spreadsheet's name of a column; 0 is A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class Notes:
    """What was mended, up to a limit: a broken column must not fill the memory."""

    def __init__(self) -> None:
        self.list: list[Problem] = []

    def add(self, row: int, column: int, words: str, **values: object) -> None:
        if len(self.list) < _MOST_NOTES:
            letter = column_letter(column)
            said = {"row": row, "column": letter, **values}
            self.list.append(Problem(letter, words, row, said))
        elif len(self.list) == _MOST_NOTES:
            self.list.append(Problem("", "还有更多类似情况,没有一一列出", row, {}))
