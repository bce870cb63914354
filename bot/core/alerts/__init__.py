"""From events to what a channel is told: who wants to know, and the stored body."""
