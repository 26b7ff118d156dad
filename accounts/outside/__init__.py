"""Calls to the outside: only to whom we may call, never to a second address, never longer than said."""
