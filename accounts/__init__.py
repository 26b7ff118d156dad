"""People: who works at the desk, in which role, who stands in for whom, and the exercise a row belongs to."""
