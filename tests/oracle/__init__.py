"""A second reading of what counts as a change, made in the plainest way, to check the first.

Nothing of ``bot`` is used to work out what happened: rows are compared one with every other.
"""
