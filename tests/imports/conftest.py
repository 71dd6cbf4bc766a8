"""What tests of the register import share."""

from importing import *  # noqa: F403
