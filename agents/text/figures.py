"""Figures that are no decimal digits: Chinese ones and fractions of one letter, by Unicode's numeric values."""

from __future__ import annotations

import re
import unicodedata

FRACTION = re.compile("(?:(\\d+) ?)?([¼-¾⅐-⅞])")
RAISED = re.compile("[²³¹⁰-₟]")  # "m²" is no 2
FIGURES = "〇零一二两兩三四五六七八九十百千万萬亿億兆"
TENS = "十百千万萬亿億兆"
HAN = re.compile(
    rf"百分之([{FIGURES}]+)|(?<![\d.,])\d+[{TENS}][\d{FIGURES}]+|[{FIGURES}]{{2,}}"
    rf"|[{FIGURES}](?=[年月日号號时時点點岁歳天个個人名次倍章つ])"
)
"""A share, figures of both kinds ("4億2000万"), Chinese ones alone, or a single one in front of what it counts."""


def fraction(match: re.Match[str]) -> str:
    """A number with a fraction of one letter as a decimal: "2½" is 2.5."""
    return str(int(match[1] or 0) + round(unicodedata.numeric(match[2]), 3))


def han_figures(match: re.Match[str]) -> str:
    """A number of Chinese figures in ours; as it stands where it is none ("万一", "in case")."""
    total = section = figure = 0
    for letter in re.findall(r"\d+|.", match[1] or match[0]):
        value = 2 if letter == "两" else 0 if letter.isdecimal() else int(unicodedata.numeric(letter))
        if letter.isdecimal():
            figure = int(letter)
        elif value < 10:
            figure = figure * 10 + value
        elif value < 10_000:
            section, figure = section + (figure or 1) * value, 0
        elif section + figure and total >= value:  # 四億二千万
            total, section, figure = total + (section + figure) * value, 0, 0
        elif section + figure or total:  # 一万二千亿
            total, section, figure = (total + section + figure) * value, 0, 0
        else:
            return match[0]
    return f"{total + section + figure}" + ("%" if match[1] else "")
