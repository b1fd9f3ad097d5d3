"""Problems for programs: to read."""
