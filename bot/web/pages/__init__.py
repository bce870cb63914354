"""What each path answers, a module a page; each takes what was asked and returns the answer."""
