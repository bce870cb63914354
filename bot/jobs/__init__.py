"""What the program does again and again: a file for each verb; ``round`` puts them together."""
