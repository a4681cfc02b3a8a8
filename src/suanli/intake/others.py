"""Names of what is no unit: totals, regions, zones; and what may stand in brackets behind one."""

import re
from typing import Final

__all__ = ["DISTRICTS", "HARMLESS", "INCLUDES", "SHARES", "TOTALS", "ZONES"]

TOTALS: Final = re.compile(
    r"(?:.*(?:合计|总计|小计|平均|均值|中位数)|总数|标准差|方差|变异系数|极差|最大值|最小值|"
    r"(?:东|中|西)部\d{1,2}个?省.*|(?:全国|合计|总计)(?:[/|]?(?:nationaltotal|total|national|china))?|全省|全市|全区|全州|全国总计|中国|大陆|其他|其它|.*本级|市辖区|市区|城区|县域|"
    r"(?:省|自治区)直(?:辖|管).*|(?:华北|华东|华中|华南|西南|西北)(?:地区|区域|六?五?四?三?省.*)?|"
    r"(?:东部|中部|西部|东北)(?:地区|省份|合计)?|东中西部|长三角(?:地区)?|京津冀(?:地区)?|珠三角(?:地区)?|"
    r"长江经济带|黄河流域|粤港澳大湾区|成渝(?:地区)?|total|average|mean|sum|national|nationwide|china)"
)
ZONES: Final = re.compile(
    r"雄安|贵安|西咸|两江|.*(?:新区|集群|开发区|高新区|示范区|经开区|自贸区|枢纽|节点|兵团)"
)
# Numbers of footnotes and kinds of units; anything else may be a part, a year or a quantity.
HARMLESS: Final = re.compile(
    r"\W*|[\d①-⑳]{1,2}|注\d?|省|市|自治区|直辖市|特别行政区|自治州|地区|盟|全市|全省|全域"
    r"|地级市?|副省级(?:城)?市?|计划单列市|省会(?:城市)?"
)
INCLUDES: Final = ("含", "包括", "不含", "不包括", "包含")
DISTRICTS: Final = frozenset({"市辖区", "辖区", "县", "市县", "郊县"})
# Chongqing has districts and counties: either is a part of it.
SHARES: Final = frozenset(("500000", name) for name in ("市辖区", "辖区", "县", "郊县"))
