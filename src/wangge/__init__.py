"""wangge (网格): every door is reached, every need is answered, everyone's work is seen in time."""

__version__ = "0.1.0"
