"""What the company does about it: plan, tasks, facts, statements and releases."""
