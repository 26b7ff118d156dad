"""Rendering a stranger's page: a headless Chromium that can only reach addresses we let ourselves be sent to."""
