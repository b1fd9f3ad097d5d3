"""Real servers out of Python wheels, and the supervisor that starts, watches and stops them.

Nothing here imports Django: these processes exist before it and outlive it.
"""
