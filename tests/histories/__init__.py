"""Replays the history of public leaderboards, as git has them, through the real program.

The histories are not kept here: clone one, and name its folder.
"""
