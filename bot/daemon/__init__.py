"""What keeps ``run`` going: ticks, threads, signals, the heartbeat, the names of processes."""
