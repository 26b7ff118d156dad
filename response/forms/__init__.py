"""What people type: each form carries the version of the row it was made from where the row can be changed by two."""
