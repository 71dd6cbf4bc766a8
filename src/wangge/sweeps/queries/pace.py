"""The pace of a block, as it is at another moment."""

from typing import LiteralString

#: Doors a second of a block `b` as of `:now`, faded since its last report by exp(-t / `:pace`); none
#: after a quarter of a day, before the number gets too small to be one.
FADED: LiteralString = """
               case when b.last_at is null or b.rate < 1e-12 then 0::double precision
                    else b.rate * exp(-least(90, greatest(0, extract(epoch from
                         :now - b.last_at))::double precision / :pace)) end
"""
