"""The transport `hand-over`: files are laid ready in a folder for a person who deposits them, and
what the portal answered is read from a folder beside them. It works where no line is known, or
while the line is down.
"""
