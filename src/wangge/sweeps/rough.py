"""Sums of answers for whoever may see rounds and reads no residents: rounded down, so that no number
and no difference of two numbers is about one household.

Cells of fewer than five, and differences between what is shown and its total, are what tells on a
person in a table (个人信息保护法第五十一条 asks for de-identification; the usual rule of statistical
offices is a threshold of three to ten, and rounding against subtraction).
"""

from wangge.kernel.i18n import Locale, translate

#: Numbers are shown in steps of so many.
STEP = 5
#: Fewer doors than this with an answer are not broken down at all.
LEAST = 20


def rough(number: int, locale: Locale) -> str:
    """0, 不到 5, 约 15."""
    if number == 0:
        return "0"
    if number < STEP:
        return translate(locale, "不到 {n}", n=STEP)
    return translate(locale, "约 {n}", n=number // STEP * STEP)
