"""What is wrong with a configuration, as people are told: place, line, mark and remedy."""
