"""Rosters: a lead draws the posts, hours and skills of an area, gets a proposal, changes it by hand, and
publishes it; then its entries are stints, which the guard has passed. A proposal until somebody does."""
