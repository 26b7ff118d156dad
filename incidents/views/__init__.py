"""The incident pages: list, one incident, assessment, levels and approvals."""
