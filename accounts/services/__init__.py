"""The acts on people, roles and authority."""


class Refused(Exception):
    """The act cannot be done as things stand. The message is a sentence for whoever tried; nothing was changed."""
