"""Measured comparisons with peers. Each script writes its results down with the command that made them."""
