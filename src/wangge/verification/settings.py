"""Settings of verification."""

from wangge.kernel.retention import at_least, days
from wangge.kernel.settings import setting

KEEP_MOST = setting("verification.keep_most_days", 60, "核对用的名单最多保留几天", check=days)
AFTER_DAYS = setting(
    "verification.after_days", 1, "名单到了写明的删除日期,几天内删完内容", check=days
)
OPENS = setting(
    "verification.opens_per_hour", 90, "每人每小时最多打开核对名单的几行(打电话核实用)"
)
RECORD_DAYS = setting(
    "verification.record_days",
    1095,
    "核对过名单的记录(谁、为什么、几行,不含内容)保留几天",
    check=at_least(1095),
)
LOOK_DAYS = setting(
    "verification.look_days", 1095, "谁打开过名单哪一行的记录保留几天", check=days
)
