"""When things are done: boards polled, channels told, and the times of a cron line."""
