"""What keeps ``run`` going: ticks, threads, signals, the heartbeat. Nothing of leaderboards."""
