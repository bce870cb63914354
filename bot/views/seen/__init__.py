"""What the page shows: the same data as elsewhere, as much of it as a page has."""
