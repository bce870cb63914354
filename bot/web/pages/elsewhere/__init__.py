"""What is shown elsewhere: in readers of feeds, in frames and as pictures of other pages."""
