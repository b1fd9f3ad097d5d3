"""The arithmetic of promises: working time (`hours`) and the clock that counts it (`ledger`); pure, no Django in it."""
