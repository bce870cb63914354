"""What the program does again and again: a file for each job, each a stranger to the others."""
