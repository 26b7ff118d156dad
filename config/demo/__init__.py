"""The demo company 晴野茶饮: invented, ours, in a database of its own. Its crisis unfolds through the real poller."""
