"""A simulated Net-Entreprises: an independent, strict server for demos and tests.

It shares no code with the adapter. It follows the published protocol, keeps a ledger of what really
arrived, and can be told to misbehave.
"""
