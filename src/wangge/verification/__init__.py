"""Verification: a list of people held against the register, row by row and link by link.

A list has a purpose, somebody who asked for it and a day on which it is deleted. Each row ends
confirmed, mended by a named person, or open with the question to ask; nothing here accuses anybody.
"""
