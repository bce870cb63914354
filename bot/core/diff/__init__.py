"""What happened to a board between two answers of the Hub."""
