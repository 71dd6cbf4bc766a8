"""Web: one ASGI app over all rooms; who asks, what leaves, and nothing the rooms decide."""
