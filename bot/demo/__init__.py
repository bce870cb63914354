"""The demo: a sample Hub on loopback, some weeks of sample leaderboards, and their replay."""
