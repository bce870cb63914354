"""What is made to be shown elsewhere: feeds for readers, badges for other pages."""
