"""Before and after: reviews, the case library, training, drills, budget."""
