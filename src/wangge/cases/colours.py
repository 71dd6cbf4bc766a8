"""The colour of one case on a map: how much help its work needs (domain.md §7.2, preset A)."""

from datetime import datetime, timedelta

#: An urgent case waiting for somebody this long is orange.
WAITING = timedelta(minutes=30)
LONG = timedelta(hours=24)


def case_colour(
    state: str,
    state_at: datetime,
    due_at: datetime | None,
    urgent: bool,
    reworks: int,
    now: datetime,
) -> str:
    """green, blue, yellow, orange or red, by the share of its time used and what is overdue."""
    late = due_at is not None and now > due_at
    if reworks >= 2 or (late and urgent) or (due_at is not None and now > due_at + LONG):
        return "red"
    if late or (urgent and state == "dispatched" and now > state_at + WAITING):
        return "orange"
    if due_at is None or due_at <= state_at:
        return "green"
    used = (now - state_at) / (due_at - state_at)
    if used >= 0.75:
        return "yellow"
    return "blue" if used >= 0.5 else "green"
