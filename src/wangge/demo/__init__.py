"""Demo: an invented town to show, measure and test wangge with."""
