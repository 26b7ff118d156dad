"""People: who works at the desk, in which department and role, who stands in for whom, and the exercise a row belongs to."""
