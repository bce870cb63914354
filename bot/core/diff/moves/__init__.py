"""Why rows moved: which other rows passed them, came above them or left a place above them."""
