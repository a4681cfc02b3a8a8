"""Where the frame of a national map lies, and what it must show.

The points follow the published rules on maps for the public (公开地图内容表示规范, Ministry of
Natural Resources, 2023): the extremes of the land, the islands of the South China Sea, 钓鱼岛.
"""

from geo.cartography.spec import MapRules

__all__ = [
    "CHINA_FRAME",
    "CHINA_MUST_SHOW",
    "CHINA_RULES",
    "SOUTH_CHINA_SEA",
    "SOUTH_CHINA_SEA_PLACES",
]

#: West, south, east, north of the main frame in metres of the Albers projection. The south edge
#: lies below the southern tip of Hainan; the east leaves room for an inset clear of Taiwan.
CHINA_FRAME = (-2_800_000.0, 1_700_000.0, 3_040_000.0, 6_040_000.0)

#: West, south, east, north of the inset in degrees, from 曾母暗沙 to the south of the mainland.
SOUTH_CHINA_SEA = (106.3, 1.3, 122.6, 23.6)

#: Where the names of the island groups fit inside the inset: longitude, latitude of the centre.
SOUTH_CHINA_SEA_PLACES = {
    "dongsha": (116.6, 21.7),
    "xisha": (113.2, 17.8),
    "zhongsha": (114.7, 14.4),
    "huangyan": (117.4, 16.2),
    "nansha": (111.9, 10.6),
    "zengmu": (114.7, 4.0),
}

#: Points (longitude, latitude) that a national map must contain.
CHINA_MUST_SHOW = (
    (135.08, 48.45),  # the Heilongjiang-Ussuri confluence, easternmost
    (73.50, 39.30),  # the Pamir, westernmost
    (123.30, 53.55),  # the Heilongjiang at Mohe, northernmost
    (109.53, 18.16),  # the southern tip of Hainan island
    (121.00, 23.70),  # Taiwan
    (123.47, 25.74),  # Diaoyu Dao
    (124.56, 25.92),  # Chiwei Yu
    (116.72, 20.70),  # Dongsha
    (112.34, 16.83),  # Xisha (Yongxing)
    (117.76, 15.15),  # Huangyan Dao
    (114.30, 10.40),  # Nansha
    (112.28, 3.97),  # Zengmu Ansha, southernmost
)

# The middle of each dash of the South China Sea, as the shipped lines have them.
_DASHES = (
    (109.65, 15.72),
    (110.28, 11.72),
    (108.21, 6.54),
    (112.34, 3.53),
    (115.89, 7.57),
    (118.80, 11.43),
    (119.06, 15.52),
    (119.71, 18.52),
    (121.54, 21.26),
)

#: What a national map must show, inside its main frame, and leave free of letters.
CHINA_RULES = MapRules(
    must_show=CHINA_MUST_SHOW,
    # North of the southern tip of Hainan an inset is no substitute for the map itself.
    must_frame=tuple(place for place in CHINA_MUST_SHOW if place[1] >= 18.0),  # noqa: PLR2004
    must_pass=_DASHES,
    keep_clear=CHINA_MUST_SHOW[3:],
    must_note=True,
)
