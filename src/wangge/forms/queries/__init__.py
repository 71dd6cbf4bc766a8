"""Every SQL statement of the room, by what it is for, but those of the freshness overview (`fresh.py`)."""
