"""The demonstration: an invented town (`town`), its loader (`loading.load`), and a simulation that
keeps it alive (`simulate`), through the public HTTP API only.

Loading goes by the same loaders that imports use; it can be stopped at any moment and goes on
where it was. Nothing is imported here, as `town` is pure and shall stay cheap to import.
"""
