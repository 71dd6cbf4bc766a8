"""Which column is what: headings, contents, and what was decided the last time."""
