"""The pages of listening, one file a noun."""
