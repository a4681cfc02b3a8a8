"""The single letters that stand for provinces, as on number plates."""

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["LETTERS"]

LETTERS: Final[Mapping[str, str]] = {
    pair[0]: f"{pair[1:]}0000"
    for pair in re.split(
        " ",
        "京11 津12 冀13 晋14 蒙15 辽21 吉22 黑23 沪31 苏32 浙33 皖34 闽35 赣36 鲁37 豫41 鄂42 湘43 "
        "粤44 桂45 琼46 渝50 川51 蜀51 贵52 黔52 云53 滇53 藏54 陕61 秦61 甘62 陇62 青63 宁64 新65",
    )
}
"""Codes of provinces by their letters; some have two."""
