"""Field: the phone app. Its screens are browser modules (static/field); here are its shell, the
worker that keeps it on the phone, and the bundle it works from without a network."""
