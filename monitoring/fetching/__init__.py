"""Going out: to a feed or a mailbox of a stranger, within a time, a size, and only where we may go."""
