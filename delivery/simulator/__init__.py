"""A municipal credit platform to deliver to: a program of its own, with its own store and its own verifier.

Run as `python -m delivery.simulator`. It imports nothing of the product but the published contract, so that
what the county's client believes about signatures, digests and records is checked by other code. It is built
for demonstrations and tests, yet keeps the promises of the contract as a real platform would: whatever it has
answered for is committed to disk first.
"""
