"""Readers of the documents that platforms publish: one module for each family of reports."""
