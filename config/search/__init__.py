"""One box over everything that is kept here: posts, incidents, statements."""
