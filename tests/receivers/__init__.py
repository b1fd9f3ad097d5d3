"""Other people's servers, as real processes of this machine."""
