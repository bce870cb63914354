"""What is told of the program itself: that it fails, that it is well, that it lives."""
