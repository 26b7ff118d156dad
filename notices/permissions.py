"""Who may do what with channels, routes and the ledger. The one table of this app; one's own notices need no row."""

from accounts.may import Table, asking, holds
from accounts.roles import Role

RUNS_IT = holds(Role.SYSTEM_ADMIN)

MAY: Table = {
    "see_channels": [holds(Role.SYSTEM_ADMIN, Role.AUDITOR)],
    "edit_channels": [RUNS_IT],
    "see_ledger": [holds(Role.SYSTEM_ADMIN, Role.AUDITOR)],
}

may, require = asking(MAY)
