"""An app for a worker that is to be killed: it stops where the environment says, and leaves a mark that it is there."""
