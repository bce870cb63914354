"""What several events come to."""
