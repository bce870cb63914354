"""What operators ask: how the program itself is doing."""
