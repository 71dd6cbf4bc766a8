"""Every SQL statement of the room, by what it is about."""
