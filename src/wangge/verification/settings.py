"""Settings of verification."""

from wangge.kernel.retention import days
from wangge.kernel.settings import setting

KEEP_MOST = setting("verification.keep_most_days", 60, "核对用的名单最多保留几天", check=days)
AFTER_DAYS = setting(
    "verification.after_days", 1, "名单到了写明的删除日期,几天内删完内容", check=days
)
LOOK_DAYS = setting(
    "verification.look_days", 1095, "谁打开过名单哪一行的记录保留几天", check=days
)
