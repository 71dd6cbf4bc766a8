"""What may be done with reports. What leaves with people's data in it leaves by exports, which have
acts of their own."""

from wangge.kernel.actors import Role, act

_OFFICES = (Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER)

READ = act(
    "reports.read",
    "查看报表",
    *_OFFICES,
    Role.GRID_HEAD,
    Role.LINKED_LEADER,
    Role.SHIFT_SUPERVISOR,
    Role.DEPARTMENT_STAFF,
    Role.DATA_PROTECTION,
    Role.AUDIT_ADMIN,
)
#: Make a table and fill forms with it.
RUN = act("reports.run", "出表", *_OFFICES, Role.GRID_HEAD)
#: Write down a report, change its columns, its schedule and its template.
CHANGE = act("reports.change", "建立和修改报表", *_OFFICES)
