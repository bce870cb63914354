"""The page that shows what the daemon knows: only GET, only what ``views`` return."""
