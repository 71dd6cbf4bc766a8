"""Planning: micro-grids on the map, which is unfair and why, proposals that a person decides."""
