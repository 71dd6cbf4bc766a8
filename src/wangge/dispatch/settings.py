"""What a district decides about asking, climbing and telling."""

from wangge.dispatch.sending import check_sms_url, check_template, check_url
from wangge.kernel.refusals import Invalid
from wangge.kernel.settings import Setting, setting

CLIMB_HOURS = setting(
    "dispatch.climb_hours", 4, "超时后每隔几小时再升一级(网格→社区→街道→区县)"
)
ROOM_MINUTES = setting("dispatch.room_minutes", 15, "指挥室几分钟内答复")
WEBHOOK_URL = setting(
    "dispatch.webhook_url",
    "",
    "派单提醒:群机器人地址(不含个人信息);留空不发",
    check=check_url,
)
WEBHOOK_BODY = setting(
    "dispatch.webhook_body",
    '{"msgtype": "text", "text": {"content": "{text}"}}',
    "派单提醒:群机器人内容模板,{text} 处填提醒语",
    check=check_template,
)
GATHER_SECONDS = setting("dispatch.gather_seconds", 10, "派单提醒:攒几秒合成一条")
SMS_URL = setting(
    "dispatch.sms_url",
    "",
    "派单短信:网关地址模板,含 {phone} 和 {text};留空不发",
    check=check_sms_url,
)
SMS_BODY = setting(
    "dispatch.sms_body",
    "",
    "派单短信:网关用 POST 时的内容模板,含 {phone} 和 {text};留空用 GET",
)
SMS_MINUTES = setting(
    "dispatch.sms_minutes", 5, "派单短信:同一个人至少隔几分钟(紧急的隔一分钟)"
)


def _minutes(key: str, words: str, default: int) -> Setting[int]:
    def check(value: int) -> None:
        if not 1 <= value <= MINUTES_MAX:
            raise Invalid.of(key, "请填 1 到 {most} 分钟。", most=MINUTES_MAX)

    return setting(key, default, words, check=check)


#: A day.
MINUTES_MAX = 1440
TASK_MINUTES = _minutes(
    "dispatch.task_minutes", "派单时,手上没办完的一件事按几分钟算(排队)", 20
)
WAIT_MINUTES = _minutes(
    "dispatch.wait_minutes", "近处的人要过几分钟以上才有空,才改派远一些、能早到的人", 60
)
WAIT_URGENT_MINUTES = _minutes(
    "dispatch.wait_urgent_minutes", "紧急事件:近处的人要过几分钟以上才有空,就改派能早到的人", 15
)
