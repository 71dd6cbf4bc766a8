"""What a district decides about its maps; the wall and the map page of command use it too."""

from wangge.kernel.settings import setting

TILE_URL = setting(
    "command.tile_url",
    "",
    "底图瓦片地址,例如 https://tiles.example.cn/{z}/{x}/{y}.png;空着就只画网格边界,不需要外网。"
    "启动时还要用环境变量 WANGGE_TILE_ORIGINS 允许这个来源。",
)
