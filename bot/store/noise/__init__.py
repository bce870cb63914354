"""What keeps noise down: what is held back from channels, and how much of it."""
