"""The pages of this app: parse through a form, call one act, answer."""
