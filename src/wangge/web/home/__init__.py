"""Home: what a resident sees. No account, no script, nobody's data; a number to ask by."""
