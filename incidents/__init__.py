"""An incident from opening to archive: its stage and level, who decided what, and the timeline that proves it."""
