"""The pages of notices: the inbox, 收到, one's own channels, the administrator's channels, the ledger."""
