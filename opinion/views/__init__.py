"""The pages of listening and understanding, one file each."""
