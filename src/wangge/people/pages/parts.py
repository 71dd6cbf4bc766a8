"""What every page of this room needs."""

#: Rows of one screen.
ROWS = 50
