"""A simulated SOFiE: a home with a batch program, and the other side that receives and answers.

Shares no code with the adapter. The program itself uses the standard library only, so that a run
takes no longer than it must.
"""
