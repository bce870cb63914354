"""The pure core: what a leaderboard is, what happened to it, and who wants to know.

Nothing here reads a clock, a file, the network, the environment or a source of randomness:
``now``, ids and jitter come in as arguments.
"""
