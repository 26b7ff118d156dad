"""What is said about us: sources, watches, posts, sentiment, reposts, topics, trends."""
