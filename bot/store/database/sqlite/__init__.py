"""SQLite: the file and its place, its connections, and waiting for what others hold of it."""
