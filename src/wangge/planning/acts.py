"""What may be done with the division into micro-grids, and by whom: the office of the community, and
those above it. Counts of a stairwell are shown, never who is behind a door."""

from wangge.kernel.actors import Role, act

_OFFICES = (Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER)

READ = act("planning.read", "查看微网格的工作量和方案", *_OFFICES)
#: Ask for a proposal, change it by hand, say who heads a micro-grid.
PROPOSE = act("planning.propose", "提出和修改微网格方案", *_OFFICES)
#: Make it true, and take it back.
DECIDE = act("planning.decide", "采纳和撤销微网格方案", *_OFFICES)
