"""What is said of events, rows and failures, in spans that every form can show."""
