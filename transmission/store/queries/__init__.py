"""The read side: what the console shows of the register. Nothing here writes.

Every function takes an open connection and gives frozen records; instants are aware UTC. Lists
are bounded and paged by key.
"""
