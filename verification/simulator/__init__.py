"""A population database's service to ask: a program of its own, with its own register and its own verifier.

Run as `python -m verification.simulator`. It stands on the simulator of the municipal platform and imports nothing of
the product but the published contracts. It keeps the ids of questions and their results, never a name or number.
"""
