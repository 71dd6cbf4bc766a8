"""How long a case may wait in a state that is not the class's own: settings of the district."""

from wangge.cases.model import Limits
from wangge.kernel.retention import days
from wangge.kernel.settings import Decided, setting
from wangge.kernel.worktime import Span, TimerKind

ACCEPT_URGENT = setting("cases.accept_urgent_minutes", 30, "紧急事件几分钟内受理")
ACCEPT_OTHER = setting("cases.accept_work_hours", 4, "一般事件几个工作时内受理")
VERIFY = setting("cases.verify_hours", 24, "核实(立案前)几小时内答复")
DISPATCH = setting("cases.dispatch_minutes", 30, "立案后几分钟内派遣")
DECIDE = setting("cases.decide_work_hours", 4, "延期申请几个工作时内答复")
INSPECT = setting("cases.inspect_hours", 2, "核查(结案前)几小时内完成")
DUPLICATE_METRES = setting("cases.duplicate_metres", 50, "重复提示:多少米以内")
DUPLICATE_HOURS = setting("cases.duplicate_hours", 24, "重复提示:多少小时以内")
JOINT_RETURNS = setting("cases.joint_after_returns", 3, "第几次退回后转疑难会商")
APPEAL_DAYS = setting("cases.appeal_days", 5, "考核记录产生后几个工作日内可以申诉")
APPEAL_STEP_DAYS = setting("cases.appeal_step_days", 2, "申诉每一级几个工作日内审完")
CONTACT_DAYS = setting("cases.contact_days", 30, "结案几天后删除来电人联系方式", check=days)
#: domain.md §12.4: ordinary events 3 years, then de-identified.
CASE_DAYS = setting(
    "cases.keep_days", 1095, "结案几天后去掉事件的文字、位置和照片(只留统计)", check=days
)
#: domain.md §12.4: what was collected under a response, 30 days after it.
RESPONSE_DAYS = setting(
    "cases.response_keep_days",
    30,
    "应急响应结束几天后去掉响应事件的文字、位置和照片",
    check=days,
)


def minutes(value: int) -> Span:
    """So many minutes on the clock."""
    return Span.of(f"{value}/60", TimerKind.URGENT_HOUR)


def limits(decided: Decided) -> Limits:
    """The spans a district has decided on; the defaults are domain.md §5.2's."""
    return Limits(
        accept_urgent=minutes(decided(ACCEPT_URGENT)),
        accept_other=Span.of(decided(ACCEPT_OTHER), TimerKind.WORK_HOUR),
        verify=Span.of(decided(VERIFY), TimerKind.URGENT_HOUR),
        dispatch=minutes(decided(DISPATCH)),
        decide=Span.of(decided(DECIDE), TimerKind.WORK_HOUR),
        inspect=Span.of(decided(INSPECT), TimerKind.URGENT_HOUR),
        close=Span.of(decided(INSPECT), TimerKind.URGENT_HOUR),
    )
