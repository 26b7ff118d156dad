"""What machines push to us and read back."""
